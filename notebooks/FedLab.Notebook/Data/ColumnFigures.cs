namespace FedLab.Notebook.Data;

/// <summary>Figures of numbers in which NaN is missing.</summary>
internal static class ColumnFigures
{
    /// <summary>The sum, with the error of each addition carried along (Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation, 1974).</summary>
    public static double Sum(ReadOnlySpan<double> values)
    {
        var (sum, error) = (0.0, 0.0);
        foreach (var value in values)
        {
            if (double.IsNaN(value)) continue;
            var next = sum + value;
            error += Math.Abs(sum) >= Math.Abs(value) ? sum - next + value : value - next + sum;
            sum = next;
        }

        return sum + error;
    }

    public static int Count(ReadOnlySpan<double> values)
    {
        var count = 0;
        foreach (var value in values) count += double.IsNaN(value) ? 0 : 1;
        return count;
    }

    public static double Mean(ReadOnlySpan<double> values) => Sum(values) / Count(values);

    public static double StandardDeviation(ReadOnlySpan<double> values)
    {
        var (count, mean) = (Count(values), Mean(values));
        if (count < 2) return double.NaN;
        var squares = 0.0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) squares += (value - mean) * (value - mean);
        }

        return Math.Sqrt(squares / (count - 1));
    }

    /// <summary>The values that are there, rising.</summary>
    public static double[] Sorted(ReadOnlySpan<double> values)
    {
        var sorted = new double[Count(values)];
        var next = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) sorted[next++] = value;
        }

        RadixSort.Sort(sorted);
        return sorted;
    }

    public static double QuantileOfSorted(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.Length == 0) return double.NaN;
        var position = probability * (sorted.Length - 1);
        var below = (int)position;
        if (below == sorted.Length - 1) return sorted[below];
        return sorted[below] + ((position - below) * (sorted[below + 1] - sorted[below]));
    }

    public static int DistinctOfSorted(ReadOnlySpan<double> sorted)
    {
        var distinct = sorted.Length > 0 ? 1 : 0;
        for (var i = 1; i < sorted.Length; i++) distinct += sorted[i] == sorted[i - 1] ? 0 : 1;
        return distinct;
    }
}
