using System.Globalization;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary><c>fedlab up</c> with processes.</summary>
public sealed class UpTests : IDisposable
{
    private const int Failure = 1;
    private const int Usage = 2;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lab_of_processes_is_there_until_Ctrl_C_and_can_be_brought_up_again()
    {
        string[] options = ["--rows", "1500", "--set", "trees=3"];
        (await FedLabProgram.RunAsync(_folder.Path, ["demo", .. options, "--in-memory", "--no-baselines", "--out", "one"])).Succeeded();
        // Any other lab of this machine may have the usual port.
        using var port = new HeldPort();
        options = [.. options, "--port", port.Number.ToString(CultureInfo.InvariantCulture)];
        for (var time = 0; time < 2; time++)
        {
            await using var up = FedLabProgram.Start(_folder.Path, ["up", "--out", "lab", .. time == 0 ? options : []]);
            Assert.True(await Patience.UntilAsync(() => up.HasExited || up.ErrorSoFar.Contains("Ctrl-C", StringComparison.Ordinal), Patience.Long, TestContext.Current.CancellationToken));
            Assert.False(up.HasExited, up.ErrorSoFar);
            // The line that it prints is one that can be run.
            var line = up.ErrorSoFar.Split('\n').Single(line => line.TrimStart().StartsWith("fedlab run", StringComparison.Ordinal)).Trim().Split(' ')[1..];
            (await FedLabProgram.RunAsync(_folder.Path, [.. line, "--out", $"model{time}"])).Succeeded();
            Assert.Equal(File.ReadAllBytes(_folder.File("one", "model", "manifest.json")), File.ReadAllBytes(_folder.File($"model{time}", "manifest.json")));

            await up.SignalAsync("INT");
            (await up.EndAsync()).Succeeded();
        }
    }

    [Theory]
    [InlineData("--engine /run/none.sock --containers", "/run/none.sock", "--engine")]
    [InlineData("--engine tcp://127.0.0.1:1 --containers", "tcp://127.0.0.1:1", "--engine")]
    [InlineData("--rows 5", "'5'", "1000")]
    [InlineData("--label bank.bad", "--label", "--party")]
    [InlineData("--memory 5 --containers --engine /run/none.sock", "'5'", "128")]
    public async Task What_cannot_be_brought_up_is_told_in_one_sentence_and_nothing_is_made(string arguments, string problem, string fix)
    {
        var run = await FedLabProgram.RunAsync(_folder.Path, ["up", "--out", "lab", .. arguments.Split(' ')]);
        var sentence = Refusal.Assert(run, arguments.StartsWith("--engine", StringComparison.Ordinal) ? Failure : Usage);
        Assert.Contains(problem, sentence, StringComparison.Ordinal);
        Assert.Contains(fix, sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("lab")));
    }

    [Fact]
    public async Task A_lab_that_exists_is_brought_up_as_it_was_made()
    {
        Directory.CreateDirectory(_folder.File("lab"));
        await File.WriteAllTextAsync(_folder.File("lab", "up.json"), """{"lab":"demo","kind":"Containers","parties":["a"],"port":7443,"ownPort":7443}""", TestContext.Current.CancellationToken);
        Assert.Contains("--containers", Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "up", "--out", "lab"), Usage), StringComparison.Ordinal);
        Assert.Contains("'--rows'", Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "up", "--containers", "--rows", "2000", "--out", "lab"), Usage), StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder.File("lab", "up.json"), """{"lab":"demo","kind":"Ships"}""", TestContext.Current.CancellationToken);
        Assert.Contains("up.json", Refusal.Assert(await FedLabProgram.RunAsync(_folder.Path, "up", "--out", "lab"), Usage), StringComparison.Ordinal);
    }
}
