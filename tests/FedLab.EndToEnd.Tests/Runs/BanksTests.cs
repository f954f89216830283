using System.Text.Json;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary>Several banks, one model: the command, with processes and without.</summary>
public sealed class BanksTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("trees")]
    [InlineData("logistic")]
    public async Task With_processes_and_in_one_process_the_banks_publish_the_same_model_and_each_can_score_with_it_alone(string model)
    {
        var files = await BankFiles.WriteAsync(_folder, 3, model, model == "trees" ? ["trees=10", "depth=3"] : []);
        (await FedLabProgram.RunAsync(_folder.Path, ["simulate", .. files.Arguments, "--out", "one", "--no-baselines", "--in-memory", "--json"])).Succeeded();
        var run = (await FedLabProgram.RunAsync(_folder.Path, ["simulate", .. files.Arguments, "--out", "run", "--json"])).Succeeded();

        foreach (var file in (string[])["manifest.json", "model.json", "model.onnx"])
            Assert.Equal(File.ReadAllBytes(_folder.File("one", "model", file)), File.ReadAllBytes(_folder.File("run", "model", file)));
        using var document = JsonDocument.Parse(run.Output);
        var report = document.RootElement;
        Assert.True(report.GetProperty("audit").GetProperty("verified").GetBoolean());
        Assert.Equal(3, report.GetProperty("banks").EnumerateObject().Count());
        var (joint, pooled) = (report.GetProperty("metrics").GetProperty("joint").GetProperty("auc").GetDouble(), report.GetProperty("metrics").GetProperty("pooled").GetProperty("auc").GetDouble());
        Assert.Equal(pooled, joint, 2e-3);

        var bank = files.Arguments.First(argument => argument.Contains(".csv", StringComparison.Ordinal)).Split('=')[1];
        (await FedLabProgram.RunAsync(_folder.Path, "score", "--model", _folder.File("run", "model", "model.json"), "--data", bank, "--key", "uscc", "--out", "scores.csv")).Succeeded();
        Assert.Equal(File.ReadLines(bank).Count(), File.ReadLines(_folder.File("scores.csv")).Count());
    }

    [Fact]
    public async Task The_demo_of_four_banks_shows_what_the_small_one_gains()
    {
        var run = (await FedLabProgram.RunAsync(_folder.Path, "demo", "--federation", "horizontal", "--in-memory", "--no-baselines", "--json", "--out", "demo")).Succeeded();

        using var document = JsonDocument.Parse(run.Output);
        var banks = document.RootElement.GetProperty("banks").EnumerateObject().ToDictionary(bank => bank.Name, bank => bank.Value);
        Assert.Equal(4, banks.Count);
        var smallest = banks.MinBy(bank => bank.Value.GetProperty("trainRows").GetInt32()).Key;
        Assert.True(banks[smallest].GetProperty("gain").GetDouble() > 0.03, "the small bank gains little");
        Assert.All(banks.Values, bank => Assert.True(bank.GetProperty("gain").GetDouble() > 0));
    }
}
