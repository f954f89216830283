using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Scan.Workers;

namespace FedLab.EndToEnd.Tests.Recovery;

/// <summary>A source with scan workers, all of them real processes.</summary>
public sealed class ScanWorkerTests
{
    private const string Experiment = "workers";
    private const int Trees = 25;
    private const int TreesBeforeTheBlow = 4;

    [Fact]
    public async Task One_of_two_workers_killed_in_mid_run_changes_neither_the_model_nor_the_attempt()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var enterprises = Enterprises.Write(folder, 900);
        var plan = SimulationPlan.Create(new SimulationOptions
        {
            Parties = [$"bank={enterprises.Bank}", $"platform={enterprises.Platform}"],
            Keys = ["id"],
            Label = $"bank.{Enterprises.LabelColumn}",
            Exclude = [$"platform.{Enterprises.ExcludedColumn}"],
            // A slow line makes small blocks, of which each worker gets some.
            Settings = [$"trees={Trees}", "depth=3", "bins=8", "early-stopping-rounds=25", "link=1Mbit"],
        });
        var expected = await ControlledLab.ReferenceManifestAsync(Experiment, plan, folder.File("reference"), cancellation);
        await using var lab = ControlledLab.Create(Experiment, plan, folder.File("run"));
        var home = lab.Lab.Workspace.Party("platform");
        WorkerCredential.Create(Path.Combine(home, "keys"), TimeProvider.System);
        using var first = await ScanWorkerProcess.StartAsync(home, threads: 1, memoryMiB: 64, cancellation);
        using var second = await ScanWorkerProcess.StartAsync(home, threads: 1, memoryMiB: 64, cancellation);
        lab.Configure("platform", configuration => configuration["workers"] = new System.Text.Json.Nodes.JsonObject { ["address"] = $"{first.Address.Host}:{first.Address.Port},{second.Address.Host}:{second.Address.Port}" });
        await lab.StartAsync(cancellation);

        var killedAfter = 0;
        var ended = await lab.TrainAsync(
            run =>
            {
                var trees = run.Parties.Max(party => party.Phase == "training" ? party.Done : 0);
                if (killedAfter > 0 || trees < TreesBeforeTheBlow) return;
                killedAfter = trees;
                second.Kill();
            },
            cancellation);

        Assert.InRange(killedAfter, TreesBeforeTheBlow, Trees - 1);
        lab.AssertFinished(ended);
        Assert.Equal(1, ended.Attempt);
        var audit = await lab.CloseAsync(ended, cancellation);
        Assert.Equal(expected, await File.ReadAllBytesAsync(lab.Lab.Workspace.ManifestFile, cancellation));
        Assert.True(audit.Verified, "the audit trail does not hold");
        var log = await File.ReadAllTextAsync(Path.Combine(home, "participant.log"), cancellation);
        Assert.Contains($"scan worker 127.0.0.1:{first.Address.Port} takes part", log, StringComparison.Ordinal);
        Assert.Contains($"scan worker 127.0.0.1:{second.Address.Port} is lost", log, StringComparison.Ordinal);
        Assert.DoesNotContain("no scan worker is left", log, StringComparison.Ordinal);
    }
}
