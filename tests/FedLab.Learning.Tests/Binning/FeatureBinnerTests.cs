namespace FedLab.Learning.Tests.Binning;

public sealed class FeatureBinnerTests
{
    private static readonly TreeParameters Parameters = new() { MaxBin = 8, MinimumCategoryCount = 2 };

    private static FeatureBins Fit(Column column, TreeParameters? parameters = null) =>
        FeatureBinner.Fit(column, Enumerable.Range(0, column.RowCount).ToArray(), parameters ?? Parameters);

    private static FeatureBins Fit(params double[] values) => Fit(new NumericColumn("x", values));

    private static int[] Sizes(FeatureBins bins, Column column)
    {
        var sizes = new int[bins.BinCount + 1];
        foreach (var code in bins.Encode(column).Codes.Span)
            sizes[code]++;
        return sizes;
    }

    [Fact]
    public void Fewer_distinct_values_than_bins_get_a_bin_each_with_thresholds_midway()
    {
        Assert.Equal([1.5, 3.5], Fit(1, 5, 2, 5, 1).Thresholds.ToArray());
        Assert.Equal([0.5], Fit(0, 1, 0, 0, 1).Thresholds.ToArray());
        Assert.Equal([(10 + 96) / 2.0, 97], Fit(96, 10, 98, 10).Thresholds.ToArray());
    }

    [Fact]
    public void Constant_and_missing_features_have_one_bin_or_none()
    {
        Assert.Equal((1, false), (Fit(7, 7, 7).BinCount, Fit(7, 7, 7).HasMissing));
        Assert.Empty(CandidateCatalogue.Enumerate([Fit(7, 7, 7)]));
        var half = Fit(7, double.NaN);
        Assert.Equal("x present", Assert.Single(CandidateCatalogue.Enumerate([half])).ToRule(half).ToString());
        var none = Fit(double.NaN, double.NaN);
        Assert.Equal((0, true), (none.BinCount, none.HasMissing));
        Assert.Empty(CandidateCatalogue.Enumerate([none]));
        Assert.Equal([0, 0], none.Encode(new NumericColumn("x", [double.NaN, 3])).Codes.ToArray());
        Assert.Equal(0, FeatureBinner.Fit(new NumericColumn("x", [1, 2]), [], Parameters).BinCount);
    }

    [Fact]
    public void Distinct_values_are_spread_evenly()
    {
        Property.Holds(100, seed =>
        {
            var random = new DeterministicRandom((ulong)seed);
            var count = 100 + random.Next(1000);
            var parameters = Parameters with { MaxBin = 2 + random.Next(40) };
            var column = new NumericColumn("x", [.. random.Permutation(count).Select(i => Math.Exp(i / 50.0))]);
            var bins = Fit(column, parameters);
            Assert.Equal(parameters.MaxBin, bins.BinCount);
            Assert.All(Sizes(bins, column)[..^1], size => Assert.InRange(size, (count / parameters.MaxBin) - 1, (count / parameters.MaxBin) + 2));
        });
    }

    [Fact]
    public void Heavy_values_stand_alone_and_leave_the_other_bins_to_the_rest()
    {
        // 70 % zeros, as in payment columns: the other values must still be told apart by all the remaining bins.
        var column = new NumericColumn("x", [.. Enumerable.Repeat(0.0, 700), .. Enumerable.Range(1, 250).Select(i => (double)i), .. Enumerable.Repeat(-1.0, 50)]);
        var bins = Fit(column);
        Assert.Equal(8, bins.BinCount);
        var sizes = Sizes(bins, column);
        Assert.Equal([50, 700], sizes[..2]);
        Assert.All(sizes[2..8], size => Assert.InRange(size, 35, 50));
    }

    [Fact]
    public void Bins_are_never_empty_never_too_many_and_blind_to_other_rows() => Property.Holds(300, seed =>
    {
        var random = new DeterministicRandom((ulong)seed);
        var parameters = Parameters with { MaxBin = random.Pick(2, 3, 16, 254) };
        var skew = random.Pick(0.1, 1, 4);
        var count = 1 + random.Next(2000);
        var values = Enumerable.Range(0, count)
            .Select(_ => random.Chance(0.2) ? random.Pick(double.NaN, 0, 96, 98) : Math.Floor(Math.Pow(random.NextDouble(), skew) * 500) * 1e-3).ToArray();
        var column = new NumericColumn("x", values);
        var bins = Fit(column, parameters);
        Assert.InRange(bins.BinCount, values.All(double.IsNaN) ? 0 : 1, parameters.MaxBin);
        Assert.DoesNotContain(0, Sizes(bins, column)[..^1]);
        var distinct = values.Where(value => !double.IsNaN(value)).Distinct().Count();
        Assert.True(distinct > parameters.MaxBin || bins.BinCount == distinct);

        var more = new NumericColumn("x", [.. values, .. Enumerable.Range(0, 50).Select(i => i * 1e3)]);
        Assert.Equal(bins.Thresholds.ToArray(), FeatureBinner.Fit(more, Enumerable.Range(0, count).ToArray(), parameters).Thresholds.ToArray());
    });

    [Fact]
    public void Thresholds_separate_neighbouring_doubles_and_the_ends_of_their_range()
    {
        foreach (var (low, high) in new[] { (1, Math.BitIncrement(1)), (double.MaxValue / 2, double.MaxValue), (-double.MaxValue, double.MaxValue), (0, double.Epsilon), (-double.Epsilon, 0) })
        {
            var threshold = Assert.Single(Fit(low, high).Thresholds.ToArray());
            Assert.True(low <= threshold && threshold < high, $"{low} {threshold} {high}");
        }
    }

    [Fact]
    public void Categories_come_by_number_or_else_by_frequency_with_the_rare_ones_last()
    {
        static CategoricalColumn Texts(params string[] rows)
        {
            var categories = rows.Where(row => row.Length > 0).Distinct().Reverse().ToList();
            return new CategoricalColumn("c", [.. categories, "never"], [.. rows.Select(row => categories.IndexOf(row))]);
        }

        Assert.Equal(["b", "a", "c", "x y"], Fit(Texts("c", "c", "a", "a", "b", "b", "b", "x", "y")).Categories.Select(group => string.Join(' ', group)));
        Assert.Equal(["-1", "2", "10", "3"], Fit(Texts("10", "10", "2", "2", "2", "-1", "-1", "3", "")).Categories.Select(group => string.Join(' ', group)));
        Assert.True(Fit(Texts("a", "a", "")).HasMissing);

        // Three bins for four frequent categories: two stay and two share the last.
        Assert.Equal(["d", "a", "b c"], Fit(Texts("a", "a", "b", "b", "c", "c", "d", "d", "d"), Parameters with { MaxBin = 3 }).Categories.Select(group => string.Join(' ', group)));
        Assert.Equal(["a", "b", "c"], Fit(Texts("a", "a", "b", "b", "c", "c"), Parameters with { MaxBin = 3 }).Categories.Select(group => string.Join(' ', group)));
        Assert.Equal(["a", "b", "c d"], Fit(Texts("a", "a", "b", "b", "c", "c", "d"), Parameters with { MaxBin = 3 }).Categories.Select(group => string.Join(' ', group)));
    }

    [Fact]
    public void Unseen_categories_get_the_code_of_missing_ones()
    {
        var bins = Fit(new CategoricalColumn("c", ["a", "b"], [0, 0, 1, 1]));
        Assert.Equal([2, 1, 2, 0], bins.Encode(new CategoricalColumn("c", ["new", "b", "a"], [0, 1, -1, 2])).Codes.ToArray());
    }

    [Fact]
    public void A_column_of_the_other_kind_is_refused_by_name()
    {
        var numbers = new NumericColumn("c", [1, 2]);
        var texts = new CategoricalColumn("c", ["a", "b"], [0, 1]);
        Assert.Contains("'c' holds text", Assert.Throws<LearningException>(() => Fit(numbers).Encode(texts)).Message, StringComparison.Ordinal);
        Assert.Contains("'c' holds numbers", Assert.Throws<LearningException>(() => Fit(texts).Encode(numbers)).Message, StringComparison.Ordinal);
        Assert.Throws<LearningException>(() => SplitRule.AtThreshold("c", 1, missingLeft: false).GoesLeft(texts, 0));
        Assert.Throws<LearningException>(() => SplitRule.OfCategories("c", ["a"], missingLeft: false).GoesLeft(numbers, 0));
        Assert.Throws<LearningException>(() => SplitRule.AtThreshold("c", 1, missingLeft: false).ColumnIn(new Table([texts])));
        Assert.Throws<LearningException>(() => SplitRule.OfCategories("c", ["a"], missingLeft: false).ColumnIn(new Table([numbers])));
        Assert.Contains("'d' is used by the model", Assert.Throws<LearningException>(() => SplitRule.OnMissing("d", missingLeft: false).ColumnIn(new Table([numbers]))).Message, StringComparison.Ordinal);
        Assert.Same(numbers, SplitRule.OnMissing("c", missingLeft: false).ColumnIn(new Table([numbers])));
    }
}
