namespace FedLab.Learning;

/// <summary>Thresholds that cut sorted values into bins of about equal weight, with heavy values in bins of their own.</summary>
internal static class QuantileThresholds
{
    /// <summary>At most <paramref name="maximumBins"/> − 1 ascending thresholds by the rule of <see cref="QuantileCuts"/>, midway between neighbouring values.</summary>
    public static double[] Choose(ReadOnlySpan<double> sorted, int maximumBins)
    {
        var (values, counts) = Distinct(sorted);
        return [.. QuantileCuts.Choose([.. counts], new bool[counts.Count], maximumBins).Cuts.Select(i => Midway(values[i], values[i + 1]))];
    }

    private static (List<double> Values, List<long> Counts) Distinct(ReadOnlySpan<double> sorted)
    {
        List<double> values = [];
        List<long> counts = [];
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
