using FedLab.Coordinator.Tests.Lab;
using FedLab.Data.Tests.Connectors;
using FedLab.Federation.Identity;
using FedLab.Participant.Configuration;
using FedLab.Participant.Tests.Lab;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Participant.Tests;

/// <summary>A run does not know where a party's rows are kept.</summary>
public sealed class DatabaseRunTests(PostgresServer server)
{
    private const string Table = "filings";
    private static readonly string[] Two = ["bank", "tax"];

    [Fact]
    public async Task The_same_rows_from_a_file_from_sqlite_and_from_postgresql_publish_the_same_model()
    {
        if (server.Missing is { } reason) Assert.Skip(reason);
        using var lab = new TemporaryLab(Two);
        using (var first = await CoordinatorProcess.StartAsync(lab, port: 0)) first.Kill(); // the homes' certificates come after it
        foreach (var party in Two) ParticipantHomes.Write(lab, party, new Uri("https://127.0.0.1:1"));
        ParticipantHomes.Introduce(lab);
        using var coordinator = await CoordinatorProcess.StartAsync(lab, port: 0);
        var (bank, tax) = (Path.Combine(lab.Folder, "bank"), Path.Combine(lab.Folder, "tax"));
        var table = Table + Guid.NewGuid().ToString("N");
        HomeDatabases.ToSqlite(tax, table);
        await HomeDatabases.ToPostgresAsync(server, tax, table);
        ParticipantHomes.Configure(bank, Configuration("bank", new { path = "data.csv", key = "enterprise", label = "overdue", keyFormat = "text" }));
        using var active = new ParticipantProcess(bank);
        using var channel = lab.LeadChannel(coordinator.Address);
        var lead = new Proto.Lab.LabClient(channel.Invoker);
        var spec = lab.Spec("databases") with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["trees"] = "2", ["depth"] = "2" } };

        var file = await TrainAsync(new { path = "data.csv", key = "enterprise", keyFormat = "text", sortByKey = true });
        Assert.Equal(file, await TrainAsync(new { sqlite = new { path = "data.db", table }, key = "enterprise", keyFormat = "text" }));
        Assert.Equal(file, await TrainAsync(new { postgres = HomeDatabases.Postgres(server, table), key = "enterprise", keyFormat = "text" }));

        // What the party's own files say of it.
        foreach (var path in Directory.EnumerateFiles(tax, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) is not ("database.password" or "data.csv" or "data.db" or "lock")))
        {
            var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(PostgresServer.OwnerPassword, text, StringComparison.Ordinal);
            Assert.DoesNotContain(PostgresServer.OwnerPassword.Replace("\"", "\\u0022", StringComparison.Ordinal).Replace("'", "\\u0027", StringComparison.Ordinal), text, StringComparison.Ordinal);
        }

        object Configuration(string name, object data) => new { name, coordinator = coordinator.Address.ToString().TrimEnd('/'), data, settings = new { minimumCohort = 2, threads = 1, memoryMiB = 64 }, logLevel = "Trace" };

        async Task<ByteString> TrainAsync(object data)
        {
            ParticipantHomes.Configure(tax, Configuration("tax", data));
            using var passive = new ParticipantProcess(tax);
            var proposed = await TemporaryLab.ProposeAsync(lead, spec);
            var ended = await TemporaryLab.WaitAsync(lead, proposed.Run, TemporaryLab.HasEnded, seconds: 180);
            Assert.Equal((RunState.Finished, ""), (ended.State, ended.Reason + passive.Errors));
            return ended.ManifestHash;
        }
    }

    [Fact]
    public async Task The_same_rows_are_the_same_commitment_and_schema()
    {
        if (server.Missing is { } reason) Assert.Skip(reason);
        using var lab = new TemporaryLab(Two);
        var folder = ParticipantHomes.Write(lab, "tax", new Uri("https://127.0.0.1:1"));
        var table = Table + Guid.NewGuid().ToString("N");
        HomeDatabases.ToSqlite(folder, table);
        await HomeDatabases.ToPostgresAsync(server, folder, table);
        object[] sources =
        [
            new { path = "data.csv", key = "enterprise", sortByKey = true },
            new { sqlite = new { path = "data.db", table }, key = "enterprise" },
            new { sqlite = new { path = "data.db", query = $"SELECT * FROM {table} ORDER BY power" }, key = "enterprise" },
            new { postgres = HomeDatabases.Postgres(server, table), key = "enterprise" },
        ];
        List<(object, object)> found = [];
        foreach (var data in sources)
        {
            ParticipantHomes.Configure(folder, new { name = "tax", coordinator = "https://127.0.0.1:1", data });
            using var home = ParticipantHome.Open(folder, [], TimeProvider.System);
            var own = await OwnData.ReadAsync(home, otherPath: null, TestContext.Current.CancellationToken);
            found.Add((own.Commitment, own.Schema));
        }

        Assert.Single(found.Distinct());
    }

    [Fact]
    public async Task A_database_that_refuses_is_one_sentence_without_the_password_and_exit_code_1()
    {
        if (server.Missing is { } reason) Assert.Skip(reason);
        using var lab = new TemporaryLab(Two);
        var home = ParticipantHomes.Write(lab, "tax", new Uri("https://127.0.0.1:1"));
        KeyFiles.WriteSecret(Path.Combine(home, "database.password"), "open-sesame");
        ParticipantHomes.Configure(home, new { name = "tax", coordinator = "https://127.0.0.1:1", data = new { postgres = HomeDatabases.Postgres(server, "t"), key = "enterprise" }, logLevel = "Trace" });
        foreach (var arguments in (string[][])[["--home", home], ["data", "check", "--home", home]])
        {
            var (code, error) = await ParticipantProcess.RunAsync(arguments);
            Assert.Equal((1, 1), (code, error.Split('\n').Length));
            Assert.Contains("passwordFile", error, StringComparison.Ordinal);
            Assert.DoesNotContain("open-sesame", error, StringComparison.Ordinal);
        }

        foreach (var path in Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "database.password"))
            Assert.DoesNotContain("open-sesame", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
