namespace FedLab.Learning;

/// <summary>
/// Means and standard deviations of numeric features from two sums, the second about the mean of the first: no digits are lost where
/// the mean is large beside the deviation (Chan, Golub and LeVeque 1983, the corrected two-pass algorithm).
/// </summary>
internal static class FeatureMoments
{
    /// <summary>Rows that are summed as doubles before the sum is rounded to fixed point.</summary>
    private const int BlockRows = 256;

    /// <returns>For every feature mean and deviation; zeros where the range is null or a single value.</returns>
    public static async ValueTask<(double Mean, double Deviation)[]> SumAsync(
        LogisticProblem own, FeatureCounts counts, NumberRange?[] ranges, ISummation sums, CancellationToken ct)
    {
        var moments = new (double Mean, double Deviation)[ranges.Length];
        int[] features = [.. Enumerable.Range(0, ranges.Length).Where(f => ranges[f] is { IsConstant: false })];
        if (features.Length == 0)
            return moments;

        // Values are mapped to [−1, 1], the ends of the range.
        var linear = FixedPoint.For(2.0 * counts.Rows);
        var first = await sums.SumAsync("logistic.means", features.Length, _ =>
            Array.ConvertAll(features, f => SumPowers(Numbers(own, f), ranges[f]!.Value, 0, linear, linear).Linear), ct);
        var centres = new double[features.Length];
        for (var i = 0; i < centres.Length; i++)
            centres[i] = linear.Value(first[i]) / Present(counts, features[i]);

        // Distances from the mean are at most 2, their squares at most 4.
        var square = FixedPoint.For(4.0 * counts.Rows);
        var second = await sums.SumAsync("logistic.deviations", 2 * features.Length, _ =>
        {
            var values = new long[2 * features.Length];
            for (var i = 0; i < features.Length; i++)
                (values[2 * i], values[(2 * i) + 1]) = SumPowers(Numbers(own, features[i]), ranges[features[i]]!.Value, centres[i], square, square);
            return values;
        }, ct);
        for (var i = 0; i < features.Length; i++)
        {
            var range = ranges[features[i]]!.Value;
            var present = Present(counts, features[i]);
            var rest = square.Value(second[2 * i]);
            var squares = square.Value(second[(2 * i) + 1]) - (rest * rest / present);
            var mean = range.Middle + (range.HalfWidth * (centres[i] + (rest / present)));
            moments[features[i]] = (mean, range.HalfWidth * Math.Sqrt(Math.Max(squares, 0) / counts.Rows));
        }

        return moments;
    }

    private static ReadOnlySpan<double> Numbers(LogisticProblem own, int feature) => ((NumericColumn)own.Features.Columns[feature]).Values.Span;

    private static double Present(FeatureCounts counts, int feature) => counts.Rows - counts.Missing(feature).Rows;

    private static (long Linear, long Square) SumPowers(ReadOnlySpan<double> values, NumberRange range, double centre, FixedPoint linear, FixedPoint square)
    {
        var (middle, inverse) = (range.Middle, 1 / range.HalfWidth);
        var (linearUnits, squareUnits) = (0L, 0L);
        for (var start = 0; start < values.Length; start += BlockRows)
        {
            var (linearSum, squareSum) = (0.0, 0.0);
            foreach (var value in values.Slice(start, Math.Min(BlockRows, values.Length - start)))
            {
                if (double.IsNaN(value))
                    continue;
                var distance = ((Math.Clamp(value, range.Low, range.High) - middle) * inverse) - centre;
                linearSum += distance;
                squareSum += distance * distance;
            }

            linearUnits += linear.Round(linearSum);
            squareUnits += square.Round(squareSum);
        }

        return (linearUnits, squareUnits);
    }
}
