using System.Text.Json;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary>The first command of the README, on a small population.</summary>
public sealed class DemoTests : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const int Enterprises = 3000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_demo_at_its_default_size_aligns_what_the_population_is_known_to_share_and_counts_every_planted_fault()
    {
        var run = (await FedLabProgram.RunAsync(_folder.Path, "demo", "--in-memory", "--no-baselines", "--json", "--set", "trees=1", "--out", "demo")).Succeeded();

        using var document = JsonDocument.Parse(run.Output);
        var report = document.RootElement;
        var aligned = report.GetProperty("alignedRows").GetInt32();
        Assert.Equal(31_599, aligned);
        Assert.Equal(31_444, aligned - report.GetProperty("alignedByNormalisation").GetInt32());
        var identifiers = report.GetProperty("identifiers");
        int Faults(string party, string kind) => identifiers.GetProperty(party).GetProperty(kind).GetInt32();
        Assert.Equal((156, 226, 94, 88), (Faults("public-credit", "invalidCheckCharacters"), Faults("public-credit", "lowerCase"), Faults("public-credit", "duplicates"), Faults("supply-chain", "spaces")));
    }

    [Fact]
    public async Task The_demo_trains_publishes_verifies_and_stops_what_it_started()
    {
        // Few held-out rows make figures noisy: the population and the settings are such that the joint model is clearly ahead (0.90 against 0.74).
        var run = (await FedLabProgram.RunAsync(_folder.Path, "demo", "--rows", $"{Enterprises}", "--seed", "2", "--json", "--set", "trees=20", "--set", "depth=3", "--set", "min-child-weight=5", "--set", "learning-rate=0.2", "--out", "demo")).Succeeded();

        using var document = JsonDocument.Parse(run.Output);
        var report = document.RootElement;
        var rows = report.GetProperty("rows");
        foreach (var party in (string[])["bank-a", "public-credit", "supply-chain"]) Assert.InRange(rows.GetProperty(party).GetInt32(), 100, 2 * Enterprises);
        var aligned = report.GetProperty("alignedRows").GetInt32();
        Assert.InRange(aligned, Enterprises / 4, Enterprises);
        Assert.Equal(aligned, report.GetProperty("trainRows").GetInt32() + report.GetProperty("testRows").GetInt32());

        var metrics = report.GetProperty("metrics");
        double Auc(string model) => metrics.GetProperty(model).GetProperty("auc").GetDouble();
        foreach (var model in (string[])["joint", "bankOnly", "pooled"])
        {
            Assert.InRange(metrics.GetProperty(model).GetProperty("ks").GetDouble(), 0.01, 1);
            Assert.InRange(metrics.GetProperty(model).GetProperty("logLoss").GetDouble(), 0.01, 2);
        }
        Assert.True(Auc("joint") > Auc("bankOnly"), $"joint {Auc("joint")}, bank only {Auc("bankOnly")}");
        Assert.Equal(Auc("pooled"), Auc("joint"), 1e-9);

        var seconds = report.GetProperty("seconds");
        foreach (var phase in (string[])["alignment", "training", "evaluation", "publication", "total"]) Assert.True(seconds.GetProperty(phase).GetDouble() >= 0);
        var bytes = report.GetProperty("bytes");
        foreach (var phase in (string[])["alignment", "training", "total"]) Assert.True(bytes.GetProperty(phase).GetInt64() > 0);
        Assert.True(report.GetProperty("audit").GetProperty("verified").GetBoolean());
        Assert.Equal(0, report.GetProperty("audit").GetProperty("findings").GetInt32());

        var manifest = _folder.File("demo", "model", "manifest.json");
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(manifest))), report.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(_folder.File("demo", "model"), report.GetProperty("model").GetProperty("path").GetString());
        Assert.True(File.Exists(_folder.File("demo", "model", "signatures.json")));

        // The planted faults are found and counted; full-width characters are too rare for so few enterprises.
        var identifiers = report.GetProperty("identifiers");
        foreach (var fault in (string[])["invalidCheckCharacters", "duplicates", "lowerCase", "spaces"])
            Assert.True(identifiers.EnumerateObject().Sum(party => party.Value.GetProperty(fault).GetInt32()) > 0, $"no {fault} was found");

        AssertPrivate(_folder.File("demo", "lab"));
    }

    /// <summary>Every folder of keys is its owner's alone, and every secret file in it.</summary>
    private static void AssertPrivate(string lab)
    {
        var folders = Directory.GetDirectories(lab, "keys", SearchOption.AllDirectories).Append(Path.Combine(lab, "coordinator", "authority")).ToArray();
        Assert.Equal(3 + 1 + 1 + 1, folders.Length); // three parties, coordinator, lead, authority
        foreach (var folder in folders)
        {
            Assert.Equal(OwnerFolder, File.GetUnixFileMode(folder));
            foreach (var file in Directory.GetFiles(folder).Where(file => !IsPublic(file))) Assert.True(File.GetUnixFileMode(file) == OwnerFile, $"{file} is {File.GetUnixFileMode(file)}");
        }
        Assert.All((string[])[Path.Combine(lab, "coordinator"), .. Directory.GetDirectories(Path.Combine(lab, "parties"))], home => Assert.Equal(OwnerFolder, File.GetUnixFileMode(home)));
    }

    private static bool IsPublic(string file) => file.EndsWith(".crt.pem", StringComparison.Ordinal) || Path.GetFileName(file) == "ca.pem";
}
