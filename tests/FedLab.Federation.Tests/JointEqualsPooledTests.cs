using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

public sealed class JointEqualsPooledTests
{
    [Theory]
    [InlineData(1UL, 900, "trees=4;depth=4;bins=16")]
    [InlineData(2UL, 1500, "trees=3;depth=5;bins=32;subsample=0.7;colsample=0.6;seed=7;gamma=0.1")]
    [InlineData(3UL, 400, "trees=6;depth=3;bins=8;lambda=3;min-child-weight=4;scale-pos-weight=2.5")]
    [InlineData(4UL, 1200, "trees=12;depth=3;bins=16;early-stopping-rounds=2;validation-fraction=0.3;seed=3")]
    public async Task The_joint_trees_are_the_pooled_trees_split_by_split(ulong seed, int enterprises, string settings)
    {
        var data = new RandomEnterprises(seed, enterprises);
        var spec = RandomEnterprises.Spec([.. settings.Split(';').Select(setting => (setting.Split('=')[0], setting.Split('=')[1]))]);
        using var lab = new TestLab(spec, data.All) { Settings = new PartySettings(MinimumCohort: 15) };

        var results = await lab.RunAsync(1, TestContext.Current.CancellationToken);

        var pooled = await PooledAsync(lab, TestContext.Current.CancellationToken);
        var bank = PartyShare.Parse(await lab.Stores["bank"].LoadAsync(PartyShare.FileName, default));
        Assert.Equal(pooled.State.Ensemble.ToJson(), bank.Ensemble!.ToJson());
        // The bank's report has the gains, covers and rows of all splits, its own and the sources'.
        var splits = RunReport.Parse(await lab.Stores["bank"].LoadAsync(RunReport.FileName, default)).Splits;
        Assert.Equal(SplitReport.Of(pooled.State.Ensemble, pooled.Parties), splits);
        Assert.Equal(lab.Spec.Parties.Select(party => party.Name).Order(StringComparer.Ordinal), splits!.Select(split => split.Party).Distinct().Order(StringComparer.Ordinal));
        for (var i = 0; i < spec.Parties.Count; i++)
        {
            var share = PartyShare.Parse(await lab.Stores[spec.Parties[i].Name].LoadAsync(PartyShare.FileName, default));
            Assert.Equal(pooled.Rules[i], share.Records);
            Assert.NotEmpty(share.Records);
            if (i > 0) Assert.Null(RunReport.Parse(await lab.Stores[spec.Parties[i].Name].LoadAsync(RunReport.FileName, default)).Splits);
        }
        var manifest = Manifest.Parse(results["bank"].Manifest);
        Assert.Equal(pooled.Metrics, manifest.Metrics);
        Assert.Equal(3, results["bank"].Signatures.Count);
    }

    /// <summary>What the three would train on one table: only a test and the simulation may do this.</summary>
    private static Task<PooledResult> PooledAsync(TestLab lab, CancellationToken cancellationToken)
    {
        var settings = RunSettings.Parse(lab.Spec);
        var bank = lab.Data["bank"];
        var positions = lab.Data.ToDictionary(party => party.Key, party => party.Value.Keys.Select((key, row) => (key, row)).ToDictionary(pair => pair.key, pair => pair.row));
        var keys = bank.Keys.Where(positions["register"].ContainsKey).ToArray();
        var rows = keys.Select(key => positions["bank"][key]).ToArray();
        var parties = lab.Spec.Parties.Select(party => new PooledParty(
            party.Name,
            lab.Data[party.Name].Features.TakeRows([.. keys.Select(key => positions[party.Name].GetValueOrDefault(key, -1))]),
            lab.Settings.MinimumCohort)).ToArray();
        var test = Enumerable.Range(0, keys.Length).ToLookup(i => bank.TestRows![rows[i]]);
        return PooledTrainer.FitAsync(parties, [.. rows.Select(row => bank.Labels![row])], [.. keys.Select(RowIdentity.Of)], [.. test[false]], [.. test[true]], settings.Trees, 1, cancellationToken);
    }
}
