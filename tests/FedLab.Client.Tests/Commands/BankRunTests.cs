using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FedLab.Federation.Horizontal;

namespace FedLab.Client.Tests.Commands;

/// <summary>Whole runs between banks through the command: in memory and with real processes.</summary>
public sealed class BankRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("trees", 3)]
    [InlineData("logistic", 3)]
    [InlineData("logistic", 2)]
    public async Task Banks_have_the_pooled_model_and_the_report_says_what_each_gains(string model, int banks)
    {
        string[] settings = [.. model == "trees" ? ["--set", "trees=5"] : Array.Empty<string>(), .. banks == 2 ? ["--allow-two-banks"] : Array.Empty<string>()];
        var run = await SimulateAsync(banks, "out", ["--model", model, "--in-memory", "--json", .. settings]);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        var report = JsonNode.Parse(run.Output)!.AsObject();
        Assert.Equal("horizontal", (string)report["federation"]!);
        Assert.Equal(4, (int)report["features"]!["count"]!);
        Assert.Equal(ThreeBanks.Rows.Take(banks).Sum(), (int)report["trainRows"]! + (int)report["testRows"]!);
        foreach (var name in (string[])["auc", "ks", "logLoss"])
            Assert.Equal((double)report["metrics"]!["pooled"]![name]!, (double)report["metrics"]!["joint"]![name]!, 1e-9);
        foreach (var (name, bank) in report["banks"]!.AsObject())
        {
            Assert.Equal((double)bank!["joint"]!["auc"]! - (double)bank["alone"]!["auc"]!, (double)bank["gain"]!, 1e-12);
            Assert.True(File.Exists(Path.Combine(_folder.File("out"), "lab", "parties", name, "runs", (string)report["run"]!, BankReport.FileName)), name);
        }
        Assert.True((double)report["cost"]!["learnerSeconds"]! > 0);
        Assert.True((long)report["cost"]!["bytesSentPerSum"]! > 0);
        Assert.True((bool)report["audit"]!["verified"]!);
        Assert.Equal(run.Output.Trim(), (await File.ReadAllTextAsync(_folder.File("out/report.json"), TestContext.Current.CancellationToken)).Trim());
        // An exception stands in a bank's policy only when it was asked for.
        Assert.Equal(banks == 2, (bool?)Policy("out", "a")["twoBanks"] == true);
        await CheckModelFolderAsync(report);
        if (model == "logistic") CheckCoefficients(report["logistic"]!);
        else Assert.Null(report["logistic"]);
        await ScoreAloneAsync(report);
    }

    [Fact]
    public async Task Processes_and_memory_publish_the_same_bytes()
    {
        var memory = await SimulateAsync(3, "memory", ["--model", "trees", "--set", "trees=3", "--in-memory", "--no-baselines"]);
        Assert.True(memory.ExitCode == 0, memory.Error);
        Assert.Contains("Gain over the own model", memory.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("pooled", memory.Output, StringComparison.Ordinal);
        // A setting of the protocol is no part of the model.
        var processes = await SimulateAsync(3, "processes", ["--model", "trees", "--set", "trees=3", "--set", "threshold=3", "--no-baselines", "--json"]);
        Assert.True(processes.ExitCode == 0, processes.Error);
        foreach (var file in (string[])["manifest.json", "model.json", "model.onnx"]) Assert.Equal(Hash(_folder.File("memory/model/" + file)), Hash(_folder.File("processes/model/" + file)));
        Assert.True((bool)JsonNode.Parse(processes.Output)!["audit"]!["verified"]!, processes.Output);
        Assert.True((bool?)Policy("processes", "c")["thresholdKeys"]);
        Assert.Null(Policy("memory", "c")["thresholdKeys"]);
    }

    [Theory]
    [InlineData("trees", "--set", "trees=3")]
    [InlineData("logistic", "--set", "ridge=1")]
    public async Task A_bank_whose_rows_are_of_one_class_takes_part(string model, params string[] more)
    {
        var files = ThreeBanks.Write(_folder);
        _folder.Write("c.csv", ThreeBanks.Content(2, 60).Replace(",1\n", ",0\n", StringComparison.Ordinal));
        var run = await CommandLineRun.RunAsync(
            ["simulate", "--federation", "horizontal", .. files.SelectMany(file => (string[])["--party", file]), "--label", "default", "--model", model, "--in-memory", "--json", "--out", _folder.File("out"), .. more]);
        Assert.True(run.ExitCode == 0, run.Error);
        var banks = JsonNode.Parse(run.Output)!["banks"]!;
        Assert.Null(banks["c"]!["joint"]);
        Assert.Null(banks["c"]!["alone"]);
        Assert.NotNull(banks["a"]!["joint"]);
        Assert.True((bool)JsonNode.Parse(run.Output)!["audit"]!["verified"]!);
    }

    [Fact]
    public async Task Two_banks_are_refused_before_anything_is_written()
    {
        var run = await SimulateAsync(2, "out", ["--in-memory"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--allow-two-banks", run.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")), "a folder was left");
    }

    [Fact]
    public async Task Files_with_other_columns_are_named_and_nothing_is_left()
    {
        var files = ThreeBanks.Write(_folder);
        _folder.Write("c.csv", ThreeBanks.Content(2, 60).Replace("income", "turnover", StringComparison.Ordinal));
        var run = await CommandLineRun.RunAsync(["simulate", "--federation", "horizontal", .. files.SelectMany(file => (string[])["--party", file]), "--label", "default", "--in-memory", "--out", _folder.File("out")]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("c.csv", run.Sentence, StringComparison.Ordinal);
        Assert.Contains("'income'", run.Sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")), "a folder was left");
    }

    [Theory]
    [InlineData("trees", "--rows", "3000", "--set", "trees=3")]
    [InlineData("logistic", "--rows", "3000")]
    public async Task The_demo_has_four_banks_one_of_them_small(string model, params string[] more)
    {
        var run = await CommandLineRun.RunAsync(["demo", "--federation", "horizontal", "--model", model, "--in-memory", "--json", "--out", _folder.File("demo"), .. more]);
        Assert.True(run.ExitCode == 0, run.Error);
        var report = JsonNode.Parse(run.Output)!.AsObject();
        Assert.Equal(model, (string)report["model"]!["kind"]!);
        Assert.Equal(4, report["banks"]!.AsObject().Count);
        Assert.True((bool)report["audit"]!["verified"]!);
    }

    public void Dispose() => _folder.Dispose();

    private static void CheckCoefficients(JsonNode fit)
    {
        var states = fit["coefficients"]!.AsArray().ToDictionary(line => (string)line!["name"]!, line => (string)line!["state"]!, StringComparer.Ordinal);
        Assert.Equal("estimated", states["(intercept)"]);
        Assert.Equal("constant", states["flat"]);
        Assert.Contains("reference", states.Values);
        var income = fit["coefficients"]!.AsArray().Single(line => (string)line!["name"]! == "income")!;
        Assert.True((double)income["estimate"]! < 0);
        Assert.Equal((double)income["estimate"]! / (double)income["standardError"]!, (double)income["waldZ"]!, 1e-9);
        Assert.True((double)fit["deviance"]! < (double)fit["nullDeviance"]!);
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private JsonNode Policy(string run, string bank) => JsonNode.Parse(File.ReadAllText(_folder.File($"{run}/lab/parties/{bank}/participant.json")))!["approval"]!;

    private async Task CheckModelFolderAsync(JsonObject report)
    {
        var manifest = await File.ReadAllBytesAsync(_folder.File("out/model/manifest.json"), TestContext.Current.CancellationToken);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(manifest)), (string)report["model"]!["sha256"]!);
        Assert.Equal(BankManifest.Parse(manifest).ModelHash, Hash(_folder.File("out/model/model.json")));
        Assert.True(new FileInfo(_folder.File("out/model/model.onnx")).Length > 0);
        var signatures = JsonNode.Parse(await File.ReadAllTextAsync(_folder.File("out/model/signatures.json"), TestContext.Current.CancellationToken))!;
        foreach (var bank in report["banks"]!.AsObject().Select(bank => bank.Key)) Assert.Contains($"\"{bank}\"", signatures.ToJsonString(), StringComparison.Ordinal);
    }

    private async Task ScoreAloneAsync(JsonObject report)
    {
        var scored = await CommandLineRun.RunAsync("score", "--model", (string)report["model"]!["file"]!, "--data", _folder.File("a.csv"), "--key", "id", "--out", _folder.File("scores.csv"));
        Assert.True(scored.ExitCode == 0, scored.Error);
        Assert.Equal(ThreeBanks.Rows[0] + 1, (await File.ReadAllLinesAsync(_folder.File("scores.csv"), TestContext.Current.CancellationToken)).Length);
        // There are no institutions to ask.
        var asked = await CommandLineRun.RunAsync("score", "--model", _folder.File("out"), "--party", $"a={_folder.File("a.csv")}", "--out", _folder.File("no.csv"));
        Assert.Equal(2, asked.ExitCode);
        Assert.Contains("--data FILE", asked.Sentence, StringComparison.Ordinal);
    }

    private Task<CommandLineRun> SimulateAsync(int banks, string folder, string[] more) => CommandLineRun.RunAsync(
        ["simulate", "--federation", "horizontal", .. ThreeBanks.Write(_folder, banks).SelectMany(file => (string[])["--party", file]), "--key", "id", "--label", "default", "--out", _folder.File(folder), .. more]);
}
