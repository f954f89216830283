using FedLab.Data;
using FedLab.Data.Connectors;
using FedLab.Data.Tests.Connectors;
using FedLab.Notebook.Data;
using FedLab.Postgres;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FedLab.Notebook.Tests.Data;

public sealed class DatabaseTests(PostgresServer postgres) : FrameFolder
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DataFrame Frame => new(
        DataFrameColumn.Create("key", ["007", "企业 \"x\"", null]), DataFrameColumn.Create("Value x", [0.1, double.NaN, 1e300]), DataFrameColumn.Create("flag", [true, null, false]));

    [Fact]
    public async Task SQLite_gives_back_what_was_saved()
    {
        await using (var connection = new SqliteConnection($"Data Source={At("a.db")};Pooling=False"))
        {
            await Frame.SaveTo(connection, "my \"table\"", cancellationToken: Cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "select * from \"my \"\"table\"\"\"";
            await using var reader = await command.ExecuteReaderAsync(Cancellation);
            FrameGenerator.AssertEqual(Frame, Numbers(await DataFrame.LoadFrom(reader, Cancellation)));
        }

        FrameGenerator.AssertEqual(Frame, await DataFrame.LoadSqlite(At("a.db"), "my \"table\"", Cancellation));
        Assert.Equal(["007"], Assert.IsType<StringDataFrameColumn>((await DataFrame.LoadSqlite(At("a.db"), "select key from \"my \"\"table\"\"\" where flag", Cancellation))["key"]));
        using var english = new Language("en");
        Assert.Contains("my", (await Assert.ThrowsAsync<DataFormatException>(() => DataFrame.LoadSqlite(At("a.db"), "mine", Cancellation))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_is_made_replaced_or_added_to_whole_or_not_at_all()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await Frame.SaveTo(connection, "t", cancellationToken: Cancellation);
        await Assert.ThrowsAsync<FrameException>(() => Frame.SaveTo(connection, "t", cancellationToken: Cancellation));
        await Assert.ThrowsAsync<FrameException>(() => Frame.Rename("key", "nokey").SaveTo(connection, "t", TableMode.Append, Cancellation));
        Assert.Equal(3L, await CountAsync());
        await Frame.SaveTo(connection, "t", TableMode.Append, Cancellation);
        Assert.Equal(6L, await CountAsync());
        await Frame.Head(1).SaveTo(connection, "t", TableMode.Replace, Cancellation);
        Assert.Equal(1L, await CountAsync());
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Frame.SaveTo(connection, "t", TableMode.Replace, stopped.Token));
        Assert.Equal(1L, await CountAsync());

        async Task<object?> CountAsync()
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "select count(*) from t";
            return await command.ExecuteScalarAsync(Cancellation);
        }
    }

    [Fact]
    public async Task PostgreSQL_gives_back_what_was_saved()
    {
        if (postgres.Missing is { } missing) Assert.Skip(missing);
        await using var connection = await postgres.OpenAsync();
        await Frame.SaveTo(connection, "My frame", cancellationToken: Cancellation);
        await using (var command = new NpgsqlCommand("select * from \"My frame\"", connection))
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
            FrameGenerator.AssertEqual(Frame, await DataFrame.LoadFrom(reader, Cancellation));
        await using (var command = new NpgsqlCommand("select date '2024-01-31' as d, timestamp '2024-01-31 08:00' as t, 12.5::numeric as n, 7::bigint as i, 9007199254740993 as k, null::int as m", connection))
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
            Assert.Equal(["2024-01-31", "2024-01-31 08:00:00", 12.5, 7.0, "9007199254740993", null], FrameGenerator.RowsOf(await DataFrame.LoadFrom(reader, Cancellation))[0]);
        var source = new PostgresConnector(new PostgresOptions { Server = new PostgresAccess { Host = "127.0.0.1", Port = postgres.Port, Database = "postgres", User = PostgresServer.Owner, Password = PostgresServer.OwnerPassword, Tls = DatabaseTls.Disable }, Selection = new TableSelection { Table = "My frame" } });
        FrameGenerator.AssertEqual(Frame, await DataFrame.LoadFrom(source, cancellationToken: Cancellation));
        await Assert.ThrowsAsync<FrameException>(() => Frame.SaveTo(connection, "My frame", cancellationToken: Cancellation));
    }

    /// <summary>SQLite's own reader gives booleans as 0 and 1.</summary>
    private static DataFrame Numbers(DataFrame frame)
    {
        if (frame["flag"] is DoubleDataFrameColumn) frame["flag"] = DataFrameColumn.Create("flag", ((DoubleDataFrameColumn)frame["flag"]).Select(value => value is null ? (bool?)null : value == 1));
        return frame;
    }
}
