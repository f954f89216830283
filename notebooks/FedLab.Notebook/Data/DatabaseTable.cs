using System.Data;
using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace FedLab.Notebook.Data;

/// <summary>What <see cref="DataFrame.SaveTo"/> does if there is a table of the name.</summary>
public enum TableMode
{
    /// <summary>Refuse, and leave it as it is.</summary>
    Create,

    /// <summary>Put this one in its place.</summary>
    Replace,

    /// <summary>Add the rows to it.</summary>
    Append,
}

/// <summary>A frame on its way into a table.</summary>
internal sealed class DatabaseTable(DbConnection connection, string table, DataFrame frame)
{
    public async Task WriteAsync(TableMode mode, CancellationToken cancellationToken)
    {
        try
        {
            if (connection.State != ConnectionState.Open) await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                if (mode == TableMode.Replace) await ExecuteAsync(transaction, $"DROP TABLE IF EXISTS {Quote(table)}", cancellationToken).ConfigureAwait(false);
                if (mode != TableMode.Append) await ExecuteAsync(transaction, CreateTable(), cancellationToken).ConfigureAwait(false);
                if (connection is NpgsqlConnection postgres) await CopyAsync(postgres, cancellationToken).ConfigureAwait(false);
                else await InsertAsync(transaction, cancellationToken).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (DbException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw FrameMessages.TableNotWritten(table, e);
        }
    }

    private static string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private string CreateTable() => $"CREATE TABLE {Quote(table)} ({string.Join(", ", frame.Columns.Select(column => $"{Quote(column.Name)} {TypeOf(column)}"))})";

    private static string TypeOf(DataFrameColumn column) => column switch
    {
        DoubleDataFrameColumn => "double precision",
        BooleanDataFrameColumn => "boolean",
        _ => "text",
    };

    private async Task ExecuteAsync(DbTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        var command = CreateCommand(transaction, sql);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private DbCommand CreateCommand(DbTransaction transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // identifiers are quoted, values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private async Task InsertAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", frame.Columns.Select(column => Quote(column.Name)));
        var places = string.Join(", ", Enumerable.Range(0, frame.Columns.Count).Select(i => $"@p{i}"));
        var command = CreateCommand(transaction, $"INSERT INTO {Quote(table)} ({names}) VALUES ({places})");
        await using (command.ConfigureAwait(false))
        {
            for (var i = 0; i < frame.Columns.Count; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@p{i}";
                parameter.DbType = frame.Columns[i] switch
                {
                    DoubleDataFrameColumn => DbType.Double,
                    BooleanDataFrameColumn => DbType.Boolean,
                    _ => DbType.String,
                };
                command.Parameters.Add(parameter);
            }

            await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
            for (var row = 0; row < frame.RowCount; row++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var i = 0; i < frame.Columns.Count; i++) command.Parameters[i].Value = frame.Columns[i].ValueAt(row).ToObject() ?? DBNull.Value;
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task CopyAsync(NpgsqlConnection postgres, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", frame.Columns.Select(column => Quote(column.Name)));
        var types = frame.Columns.Select(column => column switch
        {
            DoubleDataFrameColumn => NpgsqlDbType.Double,
            BooleanDataFrameColumn => NpgsqlDbType.Boolean,
            _ => NpgsqlDbType.Text,
        }).ToArray();
        var import = await postgres.BeginBinaryImportAsync($"COPY {Quote(table)} ({names}) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using (import.ConfigureAwait(false))
        {
            for (var row = 0; row < frame.RowCount; row++)
            {
                await import.StartRowAsync(cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < types.Length; i++)
                {
                    if (frame.Columns[i].ValueAt(row).ToObject() is { } value) await import.WriteAsync(value, types[i], cancellationToken).ConfigureAwait(false);
                    else await import.WriteNullAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            await import.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
