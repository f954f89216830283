using FedLab.Client.Processes;
using FedLab.EndToEnd.Tests.Support;
using FedLab.Federation.Horizontal;
using FedLab.Proto;

namespace FedLab.EndToEnd.Tests.Recovery;

/// <summary>Banks and coordinators that fail in the middle of a training between banks.</summary>
public sealed class BankRecoveryTests : IDisposable
{
    private const int Trees = 60;
    private const int TreesBeforeTheBlow = 5;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bank-b")]
    [InlineData(LabProcesses.CoordinatorName)]
    public async Task Killed_in_mid_training_it_comes_back_and_the_run_goes_on_from_the_known_sums_to_the_same_model(string victim)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var files = await BankFiles.WriteAsync(_folder, 3, "trees", $"trees={Trees}", "depth=3");
        var expected = await ControlledLab.ReferenceManifestAsync(BankFiles.Experiment, files.Plan, files.Spec, _folder.File("reference"), cancellation);
        await using var lab = ControlledLab.Create(BankFiles.Experiment, files.Plan, files.Spec, _folder.File("run"));
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
        Assert.Equal(expected, await File.ReadAllBytesAsync(lab.Lab.Workspace.ManifestFile, cancellation));
        Assert.True(audit.Verified, "the audit trail does not hold");

        // No sum is decrypted twice: of the round that was under way at most one part was made in vain.
        var rounds = BankManifest.Parse(expected).Rounds;
        var parts = CoordinatorRecord.Relayed(lab.Lab.Workspace.Coordinator).Count(envelope => envelope.Step == "sum.part" && envelope.Sender == "bank-a");
        Assert.InRange(parts, rounds, rounds + 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_threshold_keys_a_bank_that_stays_away_is_left_out_and_the_others_end_with_a_model(bool freezes)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var files = await BankFiles.WriteAsync(_folder, 4, "trees", $"trees={Trees}", "depth=3", "threshold=3");
        await using var lab = ControlledLab.Create(BankFiles.Experiment, files.Plan, files.Spec, _folder.File("run"));
        lab.ConfigureCoordinator(configuration => configuration["absenceSeconds"] = 2);
        await lab.StartAsync(cancellation);
        using var nobodys = new HeldPort();
        var gone = false;
        var ended = await lab.TrainAsync(
            run =>
            {
                if (gone || TreesOf(run) < TreesBeforeTheBlow) return;
                gone = true;
                if (freezes)
                {
                    lab.Freeze("bank-c");
                    return;
                }
                // It is started again, and looks for the coordinator where there is none.
                lab.Configure("bank-c", configuration => configuration["coordinator"] = $"https://127.0.0.1:{nobodys.Number}");
                lab.Kill("bank-c");
            },
            cancellation);

        lab.AssertFinished(ended);
        Assert.Equal(2, ended.Attempt);
        Assert.Equal(["bank-c"], ended.Parties.Where(party => party.Absent).Select(party => party.Name));
        var audit = await lab.CloseAsync(ended, cancellation);
        // The log of a bank that froze ends before its part of the run, which is no finding against it.
        Assert.True(audit.Verified, "the audit trail does not hold");
        var manifest = BankManifest.Parse(await File.ReadAllBytesAsync(lab.Lab.Workspace.ManifestFile, cancellation));
        Assert.Equal(["bank-c"], manifest.Absent!.Keys);
        Assert.InRange(manifest.Absent["bank-c"], TreesBeforeTheBlow, manifest.Rounds - 1);
        foreach (var bank in lab.Lab.Parties.Except(["bank-c"])) Assert.Empty(Directory.EnumerateFiles(lab.Lab.Workspace.Party(bank), "collective.*", SearchOption.AllDirectories));
        Assert.Contains("party.left", CoordinatorRecord.Types(lab.Lab.Workspace.Coordinator));
    }

    private static int TreesOf(RunDescription run) => run.Parties.Where(party => party.Phase == "training").Select(party => party.Done).DefaultIfEmpty().Max();
}
