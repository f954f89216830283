using System.Security.Cryptography;
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

    [Theory]
    [InlineData("bank")]
    [InlineData("chain")]
    public async Task A_process_killed_while_the_rows_are_aligned_comes_back_and_the_run_begins_again_to_the_same_model(string victim)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var lab = ControlledLab.Create(Experiment, _undisturbed.Plan, folder.File("run"));
        await lab.StartAsync(cancellation);

        var killed = false;
        var ended = await lab.TrainAsync(
            run =>
            {
                if (killed || run.Parties.All(party => party.Phase != "alignment")) return;
                killed = true;
                lab.Kill(victim);
            },
            cancellation);

        lab.AssertFinished(ended);
        Assert.Equal([victim], lab.Restarted);
        Assert.Equal(2, ended.Attempt);
        var audit = await lab.CloseAsync(ended, cancellation);
        Assert.Equal(_undisturbed.Manifest, await File.ReadAllBytesAsync(lab.Lab.Workspace.ManifestFile, cancellation));
        Assert.True(audit.Verified, "the audit trail does not hold");
    }

    /// <summary>Minutes of blows at random moments, for whoever changes sessions, checkpoints or the state machine; run with <c>-explicit only</c>.</summary>
    [Fact(Explicit = true)]
    public async Task Processes_killed_at_random_moments_and_cut_connections_never_change_the_model()
    {
        const int rounds = 12;
        var cancellation = TestContext.Current.CancellationToken;
        for (var round = 0; round < rounds; round++)
        {
            using var folder = new TemporaryFolder();
            await using var lab = ControlledLab.Create(Experiment, _undisturbed.Plan, folder.File("run"));
            await using var proxy = new CuttableProxy(lab.Lab.Port);
            foreach (var party in lab.Lab.Parties) lab.Configure(party, configuration => configuration["coordinator"] = $"https://127.0.0.1:{proxy.Port}");
            await lab.StartAsync(cancellation);
            var blows = new List<string>();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var training = lab.TrainAsync(_ => { }, cancellation);
            var beating = BeatAsync(over.Token);
            var ended = await training;
            await over.CancelAsync();
            await beating;

            lab.AssertFinished(ended);
            var audit = await lab.CloseAsync(ended, cancellation);
            var story = $"round {round}: {string.Join(", ", blows)}";
            TestContext.Current.SendDiagnosticMessage("{0}; attempts: {1}", story, ended.Attempt);
            var manifest = await File.ReadAllBytesAsync(lab.Lab.Workspace.ManifestFile, cancellation);
            Assert.True(_undisturbed.Manifest.SequenceEqual(manifest), $"another model after {story}");
            Assert.True(audit.Verified, $"the audit trail does not hold after {story}");

            async Task BeatAsync(CancellationToken token)
            {
                string[] targets = [LabProcesses.CoordinatorName, .. lab.Lab.Parties, "connections"];
                try
                {
                    for (var blow = 0; blow < 3; blow++)
                    {
                        await Task.Delay(RandomNumberGenerator.GetInt32(200, 4000), token);
                        var target = targets[RandomNumberGenerator.GetInt32(targets.Length)];
                        if (target == "connections")
                        {
                            proxy.Cut();
                            await Task.Delay(RandomNumberGenerator.GetInt32(1, 1000), CancellationToken.None);
                            proxy.Mend();
                        }
                        else if (lab.Processes.Ids.ContainsKey(target))
                        {
                            lab.Kill(target);
                        }
                        blows.Add(target);
                    }
                }
                catch (OperationCanceledException)
                {
                    // The run was quicker.
                }
            }
        }
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
        // Each party has enrolled over connections of their own, which are closed.
        while (proxy.Open != lab.Lab.Parties.Count) await Task.Delay(20, cancellation);
        var accepted = proxy.Accepted;

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
        Assert.Equal(accepted + lab.Lab.Parties.Count, proxy.Accepted);
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
                Settings = [$"trees={Trees}", "depth=2", "bins=8", "subsample=0.8", "early-stopping-rounds=60"],
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
