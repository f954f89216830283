namespace FedLab.Learning.Tests.Trees;

public sealed class LocalCandidateSourceTests
{
    private static readonly TreeParameters Parameters = new() { MinimumCategoryCount = 1 };
    private static readonly int[] AllRows = [0, 1, 2, 3, 4, 5];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Table SixRows => new([new NumericColumn("x", [1, 2, 3, 4, 5, double.NaN]), new NumericColumn("y", [0, 0, 0, 1, 1, 1])]);

    private static LocalCandidateSource Source(int cohort, TreeParameters? parameters = null, IReadOnlyList<SplitRule>? records = null) =>
        new("owner", PooledTrainer.Bin(SixRows, AllRows, parameters ?? Parameters), parameters ?? Parameters, cohort, 1, records);

    [Fact]
    public async Task Sums_are_those_of_the_rows_that_each_candidate_sends_left()
    {
        var source = Source(0);
        long[] g = [1, -20, 300, -4000, 50000, 600000];
        long[] h = [1, 2, 4, 8, 16, 32];
        await source.BeginTreeAsync(new TreeGradients(0, g, h, GradientQuantizer.For(6, 1)), Token);
        var nodes = new[] { new ScanNode(0, AllRows), new ScanNode(1, new[] { 1, 3, 5 }) };
        var sums = await source.SumAsync(nodes, Token);
        foreach (var (node, sum) in nodes.Zip(sums))
        {
            var expected = source.CandidatesOf(0).Select(candidate =>
            {
                var table = SixRows;
                var rule = candidate.ToRule(FeatureBinner.Fit(table.Columns[candidate.FeatureIndex], AllRows, Parameters));
                var left = node.Rows.ToArray().Where(row => rule.GoesLeft(table[rule.Feature], row)).ToArray();
                return new GradientPair(left.Sum(row => g[row]), left.Sum(row => h[row]));
            });
            Assert.Equal(expected, sum);
        }
    }

    [Fact]
    public async Task A_party_without_gradients_answers_splits_and_takes_the_first_allowed_candidate()
    {
        // Catalogue: x ≤ 1.5, 2.5, 3.5, 4.5, each with missing right and left, present; then y ≤ 0.5.
        var source = Source(2);
        source.BeginTree(3);
        var answers = await source.SplitAsync([new SplitRequest(0, [9, 5, 0], AllRows), new SplitRequest(2, [0, 8], AllRows), new SplitRequest(3, [9], AllRows)], Token);
        Assert.Equal(new SplitAnswer(0, answers[0]!.Left), answers[0]);
        Assert.Equal([true, true, true, false, false, true], answers[0]!.Left);
        Assert.Null(answers[1]);
        Assert.Equal(1, answers[2]!.Record);
        Assert.Equal([SplitRule.AtThreshold("x", 3.5, missingLeft: true), SplitRule.AtThreshold("y", 0.5, missingLeft: false)], source.Records);
    }

    [Fact]
    public async Task Records_go_on_where_the_given_ones_end()
    {
        var source = Source(0, records: [SplitRule.OnMissing("old", missingLeft: false)]);
        source.BeginTree(0);
        var answers = await source.SplitAsync([new SplitRequest(0, [0], AllRows)], Token);
        Assert.Equal(1, answers[0]!.Record);
        Assert.Equal("old", source.Records[0].Feature);
    }

    [Fact]
    public async Task Malformed_requests_are_refused_and_make_no_record()
    {
        var source = Source(0);
        source.BeginTree(0);
        foreach (var bad in new SplitRequest[]
        {
            new(1, [], AllRows), new(1, [10], AllRows), new(1, [-1], AllRows), new(1, [0], new[] { 0, 6 }), new(1, [0], new[] { 2, 1 }), new(1, [0], new[] { 1, 1 }), new(1, [0], new[] { -1 }),
        })
        {
            await Assert.ThrowsAsync<LearningException>(async () => await source.SplitAsync([new SplitRequest(0, [0], AllRows), bad], Token));
        }

        Assert.Empty(source.Records);
    }

    [Fact]
    public void Columns_are_sampled_by_tree_and_party_name_and_seed()
    {
        var parameters = Parameters with { ColsampleByTree = 0.25 };
        var table = new Table([.. Enumerable.Range(0, 40).Select(c => new NumericColumn($"c{c}", [0, 1, 2, 0, 1, 2]))]);
        string Columns(string name, int tree, ulong seed)
        {
            var sampled = parameters with { Seed = seed };
            var source = new LocalCandidateSource(name, PooledTrainer.Bin(table, AllRows, sampled), sampled, 0, 1);
            var features = source.CandidatesOf(tree).Select(candidate => candidate.FeatureIndex).Distinct().ToArray();
            Assert.Equal(10, features.Length);
            Assert.Equal(features.Order(), features);
            return string.Join(' ', features);
        }

        Assert.Equal(Columns("a", 0, 1), Columns("a", 0, 1));
        Assert.Equal(4, new[] { Columns("a", 0, 1), Columns("b", 0, 1), Columns("a", 1, 1), Columns("a", 0, 2) }.Distinct().Count());
    }

    [Fact]
    public void More_features_than_the_limit_are_refused()
    {
        var bins = FeatureBinner.Fit(new NumericColumn("x", [1]), [0], Parameters);
        var feature = bins.Encode(new NumericColumn("x", [1]));
        _ = new LocalCandidateSource("p", [.. Enumerable.Repeat(feature, 4096)], Parameters, 0, 1);
        var error = Assert.Throws<LearningException>(() => new LocalCandidateSource("p", [.. Enumerable.Repeat(feature, 4097)], Parameters, 0, 1));
        Assert.Contains("4097", error.Message, StringComparison.Ordinal);
    }
}
