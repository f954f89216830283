namespace FedLab.Learning.Tests.LogisticRegression;

public sealed class RangeSearchTests
{
    [Fact]
    public void Caps_are_the_quantiles_to_a_hundred_thousandth() => Property.Holds(40, seed =>
    {
        var random = new DeterministicRandom((ulong)seed);
        var scale = random.Pick(1, 1e-12, -1e9, 1e200);
        var shift = random.Pick(0, 0, 1, -300);
        var values = Enumerable.Range(0, 50 + random.Next(2000)).Select(_ => scale * (shift + Math.Exp(LogisticData.Normal(random)))).ToArray();
        var share = random.Pick(0.005, 0.02, 0.25);
        var range = Find(values, share);
        Assert.True(range.IsCapped);
        var sorted = values.Order().ToArray();
        var cut = (int)Math.Floor(share * values.Length);
        Near(sorted[cut], range.Low);
        Near(sorted[^(cut + 1)], range.High);
    });

    [Fact]
    public void Caps_of_small_whole_numbers_are_the_quantiles_exactly()
    {
        var random = new DeterministicRandom(1);
        double[] values = [.. Enumerable.Range(0, 5000).Select(_ => (double)(random.Next(90) * random.Next(90)) - 1000)];
        var sorted = values.Order().ToArray();
        Assert.Equal(new NumberRange(sorted[50], sorted[^51], IsCapped: true), Find(values, 0.01));
    }

    [Fact]
    public void A_rare_flag_has_no_caps_and_a_constant_no_width()
    {
        double[] flag = [.. Enumerable.Range(0, 1000).Select(row => row == 77 ? 1.0 : 0)];
        var range = Find(flag, 0.005);
        Assert.False(range.IsCapped);
        Assert.InRange(range.Low, -0.2, 0);
        Assert.InRange(range.High, 1, 1.2);
        Assert.Equal(new NumberRange(-0.1, -0.1, IsCapped: false), Find([.. Enumerable.Repeat(-0.1, 20)], 0.005), (a, b) => a.IsConstant && b.IsConstant && Math.Abs(a.Low - b.Low) < 1e-9);
        Assert.False(Find([1e9, 1e9 + 1], 0).IsConstant);
    }

    [Fact]
    public void Bounds_enclose_all_values_and_not_much_more() => Property.Holds(40, seed =>
    {
        var random = new DeterministicRandom((ulong)seed);
        var (scale, shift) = (random.Pick(1, 1e-300, 1e302, -5), random.Pick(0, 0, 1e5, -7));
        var values = Enumerable.Range(0, 2 + random.Next(200)).Select(_ => scale * (shift + LogisticData.Normal(random))).ToArray();
        var range = Find(values, 0);
        Assert.True(range.Low <= values.Min() && values.Max() <= range.High);
        Assert.True(range.HalfWidth <= 2 * ((values.Max() / 2) - (values.Min() / 2)));
    });

    private static NumberRange Find(double[] values, double share)
    {
        var problem = new LogisticProblem(new Table([new NumericColumn("x", values)]), new byte[values.Length]);
        FeatureDefinition[] definitions = [new("x")];
        var sums = new OwnSums();
        var counts = FeatureCounts.SumAsync(problem, definitions, sums, default).AsTask().GetAwaiter().GetResult();
        return RangeSearch.FindAsync(problem, counts, definitions, share, sums, default).AsTask().GetAwaiter().GetResult()[0]!.Value;
    }

    private static void Near(double expected, double actual) =>
        Assert.True(Math.Abs((expected / actual) - 1) <= 1e-5, $"Expected {expected:R}, got {actual:R}.");
}
