using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FedLab.Data.Tests.Connectors;
using FedLab.Participant.Checks;
using FedLab.Participant.Tests.Lab;

namespace FedLab.Participant.Tests;

/// <summary><c>participant data check</c>: what is in the data, to whoever owns them and to nobody else.</summary>
public sealed class DataCheckTests(PostgresServer server) : IDisposable
{
    // The third code's check character is made wrong, the fourth is an old number of 15 digits, the last repeats the first.
    private const string Rows = "uscc,overdue,sector,income,opened\n"
        + "91310000MA1FL00001,0,C,100,2024-01-31\n91310000MA1FL00002,1,F,,2024-02-29\n91310000MA1FL00003,1,C,-99,\n310000000000001,0,制造业,7,2020-01-01\n91310000MA1FL00001,0,C,5,2024-01-31\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-check").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Counts_shares_and_key_validity_come_as_json()
    {
        var path = Write(WithCheckCharacters(Rows));
        var (code, output) = await CheckAsync("--data", path, "--key", "uscc", "--label", "overdue", "--key-format", "text", "--json");
        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.Equal((5, 4, 1), (root.GetProperty("rowsRead").GetInt32(), root.GetProperty("rowsKept").GetInt32(), root.GetProperty("duplicates").GetInt32()));
        var keys = root.GetProperty("keys");
        Assert.Equal((5, 3, 1, 1), (keys.GetProperty("present").GetInt32(), keys.GetProperty("valid").GetInt32(), keys.GetProperty("wrongCheckCharacter").GetInt32(), keys.GetProperty("otherText").GetInt32()));
        Assert.Equal((2, 2), (root.GetProperty("labels").GetProperty("ones").GetInt32(), root.GetProperty("labels").GetProperty("zeros").GetInt32()));
        var columns = root.GetProperty("columns").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!, c => c);
        Assert.Equal(["key", "label", "category", "number", "category"], columns.Values.Select(c => c.GetProperty("use").GetString()));
        Assert.Equal((.25, .25, 0), (columns["income"].GetProperty("missing").GetDouble(), columns["opened"].GetProperty("missing").GetDouble(), columns["sector"].GetProperty("missing").GetDouble()));
        Assert.Equal(3, columns["sector"].GetProperty("categories").GetInt32());
        Assert.Equal(64, root.GetProperty("contentDigest").GetString()!.Length);
        Assert.DoesNotContain("91310000", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_table_is_english_or_chinese()
    {
        var path = Write(WithCheckCharacters(Rows));
        var (_, english) = await CheckAsync("--data", path, "--key", "uscc", "--key-format", "uscc", "--exclude", "opened");
        foreach (var part in (string[])["5 read, 2 usable, 1 left out as duplicates", "3 valid, 1 with a wrong check character, 1 other texts", "Missing", "50.00 %", "not read", "check character of the credit code is wrong (lines 4)"])
            Assert.Contains(part, english, StringComparison.Ordinal);
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            var (_, chinese) = await CheckAsync("--data", path, "--key", "uscc");
            foreach (var part in (string[])["读取 5", "缺失率", "主键", "校验位错误 1", "制造业"]) Assert.Equal(part != "制造业", chinese.Contains(part, StringComparison.Ordinal));
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public async Task A_home_folder_says_what_to_read_and_nothing_is_sent_or_written()
    {
        using var coordinator = new TcpListener(IPAddress.Loopback, 0);
        coordinator.Start();
        Write(Rows, "data.csv");
        var columns = new { opened = new { type = "date" }, income = new { missing = new object[] { -99, "none" } }, sector = new { type = "category" } };
        Configure(new { path = "data.csv", key = "uscc", label = "overdue", keyFormat = "text", columns }, ((IPEndPoint)coordinator.LocalEndpoint).Port);
        var files = Directory.GetFiles(_folder, "*", SearchOption.AllDirectories);
        var (code, output) = await CheckAsync("--home", _folder, "--json");
        Assert.Equal(0, code);
        Assert.False(coordinator.Pending());
        Assert.Equal(files, Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        using var json = JsonDocument.Parse(output);
        Assert.Equal(["key", "label", "category", "number", "date"], json.RootElement.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("use").GetString()));
        Assert.Equal(.5, json.RootElement.GetProperty("columns")[3].GetProperty("missing").GetDouble());

        var (_, other) = await CheckAsync("--home", _folder, "--data", Write("uscc,sector,income,opened\na,C,1,2024-01-01\n", "other.csv"), "--json");
        Assert.Contains("\"rowsRead\": 1", other, StringComparison.Ordinal);
        Assert.DoesNotContain("\"labels\": {", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Databases_are_checked_like_files_and_the_password_may_be_in_the_environment()
    {
        if (server.Missing is { } reason) Assert.Skip(reason);
        var (table, variable) = ("t" + Guid.NewGuid().ToString("N"), "FEDLAB_TEST_" + Guid.NewGuid().ToString("N"));
        Write("uscc,overdue,amount\nB,0,1\nA,1,2\n", "data.csv");
        HomeDatabases.ToSqlite(_folder, table);
        await HomeDatabases.ToPostgresAsync(server, _folder, table);
        Environment.SetEnvironmentVariable(variable, PostgresServer.OwnerPassword);
        List<string> digests = [];
        foreach (var data in (object[])
        [
            new { path = "data.csv", key = "uscc", label = "overdue", sortByKey = true },
            new { sqlite = new { path = "data.db", table }, key = "uscc", label = "overdue" },
            new { postgres = HomeDatabases.Postgres(server, table), key = "uscc", label = "overdue" },
            new { postgres = new { host = "localhost", port = server.Port, database = "postgres", user = PostgresServer.Owner, passwordEnvironment = variable, schema = "public", table, orderBy = new[] { "amount" } }, key = "uscc", label = "overdue" },
        ])
        {
            Configure(data);
            var (code, output) = await CheckAsync("--home", _folder, "--json");
            Assert.Equal(0, code);
            using var json = JsonDocument.Parse(output);
            digests.Add(json.RootElement.GetProperty("contentDigest").GetString()!);
            Assert.DoesNotContain(PostgresServer.OwnerPassword, output, StringComparison.Ordinal);
            if (digests.Count > 2) Assert.Equal("integer", json.RootElement.GetProperty("columns")[2].GetProperty("sourceType").GetString());
        }

        Environment.SetEnvironmentVariable(variable, null);
        Assert.Single(digests.Distinct(StringComparer.Ordinal));
        await RefusesAsync(2, variable, "--home", _folder);
    }

    [Fact]
    public async Task A_wrong_command_line_is_2_and_data_that_cannot_be_used_are_1()
    {
        var path = Write(Rows);
        await RefusesAsync(2, "--home");
        await RefusesAsync(2, "--key", "--data", path);
        await RefusesAsync(2, "--lable", "--data", path, "--key", "uscc", "--lable", "overdue");
        await RefusesAsync(2, "--key", "--json", "--data", path, "--key");
        await RefusesAsync(2, "auto, text, uscc", "--data", path, "--key", "uscc", "--key-format", "guess");
        await RefusesAsync(2, "--home", "--home", _folder, "--key", "uscc");
        await RefusesAsync(2, "participant.json", "--home", _folder);
        await RefusesAsync(2, "nowhere", "--home", Path.Combine(_folder, "nowhere"));
        await RefusesAsync(1, "missing.csv", "--data", Path.Combine(_folder, "missing.csv"), "--key", "uscc");
        await RefusesAsync(1, "\"usc\"", "--data", path, "--key", "usc");
        await RefusesAsync(1, "label", "--data", Write("uscc,y\na,0\nb,2\n", "two.csv"), "--key", "uscc", "--label", "y");
        var (code, output) = await CheckAsync("--help");
        Assert.Equal((0, true), (code, output.Contains("--sort-by-key", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_wrong_setting_is_named()
    {
        Write(Rows, "data.csv");
        object Postgres(string host = "db", int port = 5432, string? table = "t", string? query = null, string? schema = null, string[]? orderBy = null, string? passwordFile = null, string? passwordEnvironment = null, string? tls = null, int statementTimeoutSeconds = 0) =>
            new { postgres = new { host, port, database = "d", user = "u", table, query, schema, orderBy = orderBy ?? [], passwordFile, passwordEnvironment, tls, statementTimeoutSeconds }, key = "uscc" };
        foreach (var (field, data) in ((string, object)[])
        [
            ("'data'", new { key = "uscc" }),
            ("'data'", new { path = "data.csv", sqlite = new { path = "a.db", table = "t" }, key = "uscc" }),
            ("data.path", new { path = "", key = "uscc" }),
            ("data.key", new { path = "data.csv", key = "" }),
            ("data.sqlite'", new { sqlite = new { path = "a.db" }, key = "uscc" }),
            ("data.sqlite'", new { sqlite = new { path = "a.db", table = "t", query = "SELECT 1" }, key = "uscc" }),
            ("data.sqlite.orderBy", new { sqlite = new { path = "a.db", query = "SELECT 1", orderBy = new[] { "a" } }, key = "uscc" }),
            ("data.sqlite.busyTimeoutSeconds", new { sqlite = new { path = "a.db", table = "t", busyTimeoutSeconds = -1 }, key = "uscc" }),
            ("data.postgres.host", Postgres(host: "")),
            ("data.postgres.port", Postgres(port: 70_000)),
            ("data.postgres.schema", Postgres(table: null, query: "SELECT 1", schema: "s")),
            ("data.postgres.table", Postgres(table: "a\0b")),
            ("data.postgres.tls", Postgres(tls: "maybe")),
            ("data.postgres.statementTimeoutSeconds", Postgres(statementTimeoutSeconds: -1)),
            ("data.postgres.passwordFile", Postgres(passwordFile: "a", passwordEnvironment: "B")),
            ("data.postgres.passwordFile", Postgres(passwordFile: "no-such-file")),
            ("data.postgres.passwordEnvironment", Postgres(passwordEnvironment: "FEDLAB_NOT_SET_ANYWHERE")),
            ("password", new { postgres = new { host = "db", database = "d", user = "u", table = "t", password = "open-sesame" }, key = "uscc" }),
            ("data.columns.x.type", new { path = "data.csv", key = "uscc", columns = new { x = new { type = "money" } } }),
            ("data.columns.x.format", new { path = "data.csv", key = "uscc", columns = new { x = new { format = "yyyy" } } }),
            ("data.columns.x.missing", new { path = "data.csv", key = "uscc", columns = new { x = new { missing = new object[] { true } } } }),
        ])
        {
            Configure(data);
            var error = await RefusesAsync(2, field, "--home", _folder);
            Assert.DoesNotContain("open-sesame", error, StringComparison.Ordinal);
        }
    }

    /// <summary>Runs the command as a process of its own and expects a refusal of one line.</summary>
    private static async Task<string> RefusesAsync(int code, string expected, params string[] arguments)
    {
        var (actual, error) = await ParticipantProcess.RunAsync(["data", "check", .. arguments]);
        Assert.True(actual == code, $"{actual}: {error}");
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        return error;
    }

    private static async Task<(int Code, string Output)> CheckAsync(params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var code = await DataCheck.RunAsync(arguments, output, isTerminal: false);
        return (code, output.ToString());
    }

    private string Write(string text, string name = "rows.csv")
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private void Configure(object data, int port = 1) =>
        File.WriteAllBytes(Path.Combine(_folder, "participant.json"), JsonSerializer.SerializeToUtf8Bytes(new { name = "bank", coordinator = $"https://127.0.0.1:{port}", data }));

    /// <summary>Gives the codes that end in 1 and 2 their right last character and the one that ends in 3 a wrong one.</summary>
    private static string WithCheckCharacters(string rows)
    {
        const string Signs = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        const string Body = "91310000MA1FL0000";
        const string OtherBody = "91310000MA1FL0001";
        var right = Signs.First(sign => Data.EnterpriseKey.IsValidUnifiedSocialCreditCode(Body + sign));
        var other = Signs.First(sign => Data.EnterpriseKey.IsValidUnifiedSocialCreditCode(OtherBody + sign));
        var wrong = Signs.First(sign => sign != right);
        var first = rows.Replace(Body + "2", OtherBody + other, StringComparison.Ordinal).Replace(Body + "3", "\u0001", StringComparison.Ordinal);
        return first.Replace(Body + "1", Body + right, StringComparison.Ordinal).Replace("\u0001", Body + wrong, StringComparison.Ordinal);
    }
}
