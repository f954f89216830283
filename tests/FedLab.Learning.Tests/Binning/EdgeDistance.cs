namespace FedLab.Learning.Tests.Binning;

/// <summary>How far the edges of bins are from those of other bins.</summary>
internal static class EdgeDistance
{
    /// <summary>
    /// The greatest share of the rows with a value between an edge and the other bins' edge of the same number, or the nearest one where
    /// rare values make their number differ. The rows of one value are not counted: between two heavy values there is no nearer edge.
    /// </summary>
    public static double Greatest(FeatureBins bins, FeatureBins others, NumericColumn column)
    {
        var values = column.Values.ToArray().Where(value => !double.IsNaN(value)).Order().ToArray();
        var (left, right) = (bins.Thresholds.ToArray(), others.Thresholds.ToArray());
        if (values.Length == 0 || Math.Min(left.Length, right.Length) == 0)
            return left.Length == right.Length ? 0 : 1;
        var rows = left.Length == right.Length
            ? left.Zip(right, (one, other) => RowsBetween(values, one, other)).Max()
            : Math.Max(left.Max(one => right.Min(other => RowsBetween(values, one, other))), right.Max(one => left.Min(other => RowsBetween(values, one, other))));
        return rows / (double)values.Length;
    }

    private static int RowsBetween(double[] values, double one, double other)
    {
        var between = values.AsSpan(CountUpTo(values, Math.Min(one, other))..CountUpTo(values, Math.Max(one, other))).ToArray();
        return between.Length == 0 ? 0 : between.Length - between.CountBy(value => value).Max(pair => pair.Value);
    }

    private static int CountUpTo(double[] sorted, double limit)
    {
        var position = Array.BinarySearch(sorted, Math.BitIncrement(limit));
        if (position < 0)
            return ~position;
        while (position > 0 && sorted[position - 1] > limit)
            position--;
        return position;
    }
}
