namespace FedLab.Learning;

/// <summary>How well probabilities tell two classes apart.</summary>
/// <param name="AreaUnderRocCurve">Probability that a row of class 1 gets a higher probability than one of class 0, ties counted half; 0 to 1.</param>
/// <param name="KolmogorovSmirnov">Greatest distance between the two classes' distribution functions of the probability; 0 to 1.</param>
/// <param name="LogLoss">Mean negative natural logarithm of the probability given to the true class, probabilities clipped to [10^−15, 1 − 10^−15].</param>
public sealed record BinaryMetrics(double AreaUnderRocCurve, double KolmogorovSmirnov, double LogLoss)
{
    private const double Clip = 1e-15;

    /// <summary>Whether there are rows of both classes, without which AUC and KS have no meaning.</summary>
    public static bool CanEvaluate(ReadOnlySpan<byte> labels) => labels.Contains((byte)0) && labels.Contains((byte)1);

    /// <summary>The metrics of probabilities.</summary>
    /// <param name="labels">0 or 1 for every row.</param>
    /// <param name="probabilities">For every row the probability of class 1, in [0, 1].</param>
    /// <exception cref="LearningException">A label is not 0 or 1, or all are the same.</exception>
    /// <exception cref="ArgumentException">The lengths differ or a probability is outside [0, 1].</exception>
    public static BinaryMetrics Evaluate(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        if (labels.Length != probabilities.Length)
            throw new ArgumentException($"There are {labels.Length} labels and {probabilities.Length} probabilities.", nameof(probabilities));
        var positives = 0L;
        for (var row = 0; row < labels.Length; row++)
        {
            if (labels[row] > 1)
                throw Messages.LabelNotBinary(row, labels[row]);
            if (!(probabilities[row] is >= 0 and <= 1))
                throw new ArgumentException($"Row {row} has the probability {probabilities[row]}.", nameof(probabilities));
            positives += labels[row];
        }

        var negatives = labels.Length - positives;
        if (positives == 0 || negatives == 0)
            throw Messages.MetricsNeedBothClasses(labels.Length);
        return OverRisingProbabilities(labels, probabilities, positives, negatives);
    }

    /// <summary>
    /// AUC by average ranks (Mann and Whitney 1947), KS and log loss, in one pass over the rows by rising probability: the
    /// same to the last bit whatever the order of the rows.
    /// </summary>
    private static BinaryMetrics OverRisingProbabilities(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities, long positives, long negatives)
    {
        var sorted = probabilities.ToArray();
        var sortedLabels = labels.ToArray();
        Array.Sort(sorted, sortedLabels);

        // Twice the number of (positive, lower negative) pairs: an integer even with ties counted half.
        var twicePairs = new UInt128(0, 0);
        var (positivesBelow, negativesBelow) = (0L, 0L);
        var (distance, loss) = (0.0, 0.0);
        for (var start = 0; start < sorted.Length;)
        {
            var (tiedPositives, tiedNegatives) = (0L, 0L);
            var end = start;
            for (; end < sorted.Length && sorted[end] == sorted[start]; end++)
            {
                tiedPositives += sortedLabels[end];
                tiedNegatives += 1 - sortedLabels[end];
            }

            twicePairs += (UInt128)(ulong)tiedPositives * (ulong)((2 * negativesBelow) + tiedNegatives);
            positivesBelow += tiedPositives;
            negativesBelow += tiedNegatives;
            distance = Math.Max(distance, Math.Abs((positivesBelow / (double)positives) - (negativesBelow / (double)negatives)));
            loss -= tiedPositives * Math.Log(Math.Clamp(sorted[start], Clip, 1 - Clip));
            loss -= tiedNegatives * Math.Log(Math.Clamp(1 - sorted[start], Clip, 1 - Clip));
            start = end;
        }

        return new BinaryMetrics((double)twicePairs / (2.0 * positives * negatives), distance, loss / sorted.Length);
    }
}
