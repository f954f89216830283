using System.Globalization;
using FedLab.Data.Connectors;
using Microsoft.Data.Sqlite;

namespace FedLab.Data.Tests.Connectors;

/// <summary>SQLite keeps a type with every value, so a column may hold anything.</summary>
public sealed class SqliteTests(PostgresServer server) : ConnectorTests(server)
{
    [Fact]
    public void Files_and_tables_that_are_not_there_are_named()
    {
        Refuses(Sqlite("t"), "data.db", "no such file");
        Refuses(new SqliteConnector(Folder, new TableSelection { Table = "t" }, TimeSpan.Zero), "folder");
        Write("this is a text of more than a hundred bytes, so that it could be a header of a database, but it is not one at all, not at all", "data.db");
        Refuses(Sqlite("t"), "not an SQLite database");
        File.Delete(SqlitePath);
        ExecuteSqlite("CREATE TABLE loans (id text, x integer)");
        Refuses(Sqlite("loan"), "\"loan\"", "\"loans\"");
        Refuses(Sqlite("loans"), "no row");
        Refuses(Sqlite("loans", "y"), "\"y\"", "sort by");
        Refuses(SqliteQuery("SELECT id, y FROM loans"), "no such column: y");
        Refuses(SqliteQuery("SELEC 1"), "syntax error");
        Refuses(SqliteQuery("CREATE TABLE other (x)"), "only");
        Refuses(SqliteQuery("INSERT INTO loans VALUES ('a', 1) RETURNING id"), "only");
        Refuses(SqliteQuery("PRAGMA user_version = 3"), "SELECT");
    }

    [Fact]
    public void Declared_types_say_what_is_meant_and_every_cell_what_it_is()
    {
        ExecuteSqlite("CREATE TABLE t (id INTEGER, n REAL, c VARCHAR(9), b BOOLEAN, d DATE, w DATETIME, u, x NUMERIC)");
        ExecuteSqlite("INSERT INTO t VALUES (1, '1.5', '007', 1, '2024-01-31', '1970-01-02 12:00:00', 7, ' NA '), (9007199254740993, 2, 'x', 'true', NULL, NULL, 'seven', 1e3), (3, NULL, NULL, 0, '', '', 7.5, 'nan')");
        var dates = new Dictionary<string, ColumnMapping> { ["d"] = new() { Type = ColumnType.Date }, ["w"] = new() { Type = ColumnType.Date } };
        var data = Load(Sqlite("t"), o => o with { Mappings = dates });
        Assert.Equal(["1", "9007199254740993", "3"], data.Keys);
        Assert.Equal([1.5, 2, double.NaN], Numbers(data, "n"));
        Assert.Equal(["007", "x", null], Texts(data, "c"));
        Assert.Equal([1, 1, 0], Numbers(data, "b"));
        Assert.Equal([19753, double.NaN, double.NaN], Numbers(data, "d"));
        Assert.Equal([1.5, double.NaN, double.NaN], Numbers(data, "w"));
        Assert.Equal(["7", "seven", "7.5"], Texts(data, "u"));
        Assert.Equal([double.NaN, 1000, double.NaN], Numbers(data, "x"));
        Refuses(Sqlite("t"), o => o with { Mappings = new Dictionary<string, ColumnMapping> { ["d"] = dates["d"] } }, "\"w\"", "DATETIME");
        Refuses(Sqlite("t"), o => o with { KeyColumn = "c", Mappings = dates, ExcludedColumns = ["id"], LabelColumn = "b", FoldColumn = "n" }, "row 2", "\"b\"");
        Assert.Equal(["true", "true", "false"], Texts(Load(Sqlite("t"), o => o with { Mappings = new Dictionary<string, ColumnMapping>(dates) { ["b"] = new() { Type = ColumnType.Category } } }), "b"));
    }

    [Fact]
    public void A_word_in_a_column_of_numbers_and_bytes_in_a_cell_are_named_by_their_row()
    {
        ExecuteSqlite("CREATE TABLE t (id TEXT, n REAL, b)");
        ExecuteSqlite("INSERT INTO t VALUES ('a', 1, 1), ('b', 'unknown', 2), ('c', 3, x'0102')");
        Refuses(Sqlite("t"), o => o with { ExcludedColumns = ["b"] }, "row 2", "\"n\"", "\"unknown\"");
        Refuses(Sqlite("t"), o => o with { ExcludedColumns = ["n"] }, "row 3", "\"b\"", "cannot be read");
        var codes = new Dictionary<string, ColumnMapping> { ["n"] = new() { Missing = ["unknown", "3"] } };
        Assert.Equal([1, double.NaN, double.NaN], Numbers(Load(Sqlite("t"), o => o with { ExcludedColumns = ["b"], Mappings = codes }), "n"));
        ExecuteSqlite("CREATE TABLE broken (id TEXT, t TEXT); INSERT INTO broken VALUES ('a', CAST(x'FF' AS TEXT))");
        Refuses(Sqlite("broken"), "row 1", "\"t\"", "UTF-8");
        ExecuteSqlite($"CREATE TABLE long (id TEXT, t TEXT); INSERT INTO long VALUES ('a', '{new string('t', DataLimits.MaximumFieldBytes + 1)}')");
        Refuses(Sqlite("long"), "row 1", "column 2");
    }

    [Fact]
    public void A_database_in_utf16_reads_like_one_in_utf8()
    {
        ExecuteSqlite("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (id TEXT, t TEXT); INSERT INTO t VALUES ('甲', '词😀'), ('b', '')");
        var data = Load(Sqlite("t"));
        Assert.Equal(["甲", "B"], data.Keys);
        Assert.Equal(["词😀", null], Texts(data, "t"));
    }

    [Fact]
    public void A_database_that_another_program_writes_is_waited_for_and_then_given_up()
    {
        ExecuteSqlite("CREATE TABLE t (id TEXT, x INTEGER); INSERT INTO t VALUES ('a', 1)");
        using var writer = new SqliteConnection($"Data Source={SqlitePath};Pooling=False");
        writer.Open();
        using var command = writer.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        Refuses(Sqlite("t"), "another program");
        Refuses(new SqliteConnector(SqlitePath, new TableSelection { Table = "t" }, TimeSpan.Zero), "another program");
        command.CommandText = "COMMIT";
        command.ExecuteNonQuery();
        Assert.Single(Load(Sqlite("t")).Keys);
    }

    [Fact]
    public async Task A_cancelled_reading_interrupts_the_statement()
    {
        ExecuteSqlite("CREATE TABLE t (id TEXT)");
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        var endless = SqliteQuery("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n WHERE i < 0");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DataSetReader.ReadAsync(new DataSourceOptions { Connector = endless, KeyColumn = "id" }, null, source.Token));
        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public async Task A_reading_that_is_cancelled_just_as_its_statement_begins_ends_too()
    {
        ExecuteSqlite("CREATE TABLE t (id TEXT)");
        var endless = SqliteQuery("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n WHERE i < 0");
        for (var spins = 0; spins < 500; spins++)
        {
            using var source = new CancellationTokenSource();
            using var begun = new ManualResetEventSlim();
            var reading = Task.Run(
                async () =>
                {
                    begun.Set();
                    await endless.OpenAsync(source.Token);
                },
                Cancellation);
            begun.Wait(Cancellation);
            Thread.SpinWait(100 * spins);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
        }
    }

    [Fact]
    public void A_large_table_passes_through_in_blocks()
    {
        ExecuteSqlite("CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT 'k' || i AS id, i * 0.5 AS x, CASE WHEN i > 15000 THEN 'w' || (i % 7) ELSE i % 7 END AS t FROM n");
        var data = Load(Sqlite("t"));
        Assert.Equal(20_000, data.RowCount);
        Assert.Equal(10_000, Numbers(data, "x")[^1]);
        Assert.Equal("w" + (20_000 % 7).ToString(CultureInfo.InvariantCulture), Texts(data, "t").Last());
        Assert.Equal("1", Texts(data, "t").First());
    }
}
