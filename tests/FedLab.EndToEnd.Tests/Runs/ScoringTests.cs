using System.Globalization;
using FedLab.EndToEnd.Tests.Support;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary><c>fedlab score</c>: new rows through the institutions that made the model.</summary>
[Collection(FinishedRunGroup.Name)]
public sealed class ScoringTests(FinishedRun finished) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_that_all_know_get_the_training_runs_scores_and_rows_that_a_required_source_does_not_know_none()
    {
        // The lab writes into its own folder when it scores; the shared run stays as it is.
        var model = _folder.CopyOf(finished.Workspace.Root, "run");
        MakePrivate(Path.Combine(model, "lab"));
        // New customers beside the old ones: with the same columns, without outcome.
        using var second = new TemporaryFolder();
        var others = Enterprises.Write(second, 100, seed: 2);
        var (bank, platform, chain) = (_folder.File("bank.csv"), _folder.File("platform.csv"), _folder.File("chain.csv"));
        File.WriteAllLines(bank, File.ReadAllLines(finished.Enterprises.Bank).Concat(File.ReadAllLines(others.Bank).Skip(1)).Select(line => line[..line.LastIndexOf(',')]));
        File.WriteAllLines(platform, File.ReadAllLines(finished.Enterprises.Platform).Concat(File.ReadAllLines(others.Platform).Skip(1)));
        File.WriteAllLines(chain, File.ReadAllLines(finished.Enterprises.Chain).Concat(File.ReadAllLines(others.Chain).Skip(1)));

        (await FedLabProgram.RunAsync(_folder.Path, "score", "--model", model, "--party", $"bank={bank}", "--party", $"platform={platform}", "--party", $"chain={chain}", "--out", "scores.csv", "--json")).Succeeded();

        var scores = Read(_folder.File("scores.csv"));
        Assert.Equal([.. finished.Enterprises.Keys, .. others.Keys], scores.Keys);
        var known = finished.Enterprises.Keys.Except(finished.Enterprises.UnknownToPlatform).Concat(others.Keys.Except(others.UnknownToPlatform)).ToHashSet();
        foreach (var (key, probability) in scores) Assert.True(known.Contains(key) == probability is > 0 and < 1, $"{key}: {probability}");
        Assert.Contains(scores, score => others.UnknownToChain.Contains(score.Key) && score.Value is not null);

        var before = Read(Path.Combine(finished.StoreOf("bank"), "scores.csv"));
        Assert.Equal(finished.Report.GetProperty("testRows").GetInt32(), before.Count);
        foreach (var (key, probability) in before) Assert.Equal(probability, scores[key]);
        Assert.True(before.Values.Distinct().Count() > 20, "the model tells hardly any rows apart");
    }

    [Fact]
    public async Task A_model_that_was_altered_scores_nothing()
    {
        var model = _folder.CopyOf(finished.Workspace.Root, "run");
        var manifest = Path.Combine(model, "model", "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"trees\": 12", "\"trees\": 13", StringComparison.Ordinal));
        var enterprises = finished.Enterprises;

        var run = await FedLabProgram.RunAsync(_folder.Path, "score", "--model", model, "--party", $"bank={enterprises.Bank}", "--party", $"platform={enterprises.Platform}", "--party", $"chain={enterprises.Chain}", "--out", "scores.csv");

        Refusal.Assert(run, 1, Path.Combine(model, "model"));
        Assert.False(File.Exists(_folder.File("scores.csv")));
    }

    private static OrderedDictionary<string, double?> Read(string path)
    {
        var scores = new OrderedDictionary<string, double?>(StringComparer.Ordinal);
        var lines = File.ReadAllLines(path);
        Assert.Equal("key,probability", lines[0]);
        foreach (var fields in lines.Skip(1).Select(line => line.Split(',')))
            scores.Add(fields[0], fields[1].Length == 0 ? null : double.Parse(fields[1], CultureInfo.InvariantCulture));
        return scores;
    }

    /// <summary>A copy has the rights that the system gives new files.</summary>
    private static void MakePrivate(string lab)
    {
        foreach (var folder in Directory.GetDirectories(lab, "keys", SearchOption.AllDirectories).Append(Path.Combine(lab, "coordinator", "authority")))
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            foreach (var file in Directory.GetFiles(folder)) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
