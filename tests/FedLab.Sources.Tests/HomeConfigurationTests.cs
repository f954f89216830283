using System.Globalization;
using FedLab.Data;
using FedLab.Data.Tests.Connectors;
using FedLab.Federation.Remote;
using Microsoft.Data.Sqlite;

namespace FedLab.Sources.Tests;

/// <summary>What a home says of its rows. The environment is the process's own, so these tests run one after another.</summary>
public sealed class HomeConfigurationTests(PostgresServer server) : IDisposable
{
    private const string Postgres = """ "postgres": { "host": "db", "database": "d", "user": "u", """;

    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-sources").FullName;
    private readonly CultureInfo _culture = CultureInfo.CurrentUICulture;
    private readonly List<string> _variables = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        CultureInfo.CurrentUICulture = _culture;
        foreach (var variable in _variables) Environment.SetEnvironmentVariable(variable, null);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_same_rows_are_read_from_a_file_from_sqlite_and_from_postgresql_with_the_password_in_a_file_or_the_environment()
    {
        if (server.Missing is { } missing) Assert.Skip(missing);
        var (table, variable) = ("t" + Guid.NewGuid().ToString("N"), "FEDLAB_TEST_" + Guid.NewGuid().ToString("N"));
        var script = $"CREATE TABLE {table} (id text, overdue integer, opened text, income integer); INSERT INTO {table} VALUES ('C', 1, '20240229', -99), ('A', 0, '20240131', 7), ('B', 1, NULL, 3)";
        File.WriteAllText(At("data.csv"), "id,overdue,opened,income\nA,0,20240131,7\nB,1,,3\nC,1,20240229,-99\n");
        await using (var sqlite = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = At("data.db"), Pooling = false }.ConnectionString))
        {
            await sqlite.OpenAsync(Cancellation);
            await using var command = sqlite.CreateCommand();
            command.CommandText = script;
            await command.ExecuteNonQueryAsync(Cancellation);
        }
        await server.ExecuteAsync(script);
        Secret("secret", PostgresServer.OwnerPassword + "\r\n");
        Variable(variable, PostgresServer.OwnerPassword);
        var at = string.Create(CultureInfo.InvariantCulture, $$""" "host": "127.0.0.1", "port": {{server.Port}}, "database": "postgres", "user": "{{PostgresServer.Owner}}" """);
        List<string> digests = [];
        foreach (var source in (string[])
        [
            """ "path": "data.csv" """,
            $$""" "sqlite": { "path": "data.db", "table": "{{table}}" } """,
            $$""" "postgres": { {{at}}, "table": "{{table}}", "passwordFile": "secret" } """,
            $$""" "postgres": { {{at}}, "query": "SELECT * FROM {{table}}", "passwordEnvironment": "{{variable}}" } """,
        ])
        {
            var options = Read($$"""{{source}}, "key": "id", "label": "overdue", "columns": { "opened": { "type": "date", "format": "yyyyMMdd" }, "income": { "missing": [-99] } }""");
            var rows = await DataSetReader.ReadAsync(options, progress: null, Cancellation);
            Assert.Equal(["A", "B", "C"], rows.Keys);
            Assert.Equal([0, 1, 1], rows.Labels!);
            digests.Add(Convert.ToHexString(rows.ContentDigest));
        }

        Assert.Single(digests.Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""  "key": "id" """, "data", "It must have exactly one of path, sqlite and postgres.", "path、sqlite、postgres 必须且只能有一个。")]
    [InlineData(""" "path": "a.csv", "sqlite": { "path": "a.db", "table": "t" }, "key": "id" """, "data", "It must have exactly one of path, sqlite and postgres.", "path、sqlite、postgres 必须且只能有一个。")]
    [InlineData(""" "path": "", "key": "id" """, "data.path", "It must not be empty.", "不能为空。")]
    [InlineData(""" "path": "a.csv", "key": "" """, "data.key", "It must not be empty.", "不能为空。")]
    [InlineData(""" "path": "a.csv", "key": "id", "keyFormat": "guess" """, "data.keyFormat", "'guess' is not one of auto, text, uscc.", "“guess”不是以下取值之一：auto, text, uscc。")]
    [InlineData(""" "path": "a.csv", "key": "id", "categorical": [null] """, "data.categorical", "It must not be empty.", "不能为空。")]
    [InlineData(""" "path": "a.csv", "key": "id", "exclude": ["a", null] """, "data.exclude", "It must not be empty.", "不能为空。")]
    [InlineData(""" "path": "a.csv", "key": "id", "columns": { "x": null } """, "data.columns.x", "It must not be empty.", "不能为空。")]
    [InlineData(""" "path": "a.csv", "key": "id", "columns": { "x": { "type": "money" } } """, "data.columns.x.type", "'money' is not one of boolean, category, date, number.", "“money”不是以下取值之一：boolean, category, date, number。")]
    [InlineData(""" "path": "a.csv", "key": "id", "columns": { "x": { "format": "yyyy" } } """, "data.columns.x.format", "It belongs to the type date.", "仅适用于 date 类型。")]
    [InlineData(""" "path": "a.csv", "key": "id", "columns": { "x": { "type": "date", "format": "" } } """, "data.columns.x.format", "It must not be empty.", "不能为空。")]
    [InlineData(""" "path": "a.csv", "key": "id", "columns": { "x": { "missing": [true] } } """, "data.columns.x.missing", "It must be a list of numbers and texts.", "必须是数值或文本的列表。")]
    [InlineData(""" "sqlite": { "path": "", "table": "t" }, "key": "id" """, "data.sqlite.path", "It must not be empty.", "不能为空。")]
    [InlineData(""" "sqlite": { "path": "a.db" }, "key": "id" """, "data.sqlite", "It must have either table or query.", "table 与 query 必须且只能有一个。")]
    [InlineData(""" "sqlite": { "path": "a.db", "table": "t", "query": "SELECT 1" }, "key": "id" """, "data.sqlite", "It must have either table or query.", "table 与 query 必须且只能有一个。")]
    [InlineData(""" "sqlite": { "path": "a.db", "query": "SELECT 1", "orderBy": ["a"] }, "key": "id" """, "data.sqlite.orderBy", "It belongs to a table; a query says it itself.", "仅适用于 table；query 请在语句中自行写明。")]
    [InlineData(""" "sqlite": { "path": "a.db", "table": "t", "orderBy": [null] }, "key": "id" """, "data.sqlite.orderBy", "It is not a name of a database (1 to 256 characters).", "不是数据库中的名称（1 至 256 个字符）。")]
    [InlineData(""" "sqlite": { "path": "a.db", "table": "t", "busyTimeoutSeconds": -1 }, "key": "id" """, "data.sqlite.busyTimeoutSeconds", "-1 is not between 0 and 3600.", "-1 不在 0 与 3600 之间。")]
    [InlineData(""" "postgres": { "host": "", "database": "d", "user": "u", "table": "t" }, "key": "id" """, "data.postgres.host", "It must not be empty.", "不能为空。")]
    [InlineData(Postgres + """ "table": "t", "port": 70000 }, "key": "id" """, "data.postgres.port", "70000 is not between 1 and 65535.", "70000 不在 1 和 65535 之间。")]
    [InlineData(Postgres + """ "table": "t", "tls": "maybe" }, "key": "id" """, "data.postgres.tls", "'maybe' is not one of: disable, prefer, require, verify-full.", "“maybe”不是以下之一：disable, prefer, require, verify-full。")]
    [InlineData(Postgres + """ "table": "t", "connectTimeoutSeconds": 0 }, "key": "id" """, "data.postgres.connectTimeoutSeconds", "0 is not between 1 and 600.", "0 不在 1 和 600 之间。")]
    [InlineData(Postgres + """ "table": "t", "statementTimeoutSeconds": -1 }, "key": "id" """, "data.postgres.statementTimeoutSeconds", "-1 is not between 0 and 604800.", "-1 不在 0 与 604800 之间。")]
    [InlineData(Postgres + """ "table": "a\u0000b" }, "key": "id" """, "data.postgres.table", "It is not a name of a database (1 to 256 characters).", "不是数据库中的名称（1 至 256 个字符）。")]
    [InlineData(Postgres + """ "query": "SELECT 1", "schema": "s" }, "key": "id" """, "data.postgres.schema", "It belongs to a table; a query says it itself.", "仅适用于 table；query 请在语句中自行写明。")]
    public void A_field_that_cannot_be_is_refused_by_name_in_either_language(string data, string field, string english, string chinese)
    {
        Assert.Equal($"{At(HomeConfiguration.FileName)}: field '{field}': {english}", Refusal(data, "en"));
        Assert.Equal($"{At(HomeConfiguration.FileName)}：字段“{field}”：{chinese}", Refusal(data, "zh-CN"));
    }

    [Theory]
    [InlineData(""" "path": "a.csv", "key": "id", "lable": "x" """, "lable")]
    [InlineData(""" "path": "a.csv", "key": "id", "key": "other" """, "key")]
    [InlineData(""" "path": "a.csv", "key": null """, "key")]
    [InlineData(""" "path": "a.csv" """, "key")]
    [InlineData(""" "path": 7, "key": "id" """, "path")]
    [InlineData(""" "path": "a.csv", "key": "id", "sortByKey": "perhaps" """, "sortByKey")]
    [InlineData(""" "path": "a.csv", "key": "id", "columns": { "x": { "kind": "date" } } """, "kind")]
    [InlineData(Postgres + """ "table": "t", "password": "open-sesame" }, "key": "id" """, "password")]
    public void A_field_that_does_not_exist_or_is_of_the_wrong_kind_is_refused_by_name(string data, string field)
    {
        var refusal = Refusal(data, "en");
        Assert.Contains(field, refusal, StringComparison.Ordinal);
        Assert.Contains(HomeConfiguration.FileName, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "passwordFile": "nowhere" """, "data.postgres.passwordFile")]
    [InlineData(""" "passwordFile": "empty" """, "data.postgres.passwordFile")]
    [InlineData(""" "passwordEnvironment": "FEDLAB_NOT_SET_ANYWHERE" """, "data.postgres.passwordEnvironment")]
    [InlineData(""" "passwordFile": "secret", "passwordEnvironment": "B" """, "data.postgres.passwordFile")]
    public void A_password_that_is_not_where_the_configuration_says_is_said_so_and_never_shown(string password, string field)
    {
        Secret("empty", "\n");
        Secret("secret", "open-sesame");
        var refusal = Refusal($$"""{{Postgres}} "table": "t", {{password}} }, "key": "id" """, "en");
        Assert.Contains($"field '{field}'", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("644")]
    [InlineData("640")]
    [InlineData("604")]
    public void A_password_file_that_others_can_read_is_refused_with_the_command_that_mends_it(string mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        Secret("secret", "open-sesame", mode);
        var refusal = Refusal($$"""{{Postgres}} "table": "t", "passwordFile": "secret" }, "key": "id" """, "en");
        Assert.Contains("field 'data.postgres.passwordFile'", refusal, StringComparison.Ordinal);
        Assert.Contains($"(mode {mode}); run: chmod 600 '{At("secret")}'", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("open-sesame", refusal, StringComparison.Ordinal);
        Secret("secret", "open-sesame", "400");
        Read($$"""{{Postgres}} "table": "t", "passwordFile": "secret" }, "key": "id" """);
    }

    [Fact]
    public void The_environment_lies_over_the_home_and_is_named_where_it_is_wrong()
    {
        Variable("FedLab__Data__Key", "other");
        Assert.Equal("other", Read(""" "path": "a.csv", "key": "id" """).KeyColumn);
        Variable("FedLab__Data__Lable", "x");
        Assert.Contains("FedLab__", Refusal(""" "path": "a.csv", "key": "id" """, "en"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_needs_no_source_and_other_sections_are_left_to_the_participant()
    {
        Write("""{ "name": "bank", "workers": { "invented": 1 }, "invented": [] }""");
        Assert.Equal("bank", HomeConfiguration.ReadName(_folder));
        Assert.Contains("data", Assert.Throws<ConfigurationException>(() => HomeConfiguration.ReadSource(_folder)).Message, StringComparison.Ordinal);
        Write("""{ "data": { "path": "a.csv", "key": "id" }, "invented": 1 }""");
        Assert.Equal(At("a.csv"), HomeConfiguration.ReadSource(_folder).Path);
        Assert.Contains("name", Assert.Throws<ConfigurationException>(() => HomeConfiguration.ReadName(_folder)).Message, StringComparison.Ordinal);
    }

    private string Refusal(string data, string language)
    {
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        return Assert.Throws<ConfigurationException>(() => Read(data)).Message;
    }

    private DataSourceOptions Read(string data)
    {
        Write($$"""{ "name": "bank", "coordinator": "https://127.0.0.1:1", "data": { {{data}} } }""");
        return HomeConfiguration.ReadSource(_folder);
    }

    private void Write(string json) => File.WriteAllText(At(HomeConfiguration.FileName), json);

    private string At(string name) => Path.Combine(_folder, name);

    private void Secret(string name, string text, string mode = "600")
    {
        File.WriteAllText(At(name), text);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(At(name), (UnixFileMode)Convert.ToInt32(mode, 8));
    }

    private void Variable(string name, string value)
    {
        _variables.Add(name);
        Environment.SetEnvironmentVariable(name, value);
    }
}
