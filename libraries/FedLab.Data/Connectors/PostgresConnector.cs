using Npgsql;

namespace FedLab.Data.Connectors;

/// <summary>
/// A table or query of a PostgreSQL server, read in one read-only transaction that sees a single state of the database. The rows come as
/// a binary COPY: the server sends them as it finds them, neither side holds more than some buffers, and values arrive as they are stored.
/// </summary>
public sealed class PostgresConnector : ITableConnector
{
    private const int ReadBufferBytes = 1 << 16;

    /// <summary>How much longer than the server this side waits before it takes the server for dead.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly PostgresOptions _options;

    /// <summary>A connector; nothing is opened yet.</summary>
    /// <param name="options">Server and table.</param>
    /// <exception cref="ArgumentException">Neither a table nor a query is named, or both, or a name is none.</exception>
    public PostgresConnector(PostgresOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Selection.Check(nameof(options));
        _options = options;
        Name = $"{options.Selection.ShownName} ({options.Server.Database}, {options.Server.Host}:{options.Server.Port})";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public RowNumbering Numbering => RowNumbering.Rows;

    /// <inheritdoc/>
    public async ValueTask<ITableReader> OpenAsync(CancellationToken cancellationToken)
    {
        var errors = new PostgresErrors(_options, Name);
        NpgsqlDataSource? server = null;
        NpgsqlConnection? connection = null;
        try
        {
            // Of its own each time: connections by a string alone share a memory of the server's types, in which one made since is missing.
            server = NpgsqlDataSource.Create(ConnectionString());
            connection = await server.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
            var columns = await DescribeAsync(connection, cancellationToken).ConfigureAwait(false);
            _options.Selection.CheckOrder([.. columns.Select(column => column.Source)], Name);
            return new PostgresTableReader(server, connection, _options.Selection, columns, Name, errors, gathers: !Path.IsPathRooted(_options.Server.Host));
        }
        catch (Exception e)
        {
            if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            if (server is not null) await server.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (errors.Describe(e, rows: 0) is not { } described) throw;
            throw described;
        }
    }

    private string ConnectionString()
    {
        var settings = _options.Server.ToConnectionSettings();
        settings.CommandTimeout = _options.StatementTimeout == TimeSpan.Zero ? 0 : (int)(_options.StatementTimeout + Grace).TotalSeconds;
        settings.Pooling = false;
        settings.ReadBufferSize = ReadBufferBytes;
        return settings.ConnectionString;
    }

    /// <summary>
    /// Opens the transaction. Large tables are otherwise read from wherever another reader happens to be, or by several workers at once:
    /// without that the order of the rows, and so the content hash, stays the same as long as the table does.
    /// </summary>
    private async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        string[] statements =
        [
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            FormattableString.Invariant($"SET LOCAL statement_timeout = {(long)_options.StatementTimeout.TotalMilliseconds}"),
            "SET LOCAL synchronize_seqscans = off",
            "SET LOCAL max_parallel_workers_per_gather = 0",
        ];
        foreach (var statement in statements)
        {
            using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The columns; nothing is run. A batch sends its text as it stands, so that a second statement behind a semicolon is refused by the server.</summary>
    private async Task<PostgresColumn[]> DescribeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(_options.Selection.Query ?? $"SELECT * FROM {_options.Selection.QuotedTable}"));
            var reader = await batch.ExecuteReaderAsync(System.Data.CommandBehavior.SchemaOnly, cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (reader.FieldCount == 0) throw new DataFormatException(Messages.QueryGivesNoColumns(Name));
                return [.. Enumerable.Range(0, reader.FieldCount).Select(i => PostgresColumn.Of(reader.GetName(i), reader.GetDataTypeOID(i), reader.GetPostgresType(i), reader.GetDataTypeName(i)))];
            }
        }
    }
}
