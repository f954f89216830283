using System.Globalization;
using FedLab.Data.Connectors;
using FedLab.Postgres;

namespace FedLab.Data.Tests.Connectors;

/// <summary>What a PostgreSQL server, its administrator and the network can do to a reading: one sentence says what and how to go on.</summary>
public sealed class PostgresRefusalTests(PostgresServer server) : ConnectorTests(server)
{
    /// <summary>So many rows that their sending outlasts whatever happens to it.</summary>
    private const string Endless = "SELECT i AS id, i * 2 AS x, repeat('t', 200) AS t FROM generate_series(1, 40000000) AS i";

    private static readonly TableSelection Nothing = new() { Query = "SELECT 1 AS id" };

    [Fact]
    public void A_server_that_is_not_there_and_logins_that_it_refuses_are_told_apart()
    {
        RequirePostgres();
        Refuses(Postgres(Nothing, port: 1), "127.0.0.1:1", "cannot be reached", "Check host and port");
        Refuses(Postgres(Nothing, host: "no-such-host.invalid"), "no-such-host.invalid", "cannot be reached");
        Refuses(Postgres(Nothing, host: At("nowhere")), "nowhere", "cannot be reached");
        Refuses(Postgres(Nothing, user: PostgresServer.Owner, password: "wrong-word"), "\"owner\"", "passwordFile");
        Refuses(Postgres(Nothing, user: "stranger", password: "wrong-word"), "\"stranger\"", "passwordFile");
        Refuses(Postgres(Nothing, user: PostgresServer.Owner, password: null), "\"owner\"", "asks for the password");
        Refuses(Postgres(Nothing, database: "nowhere"), "\"nowhere\"", "no database");
        Refuses(new PostgresConnector(new PostgresOptions { Server = new PostgresAccess { Host = "127.0.0.1", Port = Server.Port, Database = "postgres", User = PostgresServer.Owner, Password = PostgresServer.OwnerPassword }, Selection = Nothing }), "protected connection", "rootCertificate");
        Assert.DoesNotContain("wrong-word", Refuses(Postgres(Nothing, user: "stranger", password: "wrong-word")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        var connector = new PostgresConnector(new PostgresOptions { Server = new PostgresAccess { Host = "127.0.0.1", Port = port, Database = "d", User = "u", Tls = DatabaseTls.Disable, ConnectTimeout = TimeSpan.FromSeconds(1) }, Selection = Nothing });
        Refuses(connector, "cannot be reached", "no answer within 1 s");
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Tables_and_columns_that_are_not_there_or_not_allowed_are_named()
    {
        RequirePostgres();
        var (name, user) = (NewName(), NewName());
        await Server.ExecuteAsync($"CREATE TABLE {name} (id text, x integer, hidden integer); CREATE ROLE {user} LOGIN PASSWORD 'p'; GRANT SELECT (id, x) ON {name} TO {user}; INSERT INTO {name} VALUES ('a', 1, 2)");
        Refuses(Postgres(new TableSelection { Table = "nothing" }), "\"nothing\"", "spelling");
        Refuses(Postgres(new TableSelection { Schema = "nowhere", Table = name }), "nowhere", "schema");
        Refuses(Postgres(new TableSelection { Table = $"public.{name}" }), $"\"public.{name}\"", "setting schema");
        Refuses(Postgres(new TableSelection { Table = name }, user: user, password: "p"), user, "permission denied", "SELECT");
        Assert.Equal([1], Numbers(Load(Postgres(new TableSelection { Table = name }, user: user, password: "p"), o => o with { ExcludedColumns = ["hidden"] }), "x"));
        Refuses(Postgres(new TableSelection { Table = name }), o => o with { KeyColumn = "ids" }, "\"ids\"", "\"id\"");
        Refuses(Postgres(new TableSelection { Table = name, OrderBy = ["y"] }), "\"y\"", "sort by");
        Refuses(PostgresQuery($"SELECT id, y FROM {name}"), "query", "column \"y\" does not exist");
        Refuses(PostgresQuery("SELECT id FRM x"), "syntax error");
        Refuses(PostgresQuery($"SELECT * FROM {name} WHERE x > 5"), "there is no row", "conditions");
        Refuses(PostgresQuery("SELECT 1 AS id, 2 AS x, 3 AS x"), "\"x\"", "columns 2 and 3");
    }

    [Fact]
    public async Task A_statement_cannot_change_anything_and_cannot_be_two()
    {
        RequirePostgres();
        var name = NewName();
        await Server.ExecuteAsync($"CREATE TABLE {name} (id text); INSERT INTO {name} VALUES ('a')");
        Refuses(PostgresQuery($"DELETE FROM {name} RETURNING id"), "only");
        Refuses(PostgresQuery($"DELETE FROM {name}"), "SELECT");
        Refuses(PostgresQuery($"SELECT * FROM {name}; DELETE FROM {name}"), "multiple commands");
        Refuses(PostgresQuery($"SELECT * FROM {name}; COMMIT"), "multiple commands");
        Refuses(PostgresQuery($"SELECT * FROM {name}) TO STDOUT; DELETE FROM {name}; COPY (SELECT 1"), "syntax error");
        Refuses(PostgresQuery($"WITH gone AS (DELETE FROM {name} RETURNING id) SELECT * FROM gone"), "only");
        Refuses(PostgresQuery($"SELECT nextval('{NewName()}') AS id"), "does not exist");
        Assert.Single(Load(Postgres(new TableSelection { Table = name })).Keys);
    }

    [Fact]
    public async Task Names_of_any_characters_are_names_and_nothing_else()
    {
        RequirePostgres();
        var table = $"Ta\"ble; DROP TABLE x; -- {NewName()[..8]} 表";
        var quoted = TableSelection.Quote(table);
        await Server.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS \"od\"\"d\"; CREATE TABLE \"od\"\"d\".{quoted} (\"I\"\"D\" text, \"a b\" integer, \"a'b\" integer); INSERT INTO \"od\"\"d\".{quoted} VALUES ('k', 1, 2)");
        ExecuteSqlite($"CREATE TABLE {quoted} (\"I\"\"D\" text, \"a b\" integer, \"a'b\" integer); INSERT INTO {quoted} VALUES ('k', 1, 2)");
        var data = Load(Postgres(new TableSelection { Schema = "od\"d", Table = table, OrderBy = ["a'b"] }), o => o with { KeyColumn = "I\"D" });
        Assert.Equal(["a b", "a'b"], data.Table.Columns.Select(c => c.Name));
        Assert.Equal(data.ContentDigest, Load(Sqlite(table, "a'b"), o => o with { KeyColumn = "I\"D" }).ContentDigest);
    }

    [Fact]
    public void Types_that_need_a_decision_or_cannot_be_read_say_so()
    {
        RequirePostgres();
        Refuses(PostgresQuery("SELECT 1 AS id, DATE '2024-01-01' AS d"), "\"d\"", "date", "\"type\": \"date\"");
        Refuses(PostgresQuery("SELECT 1 AS id, now() AS d"), "\"d\"", "timestamp with time zone");
        Refuses(PostgresQuery("SELECT 1 AS id, '{}'::json AS j"), "\"j\"", "json", "Exclude");
        Refuses(PostgresQuery("SELECT '\\x00'::bytea AS id, 2 AS x"), "\"id\"", "bytea");
        Refuses(PostgresQuery("SELECT 1 AS id, 20240131 AS d"), o => o with { Mappings = Map("d", new ColumnMapping { Type = ColumnType.Date }) }, "\"d\"", "yyyyMMdd");
        Assert.Equal(19753, Numbers(Load(PostgresQuery("SELECT 1 AS id, 20240131 AS d"), o => o with { Mappings = Map("d", new ColumnMapping { Type = ColumnType.Date, Format = "yyyyMMdd" }) }), "d")[0]);
        Assert.Equal(2, Numbers(Load(PostgresQuery("SELECT 1 AS id, ARRAY[1] AS a, 2 AS x"), o => o with { ExcludedColumns = ["a"] }), "x")[0]);
        Refuses(PostgresQuery("SELECT i AS id, CASE i WHEN 3 THEN 'infinity'::float8 ELSE i END AS x FROM generate_series(1, 5) AS i"), "row 3", "\"x\"", "infinite");
        Refuses(PostgresQuery("SELECT i AS id, CASE i WHEN 4 THEN 'infinity'::date ELSE '2024-01-01' END AS x FROM generate_series(1, 5) AS i"), o => o with { Mappings = Map("x", new ColumnMapping { Type = ColumnType.Date }) }, "row 4", "infinite");
        Refuses(PostgresQuery("SELECT i AS id, CASE i WHEN 2000 THEN 'many' ELSE i::text END AS x FROM generate_series(1, 3000) AS i"), o => o with { Mappings = Map("x", new ColumnMapping { Type = ColumnType.Number }) }, "row 2000", "\"x\"", "\"many\"", "missing");
        Refuses(PostgresQuery("SELECT i AS id, i AS y FROM generate_series(0, 5) AS i"), o => o with { LabelColumn = "y" }, "row 3", "0 or 1");
        Refuses(PostgresQuery($"SELECT 1 AS id, repeat('x', {DataLimits.MaximumFieldBytes + 1}) AS t"), "row 1", "column 2", "32767");
        Refuses(PostgresQuery("SELECT 1 AS id, repeat('x', 30000000) AS a, 2 AS x"), "MiB");
        var warned = Load(PostgresQuery("SELECT i AS id, i::text AS n, 'w' || i AS t FROM generate_series(1, 5) AS i"));
        Assert.Contains("\"n\"", Assert.Single(warned.Report.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_the_server_cannot_convert_is_not_shown()
    {
        RequirePostgres();
        var error = Refuses(PostgresQuery("SELECT 1 AS id, ('SECRET' || 'KEY')::integer AS x"), "refused the statement", "22P02");
        Assert.DoesNotContain("SECRETKEY", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_statement_that_takes_too_long_is_stopped_by_the_server()
    {
        RequirePostgres();
        Refuses(PostgresQuery("SELECT 1 AS id, pg_sleep(60)::text AS t", statementSeconds: 1), "after 1 s", "statementTimeoutSeconds");
        Refuses(PostgresQuery(Endless, statementSeconds: 1), "after 1 s", "rows");
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_says_after_how_many_rows()
    {
        RequirePostgres();
        var reader = await PostgresQuery(Endless).OpenAsync(Cancellation);
        await using (reader)
        {
            reader.Choose([CellForm.Text, CellForm.Natural, CellForm.Text]);
            var block = new RowBlock(3);
            for (var i = 0; i < 3; i++) Assert.True(await reader.ReadAsync(block, Cancellation));
            await Server.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%generate_series(1, 40000000)%' AND pid <> pg_backend_pid()");
            var rows = 3L * RowBlock.MaximumRows;
            var error = await Assert.ThrowsAsync<DataFormatException>(async () =>
            {
                while (await reader.ReadAsync(block, Cancellation)) rows += block.RowCount;
            });
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"after {rows} rows"), error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_cancelled_reading_ends_at_once_and_leaves_no_statement_behind()
    {
        RequirePostgres();
        const string Mark = "generate_series(1, 39999999)";
        using var source = new CancellationTokenSource();
        var reading = DataSetReader.ReadAsync(new DataSourceOptions { Connector = PostgresQuery($"SELECT i AS id, pg_sleep(0.0001)::text AS t FROM {Mark} AS i"), KeyColumn = "id" }, null, source.Token);
        await WaitAsync($"SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%{Mark}%' AND state = 'active' AND pid <> pg_backend_pid()", expected: 1);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await WaitAsync($"SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%{Mark}%' AND pid <> pg_backend_pid()", expected: 0);
    }

    [Fact]
    public async Task A_reading_that_stops_early_does_not_wait_for_the_rest()
    {
        RequirePostgres();
        Refuses(PostgresQuery(Endless), o => o with { Mappings = Map("t", new ColumnMapping { Type = ColumnType.Number }) }, "row 1", "not a number");
        await WaitAsync("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%repeat%' AND state = 'active' AND pid <> pg_backend_pid()", expected: 0);
    }

    [Fact]
    public void Messages_are_chinese_under_a_chinese_culture()
    {
        RequirePostgres();
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            Refuses(Postgres(new TableSelection { Table = "nothing" }), "看不到名为“nothing”的表");
            Refuses(Postgres(Nothing, port: 1), "无法连接数据库服务器");
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public void A_source_names_a_table_or_a_query()
    {
        Assert.Throws<ArgumentException>(() => Postgres(new TableSelection()));
        Assert.Throws<ArgumentException>(() => Postgres(new TableSelection { Table = "a", Query = "SELECT 1" }));
        Assert.Throws<ArgumentException>(() => Postgres(new TableSelection { Query = "SELECT 1", OrderBy = ["a"] }));
        Assert.Throws<ArgumentException>(() => TableSelection.Quote("a\0b"));
    }

    private static Dictionary<string, ColumnMapping> Map(string name, ColumnMapping mapping) => new() { [name] = mapping };

    private async Task WaitAsync(string count, long expected)
    {
        await using var connection = await Server.OpenAsync();
        for (var attempt = 0; attempt < 300; attempt++)
        {
            await using var command = new Npgsql.NpgsqlCommand(count, connection);
            if (await command.ExecuteScalarAsync(Cancellation) is long found && found == expected) return;
            await Task.Delay(100, Cancellation);
        }

        Assert.Fail($"{count}: not {expected}");
    }
}
