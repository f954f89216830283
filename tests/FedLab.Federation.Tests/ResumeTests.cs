using System.Text;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;

namespace FedLab.Federation.Tests;

public sealed class ResumeTests
{
    private static readonly RandomEnterprises Data = new(11, 700);

    [Theory]
    [InlineData("bank", 3)]
    [InlineData("register", 4)]
    [InlineData("platform", 1)]
    public async Task A_run_that_is_cut_off_goes_on_and_publishes_the_same_manifest(string party, int afterTree)
    {
        var spec = RandomEnterprises.Spec(("trees", "8"), ("depth", "3"), ("bins", "16"), ("subsample", "0.8"), ("seed", "5"));
        using var whole = new TestLab(spec, Data.All);
        var expected = (await whole.RunAsync(1, TestContext.Current.CancellationToken))["bank"].Manifest;

        using var cut = new TestLab(spec, Data.All);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cut.OnProgress = (name, progress) =>
        {
            if (name == party && progress.Phase == "training" && progress.Done == afterTree) stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut.RunAsync(1, stop.Token));
        var reached = -1;
        cut.OnProgress = (name, progress) =>
        {
            if (name == "bank" && progress.Phase == "training" && progress.Done > 0 && reached < 0) reached = progress.Done;
        };
        var resumed = (await cut.RunAsync(2, TestContext.Current.CancellationToken))["bank"].Manifest;

        Assert.Equal(expected, resumed);
        Assert.InRange(reached, 1, afterTree + 2);
    }

    [Fact]
    public async Task The_report_of_a_run_that_was_resumed_adds_up_all_attempts()
    {
        // A given line: a measured one may give the two runs other plans and so other bytes.
        var spec = RandomEnterprises.Spec(("trees", "6"), ("depth", "3"), ("bins", "16"), ("link", "1Gbit"));
        using var whole = new TestLab(spec, Data.All);
        await whole.RunAsync(1, TestContext.Current.CancellationToken);
        using var cut = new TestLab(spec, Data.All);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        cut.OnProgress = (name, progress) =>
        {
            if (name == "bank" && progress.Phase == "training" && progress.Done == 4) stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cut.RunAsync(1, stop.Token));
        cut.OnProgress = null;
        await cut.RunAsync(2, TestContext.Current.CancellationToken);

        foreach (var party in Data.All.Keys)
        {
            var undisturbed = RunReport.Parse(await whole.Stores[party].LoadAsync(RunReport.FileName, default));
            var resumed = RunReport.Parse(await cut.Stores[party].LoadAsync(RunReport.FileName, default));
            Assert.Equal((1, 2), (undisturbed.Attempts, resumed.Attempts));
            // The loss after each tree is the same, whichever attempt grew it (but for the order of the rows, which is another in every run); only the bank knows it.
            Assert.Equal(party == "bank" ? 6 : 0, undisturbed.LossByRound?.Count ?? 0);
            Assert.Equal(undisturbed.LossByRound?.Count, resumed.LossByRound?.Count);
            foreach (var (one, other) in (undisturbed.LossByRound ?? []).Zip(resumed.LossByRound ?? [])) Assert.Equal(one!.Value, other!.Value, 1e-12);
            // So are the gains of the splits, exactly: those of the first attempt came with its checkpoint.
            Assert.Equal(party == "bank", undisturbed.Splits?.Count > 6);
            Assert.Equal(undisturbed.Splits, resumed.Splits);
            // The alignment was made in the first attempt alone, and every tree of the model in one of the two.
            foreach (var step in (string[])["align.points", "align.order"]) Assert.Equal(undisturbed.BytesByStep[step], resumed.BytesByStep[step]);
            Assert.InRange(resumed.BytesByStep["hello"], 2 * undisturbed.BytesByStep["hello"], 3 * undisturbed.BytesByStep["hello"]);
            // In all: a message that arrives while a party changes its phase counts for one phase or the other.
            Assert.InRange(resumed.Bytes.Values.Sum(), undisturbed.Bytes.Values.Sum(), long.MaxValue);
            Assert.Equal(resumed.BytesByStep.Values.Sum(), resumed.Bytes.Values.Sum());
            Assert.All(resumed.Seconds.Values, seconds => Assert.True(seconds >= 0));
        }
    }

    [Fact]
    public void A_report_of_before_gains_were_kept_is_read_and_one_with_a_hole_among_them_is_refused_by_its_place()
    {
        const string before = """{"alignedRows":9,"trainingRows":7,"ownAlignedRows":9,"ownAlignedByNormalising":0,"metrics":null,"seconds":{},"bytes":{},"bytesByStep":{},"attempts":2,"lossByRound":[0.5,null]}""";
        var report = RunReport.Parse(Encoding.UTF8.GetBytes(before));
        Assert.Equal((2, 2, true), (report.Attempts, report.LossByRound!.Count, report.Splits is null));

        var hole = before[..^1] + ""","splits":[{"tree":0,"node":0,"party":"bank","record":0,"gain":1.5,"cover":2,"rows":7},null]}""";
        Assert.Contains("'splits[1]'", Assert.Throws<ProtocolException>(() => RunReport.Parse(Encoding.UTF8.GetBytes(hole))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_lost_its_disk_makes_the_run_start_again_and_the_manifest_is_the_same()
    {
        var spec = RandomEnterprises.Spec(("trees", "5"), ("depth", "3"), ("bins", "16"));
        using var lab = new TestLab(spec, Data.All);
        var first = (await lab.RunAsync(1, TestContext.Current.CancellationToken))["bank"].Manifest;

        foreach (var file in lab.Stores["register"].Names) lab.Stores["register"].Delete(file);
        var second = (await lab.RunAsync(2, TestContext.Current.CancellationToken))["bank"].Manifest;

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task The_manifest_does_not_depend_on_the_assumed_line_threads_or_memory_or_on_defaults_that_are_written_out()
    {
        using var plain = new TestLab(RandomEnterprises.Spec(("trees", "3"), ("depth", "3")), Data.All);
        using var other = new TestLab(RandomEnterprises.Spec(("trees", "3"), ("depth", "3"), ("lambda", "1"), ("link", "1Mbit")), Data.All) { Settings = new PartySettings(MinimumCohort: 1, MemoryLimit: 0, DegreeOfParallelism: 3) };

        var first = await plain.RunAsync(1, TestContext.Current.CancellationToken);
        var second = await other.RunAsync(1, TestContext.Current.CancellationToken);

        Assert.Equal(first["bank"].Manifest, second["bank"].Manifest);
    }

    [Fact]
    public async Task A_source_whose_file_changed_between_attempts_is_told_so()
    {
        var spec = RandomEnterprises.Spec(("trees", "2"), ("depth", "2"));
        using var lab = new TestLab(spec, Data.All);
        await lab.RunAsync(1, TestContext.Current.CancellationToken);
        var changed = Data.All.ToDictionary(party => party.Key, party => party.Key == "register" ? party.Value with { ContentDigest = new byte[32] } : party.Value);
        using var other = new TestLab(spec, changed);
        foreach (var (party, store) in lab.Stores)
        {
            foreach (var file in store.Names) await other.Stores[party].SaveAsync(file, (await store.LoadAsync(file, default))!, default);
        }

        var error = await Assert.ThrowsAsync<ProtocolException>(() => other.RunAsync(2, TestContext.Current.CancellationToken));

        Assert.Contains("changed since the run began", error.Message, StringComparison.Ordinal);
    }
}
