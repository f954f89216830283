namespace FedLab.Learning;

/// <summary>Thresholds that cut sorted values into bins of about equal weight, with heavy values in bins of their own.</summary>
internal static class QuantileThresholds
{
    /// <summary>
    /// At most <paramref name="maximumBins"/> − 1 ascending thresholds. A value with at least the average bin's rows gets a bin of its
    /// own and the others share what is left (the greedy rule of LightGBM, Ke et al. 2017, <c>GreedyFindBin</c>): a plain quantile cut
    /// would spend several cuts on one heavy value and leave the tail with too few.
    /// </summary>
    public static double[] Choose(ReadOnlySpan<double> sorted, int maximumBins)
    {
        var (values, counts) = Distinct(sorted);
        if (values.Count <= 1)
            return [];
        if (values.Count <= maximumBins)
            return [.. Enumerable.Range(0, values.Count - 1).Select(i => Midway(values[i], values[i + 1]))];

        var total = sorted.Length;
        var heavy = counts.ConvertAll(count => (long)count * maximumBins >= total);
        var lightBins = maximumBins - heavy.Count(isHeavy => isHeavy);
        long lightRows = total;
        for (var i = 0; i < counts.Count; i++)
            lightRows -= heavy[i] ? counts[i] : 0;

        var thresholds = new List<double>(maximumBins - 1);
        var target = lightRows / (double)Math.Max(lightBins, 1);
        var inBin = 0L;
        for (var i = 0; i < values.Count - 1 && thresholds.Count < maximumBins - 1; i++)
        {
            inBin += counts[i];
            lightRows -= heavy[i] ? 0 : counts[i];

            // Before a heavy value a half-full bin is closed, so that the heavy one stands alone.
            var isFull = heavy[i] || inBin >= target || (heavy[i + 1] && inBin >= Math.Max(1, target / 2));
            if (!isFull)
                continue;
            thresholds.Add(Midway(values[i], values[i + 1]));
            inBin = 0;
            if (!heavy[i])
                target = lightRows / (double)Math.Max(--lightBins, 1);
        }

        return [.. thresholds];
    }

    private static (List<double> Values, List<int> Counts) Distinct(ReadOnlySpan<double> sorted)
    {
        List<double> values = [];
        List<int> counts = [];
        foreach (var value in sorted)
        {
            if (values.Count > 0 && values[^1] == value)
            {
                counts[^1]++;
                continue;
            }

            values.Add(value);
            counts.Add(1);
        }

        return (values, counts);
    }

    /// <summary>A threshold t with low ≤ t &lt; high, midway where doubles allow.</summary>
    private static double Midway(double low, double high)
    {
        var sum = low + high;
        var middle = double.IsFinite(sum) ? sum / 2 : (low / 2) + (high / 2);
        return middle >= low && middle < high ? middle : low;
    }
}
