using FedLab.Client.Plans;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Publication;

namespace FedLab.EndToEnd.Tests.Runs;

/// <summary>The same data, settings and seed give the same published model, to the byte, whichever way it is made.</summary>
[Collection(FinishedRunGroup.Name)]
public sealed class SameModelTests(FinishedRun finished) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task In_one_process_it_is_the_model_of_separate_processes()
    {
        (await FedLabProgram.RunAsync(_folder.Path, ["simulate", .. finished.Enterprises.Arguments, .. FinishedRun.Settings, "--name", FinishedRun.Name, "--in-memory", "--out", "run", "--no-baselines", "--json"])).Succeeded();

        var manifest = File.ReadAllText(_folder.File("run", "model", "manifest.json"));
        Assert.Equal(File.ReadAllText(finished.Workspace.ManifestFile), manifest);
        Assert.All(Manifest.Parse(File.ReadAllBytes(finished.Workspace.ManifestFile)).Parties, party => Assert.True(party.Splits > 0, $"{party.Name} has no split: the comparison would not notice it"));
    }

    [Fact]
    public async Task With_one_thread_at_every_party_it_is_the_model_of_all_processors()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var plan = SimulationPlan.Create(new SimulationOptions
        {
            Parties = [$"bank={finished.Enterprises.Bank}", $"platform={finished.Enterprises.Platform}", $"chain={finished.Enterprises.Chain}"],
            Keys = ["id"],
            Label = $"bank.{Enterprises.LabelColumn}",
            Optional = ["chain"],
            Exclude = [$"platform.{Enterprises.ExcludedColumn}"],
            Settings = [.. FinishedRun.Settings.Where(argument => argument.Contains('=', StringComparison.Ordinal))],
            MinimumCohort = "5",
        });
        await using var lab = ControlledLab.Create(FinishedRun.Name, plan, _folder.File("run"));
        foreach (var party in lab.Lab.Parties) lab.Configure(party, configuration => configuration["settings"]!["threads"] = 1);
        await lab.StartAsync(cancellation);
        var ended = await lab.TrainAsync(_ => { }, cancellation);

        lab.AssertFinished(ended);
        var model = await lab.Connection.GetModelAsync(ended.Run, cancellation);
        Assert.Equal(File.ReadAllText(finished.Workspace.ManifestFile), model.Manifest.ToStringUtf8());
    }

    [Fact]
    public async Task Another_row_order_in_a_file_gives_the_same_splits_and_figures()
    {
        var lines = File.ReadAllLines(finished.Enterprises.Platform);
        File.WriteAllLines(_folder.File("platform.csv"), [lines[0], .. lines.Skip(1).Reverse()]);
        string[] arguments = [.. finished.Enterprises.Arguments.Select(argument => argument.StartsWith("platform=", StringComparison.Ordinal) ? $"platform={_folder.File("platform.csv")}" : argument)];
        (await FedLabProgram.RunAsync(_folder.Path, ["simulate", .. arguments, .. FinishedRun.Settings, "--name", FinishedRun.Name, "--in-memory", "--out", "run", "--no-baselines", "--json"])).Succeeded();

        var (one, other) = (Manifest.Parse(File.ReadAllBytes(finished.Workspace.ManifestFile)), Manifest.Parse(File.ReadAllBytes(_folder.File("run", "model", "manifest.json"))));
        Assert.Equal(one.Metrics, other.Metrics);
        Assert.Equal(one.Parties.Select(party => party.Splits), other.Parties.Select(party => party.Splits));
    }
}
