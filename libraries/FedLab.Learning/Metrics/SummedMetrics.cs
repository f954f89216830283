namespace FedLab.Learning;

/// <summary>Metrics over the test rows of several holders, from summed counts: nobody shows a label or a score.</summary>
/// <param name="Metrics">
/// AUC and KS with scores counted in 4,096 steps of their logarithmic odds from −16 to 16 (rows of one step count as ties), log loss to nine digits; null when the rows are not of both classes.
/// </param>
/// <param name="Rows">Number of test rows of all holders.</param>
/// <param name="Positives">Those of class 1.</param>
public sealed record SummedMetrics(BinaryMetrics? Metrics, long Rows, long Positives)
{
    private const int Steps = 4096;
    private const double LargestLogOdds = 16;
    private const double Clip = 1e-15;
    private const int LossFractionalBits = 32;
    private const int LimbBits = 24;
    private const int Limbs = 4;

    /// <summary>What the sums need: counts of rows.</summary>
    public static SumCapacity Capacity { get; } = new(MagnitudeBits: 38, Values: (2 * Steps) + Limbs);

    /// <summary>Evaluates a model.</summary>
    /// <param name="labels">0 or 1 for every own row; there may be none.</param>
    /// <param name="probabilities">For every own row the probability of class 1, in [0, 1].</param>
    /// <param name="sums">Sums over all holders.</param>
    /// <param name="ct">Ends the round.</param>
    /// <exception cref="LearningException">The sums cannot be counts of rows.</exception>
    public static async ValueTask<SummedMetrics> EvaluateAsync(ReadOnlyMemory<byte> labels, ReadOnlyMemory<double> probabilities, ISummation sums, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(sums);
        if (labels.Length != probabilities.Length)
            throw new ArgumentException($"There are {labels.Length} labels and {probabilities.Length} probabilities.", nameof(probabilities));
        var total = await sums.SumAsync("evaluation", Capacity.Values, _ => Count(labels.Span, probabilities.Span), ct).ConfigureAwait(false);
        if (total.Any(value => value < 0))
            throw Messages.SumsImpossible("evaluation");
        return Read(total);
    }

    private static long[] Count(ReadOnlySpan<byte> labels, ReadOnlySpan<double> probabilities)
    {
        var counts = new long[(2 * Steps) + Limbs];
        var loss = UInt128.Zero;
        for (var row = 0; row < labels.Length; row++)
        {
            counts[(labels[row] * Steps) + StepOf(probabilities[row])]++;
            var ofTruth = Math.Clamp(labels[row] == 1 ? probabilities[row] : 1 - probabilities[row], Clip, 1 - Clip);
            loss += (UInt128)Math.Round(Math.ScaleB(-Math.Log(ofTruth), LossFractionalBits));
        }

        for (var limb = 0; limb < Limbs; limb++)
            counts[(2 * Steps) + limb] = (long)((loss >> (limb * LimbBits)) & ((1UL << LimbBits) - 1));
        return counts;
    }

    private static int StepOf(double probability)
    {
        var logOdds = Math.Log(probability / (1 - probability));
        var step = Math.Floor((logOdds + LargestLogOdds) * (Steps / (2 * LargestLogOdds)));
        return double.IsNaN(step) ? 0 : (int)Math.Clamp(step, 0, Steps - 1);
    }

    private static SummedMetrics Read(ReadOnlySpan<long> total)
    {
        var (negatives, positives) = (0L, 0L);
        for (var step = 0; step < Steps; step++)
        {
            negatives += total[step];
            positives += total[Steps + step];
        }

        if (positives == 0 || negatives == 0)
            return new SummedMetrics(null, positives + negatives, positives);
        var (positivesBelow, negativesBelow, distance) = (0L, 0L, 0.0);
        var twicePairs = UInt128.Zero;
        for (var step = 0; step < Steps; step++)
        {
            twicePairs += (UInt128)(ulong)total[Steps + step] * (ulong)((2 * negativesBelow) + total[step]);
            positivesBelow += total[Steps + step];
            negativesBelow += total[step];
            distance = Math.Max(distance, Math.Abs((positivesBelow / (double)positives) - (negativesBelow / (double)negatives)));
        }

        var loss = 0.0;
        for (var limb = Limbs - 1; limb >= 0; limb--)
            loss = Math.ScaleB(loss, LimbBits) + total[(2 * Steps) + limb];
        var rows = positives + negatives;
        var metrics = new BinaryMetrics((double)twicePairs / (2.0 * positives * negatives), distance, Math.ScaleB(loss, -LossFractionalBits) / rows);
        return new SummedMetrics(metrics, rows, positives);
    }
}
