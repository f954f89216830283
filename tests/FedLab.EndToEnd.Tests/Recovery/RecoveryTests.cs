using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Proto;

namespace FedLab.EndToEnd.Tests.Recovery;

/// <summary>Whatever fails in the middle of a training, the run ends with the model that it would have had, to the byte.</summary>
public sealed class RecoveryTests : IClassFixture<RecoveryTests.UndisturbedRun>
{
    private const string Experiment = "recovery";
    private const int Trees = 60;
    private const int TreesBeforeTheBlow = 5;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(10);

    private readonly UndisturbedRun _undisturbed;

    public RecoveryTests(UndisturbedRun undisturbed) => _undisturbed = undisturbed;

    [Theory]
    [InlineData("bank")]
    [InlineData("platform")]
    [InlineData(LabProcesses.CoordinatorName)]
    public async Task A_process_killed_in_mid_training_comes_back_and_the_run_goes_on_from_a_checkpoint_to_the_same_model(string victim)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var lab = ControlledLab.Create(Experiment, _undisturbed.Plan, folder.File("run"));
        await lab.StartAsync(cancellation);

        var killedAfter = 0;
        var ended = await lab.TrainAsync(
            run =>
            {
                if (killedAfter > 0 || TreesOf(run) < TreesBeforeTheBlow) return;
                killedAfter = TreesOf(run);
                lab.Kill(victim);
            },
            cancellation);

        Assert.InRange(killedAfter, TreesBeforeTheBlow, Trees - 1);
        lab.AssertFinished(ended);
        Assert.Equal([victim], lab.Restarted);
        Assert.Equal(2, ended.Attempt);
        var audit = await lab.CloseAsync(ended, cancellation);
        Assert.Equal(_undisturbed.Manifest, await File.ReadAllBytesAsync(lab.Lab.Workspace.ManifestFile, cancellation));
        Assert.True(audit.Verified, "the audit trail of a run with a killed process does not hold");

        // One message after each tree, and one more at the end: what the second attempt trained itself.
        var (first, second) = (TreesFinishedIn(lab, attempt: 1), TreesFinishedIn(lab, attempt: 2) - 1);
        Assert.InRange(second, 1, Trees - 1);
        Assert.True(first + second >= Trees, $"{first} and {second} trees are less than {Trees}");
    }

    [Fact]
    public async Task A_connection_lost_for_ten_seconds_neither_ends_the_run_nor_starts_a_new_attempt()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var lab = ControlledLab.Create(Experiment, _undisturbed.Plan, folder.File("run"));
        await using var proxy = new CuttableProxy(lab.Lab.Port);
        foreach (var party in lab.Lab.Parties) lab.Configure(party, configuration => configuration["coordinator"] = $"https://127.0.0.1:{proxy.Port}");
        await lab.StartAsync(cancellation);
        Assert.Equal(lab.Lab.Parties.Count, proxy.Open);

        Task? outage = null;
        int before = 0, missing = 0;
        var ended = await lab.TrainAsync(
            run =>
            {
                if (outage is null && TreesOf(run) >= TreesBeforeTheBlow)
                {
                    before = TreesOf(run);
                    proxy.Cut();
                    outage = MendAsync();
                }
                missing = Math.Max(missing, run.Parties.Count(party => !party.Connected));
            },
            cancellation);

        lab.AssertFinished(ended);
        Assert.NotNull(outage);
        await outage;
        Assert.InRange(before, TreesBeforeTheBlow, Trees - 1);
        Assert.Equal(lab.Lab.Parties.Count, missing);
        Assert.Equal(2 * lab.Lab.Parties.Count, proxy.Accepted);
        Assert.Empty(lab.Restarted);
        Assert.Equal(1, ended.Attempt);
        var audit = await lab.CloseAsync(ended, cancellation);
        Assert.Equal(_undisturbed.Manifest, await File.ReadAllBytesAsync(lab.Lab.Workspace.ManifestFile, cancellation));
        Assert.True(audit.Verified, "the audit trail of a run with a lost connection does not hold");
        Assert.Equal(Trees + 1, TreesFinishedIn(lab, attempt: 1));
        Assert.DoesNotContain("run.resumed", CoordinatorRecord.Types(lab.Lab.Workspace.Coordinator));

        async Task MendAsync()
        {
            await Task.Delay(Outage, cancellation);
            proxy.Mend();
        }
    }

    /// <summary>Trees that the active party has finished, as a lead sees it; 0 outside the training.</summary>
    private static int TreesOf(RunDescription run)
    {
        var active = run.Parties.Single(party => party.Role == "active");
        return active.Phase == "training" ? active.Done : 0;
    }

    private static int TreesFinishedIn(ControlledLab lab, int attempt) =>
        CoordinatorRecord.Relayed(lab.Lab.Workspace.Coordinator).Count(envelope => envelope.Attempt == attempt && envelope.Step == "tree.finished" && envelope.Receiver == "platform");

    /// <summary>The model that nothing disturbed.</summary>
    public sealed class UndisturbedRun : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal SimulationPlan Plan { get; private set; } = null!;

        public byte[] Manifest { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            var enterprises = Enterprises.Write(_folder, 900);
            Plan = SimulationPlan.Create(new SimulationOptions
            {
                Parties = [$"bank={enterprises.Bank}", $"platform={enterprises.Platform}", $"chain={enterprises.Chain}"],
                Keys = ["id"],
                Label = $"bank.{Enterprises.LabelColumn}",
                Optional = ["chain"],
                Exclude = [$"platform.{Enterprises.ExcludedColumn}"],
                Settings = [$"trees={Trees}", "depth=3", "bins=16", "subsample=0.8", "early-stopping-rounds=60"],
            });
            Manifest = await ControlledLab.ReferenceManifestAsync(Experiment, Plan, _folder.File("reference"), CancellationToken.None);
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
