using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FedLab.Data.Connectors;

/// <summary>A table or query of an SQLite file, which is opened for reading only.</summary>
public sealed class SqliteConnector : ITableConnector
{
    private readonly string _path;
    private readonly TableSelection _selection;
    private readonly TimeSpan _timeout;

    /// <summary>A connector; nothing is opened yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="selection">A table or a query.</param>
    /// <param name="timeout">How long to wait for a program that writes the file; a second at least.</param>
    /// <exception cref="ArgumentException">Neither a table nor a query is named, or both, or a name is none.</exception>
    public SqliteConnector(string path, TableSelection selection, TimeSpan timeout)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        selection.Check(nameof(selection));
        (_path, _selection, _timeout) = (Path.GetFullPath(path), selection, timeout);
        Name = $"{path} ({selection.ShownName})";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public RowNumbering Numbering => RowNumbering.Rows;

    /// <inheritdoc/>
    public ValueTask<ITableReader> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Directory.Exists(_path)) throw new DataFormatException(Messages.FileIsFolder(_path));
        if (!File.Exists(_path)) throw new DataFormatException(Messages.FileMissing(_path));
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadOnly,
            Cache = SqliteCacheMode.Private,
            Pooling = false,
            // Whole seconds, of which the driver takes none for any time.
            DefaultTimeout = (int)Math.Max(1, Math.Ceiling(_timeout.TotalSeconds)),
        }.ConnectionString);
        try
        {
            connection.Open();
            if (_selection.Table is not null) CheckTable(connection);
            return ValueTask.FromResult<ITableReader>(new SqliteTableReader(connection, _selection, Name, cancellationToken));
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw Describe(e, Name);
        }
        catch (DataFormatException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What an error of SQLite means to whoever configured the source.</summary>
    internal static DataFormatException Describe(SqliteException e, string source) => new(
        e.SqliteErrorCode switch
        {
            raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => Messages.SqliteDamaged(source),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Messages.SqliteBusy(source),
            raw.SQLITE_READONLY => Messages.QueryWrites(source),
            raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH or raw.SQLITE_IOERR => Messages.SqliteUnreadable(source, e.Message),
            _ => Messages.QueryFailed(source, e.Message),
        },
        e);

    private void CheckTable(SqliteConnection connection)
    {
        var schema = _selection.Schema is null ? "" : TableSelection.Quote(_selection.Schema) + ".";
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM {schema}sqlite_master WHERE type IN ('table', 'view') ORDER BY name";
        List<string> names = [];
        using var reader = command.ExecuteReader();
        while (reader.Read()) names.Add(reader.GetString(0));
        if (names.Contains(_selection.Table!, StringComparer.OrdinalIgnoreCase)) return;
        throw new DataFormatException(Messages.TableMissingAmong(Name, _selection.Table!, names));
    }
}
