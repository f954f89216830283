namespace FedLab.Learning.Tests.Metrics;

public sealed class BinaryMetricsTests
{
    [Fact]
    public void Metrics_by_hand()
    {
        // Pairs (positive, negative): 0.9>0.8, 0.9>0.2, 0.4<0.8, 0.4>0.2: 3 of 4. By rising probability the distributions part by 1/2.
        var metrics = BinaryMetrics.Evaluate([1, 0, 1, 0], [0.9, 0.8, 0.4, 0.2]);
        Assert.Equal(0.75, metrics.AreaUnderRocCurve);
        Assert.Equal(0.5, metrics.KolmogorovSmirnov);
        Assert.Equal(-(Math.Log(0.9) + Math.Log(0.2) + Math.Log(0.4) + Math.Log(0.8)) / 4, metrics.LogLoss, 12);

        Assert.Equal(new BinaryMetrics(1, 1, -Math.Log(1 - 1e-15)), BinaryMetrics.Evaluate([0, 1], [0, 1]) with { LogLoss = -Math.Log(1 - 1e-15) });
        Assert.Equal(-Math.Log(1e-15), BinaryMetrics.Evaluate([1, 0], [0, 1]).LogLoss, 1e-6);
        Assert.Equal((0.5, 0.0), (BinaryMetrics.Evaluate([0, 1, 1], [0.3, 0.3, 0.3]).AreaUnderRocCurve, BinaryMetrics.Evaluate([0, 1, 1], [0.3, 0.3, 0.3]).KolmogorovSmirnov));
    }

    [Fact]
    public void Metrics_equal_those_from_counting_pairs_and_thresholds() => Property.Holds(200, seed =>
    {
        var random = new DeterministicRandom((ulong)seed);
        var count = 2 + random.Next(60);
        var levels = random.Pick(2, 5, 1000);
        byte[] labels = [0, 1, .. Enumerable.Range(2, count).Select(_ => (byte)random.Next(2))];
        double[] scores = [.. labels.Select(_ => random.Next(levels) / (double)levels)];
        double[] Of(byte label) => [.. scores.Where((_, row) => labels[row] == label)];
        var (good, bad) = (Of(0), Of(1));
        var metrics = BinaryMetrics.Evaluate(labels, scores);

        var pairs = bad.Sum(b => good.Sum(g => b > g ? 1 : b == g ? 0.5 : 0));
        Assert.Equal(pairs / good.Length / bad.Length, metrics.AreaUnderRocCurve, 12);
        var distance = scores.Max(t => Math.Abs((good.Count(g => g <= t) / (double)good.Length) - (bad.Count(b => b <= t) / (double)bad.Length)));
        Assert.Equal(distance, metrics.KolmogorovSmirnov, 12);
    });

    [Fact]
    public void What_cannot_be_evaluated_is_refused()
    {
        Assert.Contains("same label", Assert.Throws<LearningException>(() => BinaryMetrics.Evaluate([1, 1], [0.1, 0.2])).Message, StringComparison.Ordinal);
        Assert.Throws<LearningException>(() => BinaryMetrics.Evaluate([], []));
        Assert.Throws<LearningException>(() => BinaryMetrics.Evaluate([0, 3], [0.1, 0.2]));
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Evaluate([0, 1], [0.1]));
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Evaluate([0, 1], [0.1, double.NaN]));
        Assert.Throws<ArgumentException>(() => BinaryMetrics.Evaluate([0, 1], [0.1, 1.1]));
        Assert.False(BinaryMetrics.CanEvaluate([0, 0]));
    }
}
