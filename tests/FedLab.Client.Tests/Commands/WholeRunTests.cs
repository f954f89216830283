using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedLab.Client.Tests.Commands;

/// <summary>Whole runs through the command: in memory and with real processes.</summary>
public sealed class WholeRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_run_reports_scores_and_verifies_and_an_altered_model_is_noticed()
    {
        var (bank, source) = TwoBanks.Write(_folder);
        var run = await SimulateAsync(bank, source, "out", "--in-memory", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var report = JsonNode.Parse(run.Output)!.AsObject();
        Assert.Equal(TwoBanks.Rows, (int)report["rows"]!["bank"]!);
        Assert.Equal(TwoBanks.Rows, (int)report["alignedRows"]!);
        Assert.Equal(TwoBanks.Rows, (int)report["trainRows"]! + (int)report["testRows"]!);
        foreach (var name in new[] { "auc", "ks", "logLoss" })
            Assert.Equal((double)report["metrics"]!["pooled"]![name]!, (double)report["metrics"]!["joint"]![name]!, 1e-9);
        Assert.True((double)report["metrics"]!["joint"]!["auc"]! > (double)report["metrics"]!["bankOnly"]!["auc"]!);
        foreach (var phase in new[] { "alignment", "training", "evaluation", "publication", "total" })
        {
            Assert.True((double)report["seconds"]![phase]! >= 0, phase);
            Assert.True((long)report["bytes"]![phase]! > 0, phase);
        }
        Assert.True((long)report["bytes"]!["perTree"]! > 0);
        Assert.True((bool)report["audit"]!["verified"]!);
        var manifest = _folder.File("out/model/manifest.json");
        Assert.Equal(Hash(manifest), (string)report["model"]!["sha256"]!);
        Assert.Equal(run.Output.Trim(), (await File.ReadAllTextAsync(_folder.File("out/report.json"), TestContext.Current.CancellationToken)).Trim());

        await ScoreNewRowsAsync();
        await VerifyAsync(expectedCode: 0);
        await File.AppendAllTextAsync(_folder.File("out/audit/model/manifest.json"), " ", TestContext.Current.CancellationToken);
        await VerifyAsync(expectedCode: 1);
        await File.AppendAllTextAsync(manifest, " ", TestContext.Current.CancellationToken);
        var altered = await CommandLineRun.RunAsync("score", "--model", _folder.File("out"), "--party", $"bank={bank}", "--party", $"source={source}", "--out", _folder.File("no.csv"));
        Assert.Equal(1, altered.ExitCode);
        Assert.Contains("altered", altered.Sentence, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("no.csv")));
    }

    [Fact]
    public async Task Marks_line_ends_quotes_and_chinese_headers_change_nothing()
    {
        var plain = new StringBuilder("id,balance,default\n");
        var dressed = new StringBuilder("\uFEFFid,\"余额,日均\",default\r\n");
        for (var row = 0; row < 200; row++)
        {
            plain.Append($"e{row},{row * 37 % 101},{(row * 37 % 101 < 40 ? 1 : 0)}\n");
            dressed.Append($"\"e{row}\",\"{row * 37 % 101}\",{(row * 37 % 101 < 40 ? 1 : 0)}\r\n");
        }
        var source = TwoBanks.Write(_folder, 200).Source;
        var one = await SimulateAsync(_folder.Write("plain.csv", plain.ToString()), source, "one", "--in-memory", "--json");
        var two = await SimulateAsync(_folder.Write("dressed.csv", dressed.ToString()), source, "two", "--in-memory", "--json");
        Assert.True(one.ExitCode == 0, one.Error);
        Assert.True(two.ExitCode == 0, two.Error);
        Assert.Equal((double)JsonNode.Parse(one.Output)!["metrics"]!["joint"]!["logLoss"]!, (double)JsonNode.Parse(two.Output)!["metrics"]!["joint"]!["logLoss"]!);
        Assert.Contains("余额,日均", await File.ReadAllTextAsync(_folder.File("two/model/manifest.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processes_and_memory_publish_the_same_bytes_and_no_process_is_left()
    {
        var (bank, source) = TwoBanks.Write(_folder);
        var memory = await SimulateAsync(bank, source, "memory", "--in-memory", "--no-baselines");
        Assert.True(memory.ExitCode == 0, memory.Error);
        var processes = await SimulateAsync(bank, source, "processes", "--no-baselines", "--json");
        Assert.True(processes.ExitCode == 0, processes.Error);
        Assert.Equal(Hash(_folder.File("memory/model/manifest.json")), Hash(_folder.File("processes/model/manifest.json")));
        Assert.True((bool)JsonNode.Parse(processes.Output)!["audit"]!["verified"]!, processes.Output);
        Assert.Empty(ProcessesOf(_folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var key in Directory.EnumerateFiles(_folder.File("processes/lab"), "*", SearchOption.AllDirectories).Where(file => file.EndsWith("identity.pem", StringComparison.Ordinal) || file.EndsWith(".key", StringComparison.Ordinal)))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key));
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Processes of this machine whose command line names the folder.</summary>
    private static List<string> ProcessesOf(string folder) => !Directory.Exists("/proc") ? [] :
        [.. Directory.EnumerateDirectories("/proc").Where(entry => Path.GetFileName(entry).All(char.IsAsciiDigit)).Select(CommandLineOf).Where(line => line.Contains("FedLab.", StringComparison.Ordinal) && line.Contains(folder, StringComparison.Ordinal))];

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Hash(string file) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));

    private async Task ScoreNewRowsAsync()
    {
        // Another order, one key that the source does not know, no label.
        var bank = _folder.Write("new-bank.csv", "id,balance\nn3,5\nn1,90\nunknown,10\nn2,20\n");
        var source = _folder.Write("new-source.csv", "region,id,arrears\nnorth,n1,1\nsouth,n2,15\nnorth,n3,2\n");
        var run = await CommandLineRun.RunAsync("score", "--model", _folder.File("out/model"), "--party", $"bank={bank}", "--party", $"source={source}", "--out", _folder.File("scores.csv"), "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal(4, (int)report["rows"]!);
        Assert.Equal(3, (int)report["scored"]!);
        Assert.Equal(1, (int)report["notAligned"]!);
        var lines = await File.ReadAllLinesAsync(_folder.File("scores.csv"), TestContext.Current.CancellationToken);
        var scores = lines.Skip(1).Select(line => line.Split(',')).ToDictionary(fields => fields[0], fields => fields[1], StringComparer.Ordinal);
        Assert.Equal("", scores["UNKNOWN"]);
        Assert.True(double.Parse(scores["N2"], System.Globalization.CultureInfo.InvariantCulture) > double.Parse(scores["N1"], System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task VerifyAsync(int expectedCode)
    {
        var run = await CommandLineRun.RunAsync("audit", "verify", _folder.File("out/audit"), "--json");
        Assert.Equal(expectedCode, run.ExitCode);
        using var verdict = JsonDocument.Parse(run.Output);
        Assert.Equal(expectedCode == 0, verdict.RootElement.GetProperty("verified").GetBoolean());
    }

    private Task<CommandLineRun> SimulateAsync(string bank, string source, string output, params string[] more) => CommandLineRun.RunAsync(
        ["simulate", "--party", $"bank={bank}", "--party", $"source={source}", "--key", "id", "--label", "bank.default", "--set", "trees=4", "--set", "depth=3", "--out", _folder.File(output), .. more]);
}
