namespace FedLab.Notebook.Plots;

/// <summary>
/// How many rows of each class have at most each score: what every curve of scores is drawn from. Rows with equal scores are one step, so
/// that no curve depends on the order of the rows.
/// </summary>
internal sealed class ScoreSteps
{
    private ScoreSteps(double[] scores, int[] positives, int[] negatives) => (Scores, Positives, Negatives) = (scores, positives, negatives);

    /// <summary>The different scores, rising.</summary>
    public double[] Scores { get; }

    /// <summary>Rows of class 1 with at most each score.</summary>
    public int[] Positives { get; }

    /// <summary>Rows of class 0 with at most each score.</summary>
    public int[] Negatives { get; }

    public int PositiveCount => Positives[^1];

    public int NegativeCount => Negatives[^1];

    public int RowCount => PositiveCount + NegativeCount;

    public static ScoreSteps Of(double[] scores, byte[] labels)
    {
        var (sorted, sortedLabels) = ((double[])scores.Clone(), (byte[])labels.Clone());
        Array.Sort(sorted, sortedLabels);
        List<double> distinct = [];
        List<int> positives = [], negatives = [];
        var (positive, negative) = (0, 0);
        for (var row = 0; row < sorted.Length; row++)
        {
            positive += sortedLabels[row];
            negative += 1 - sortedLabels[row];
            if (row + 1 < sorted.Length && sorted[row + 1] == sorted[row]) continue;
            distinct.Add(sorted[row]);
            positives.Add(positive);
            negatives.Add(negative);
        }

        return new ScoreSteps([.. distinct], [.. positives], [.. negatives]);
    }

    /// <summary>From the highest score down: share of class 0 and share of class 1 with at least that score.</summary>
    public IEnumerable<(double FalsePositives, double TruePositives)> Roc() => FromAbove((positives, negatives) => (negatives / (double)NegativeCount, positives / (double)PositiveCount));

    /// <summary>From the highest score down: share of all rows and share of class 1 with at least that score.</summary>
    public IEnumerable<(double Rows, double Positives)> Gains() => FromAbove((positives, negatives) => ((positives + negatives) / (double)RowCount, positives / (double)PositiveCount));

    /// <summary>Share of class 1 and of class 0 with at most the score of a step.</summary>
    public (double Positives, double Negatives) SharesAt(int step) => (Positives[step] / (double)PositiveCount, Negatives[step] / (double)NegativeCount);

    /// <summary>The first step at which the two shares are farthest from each other.</summary>
    public int FarthestStep()
    {
        var (farthest, distance) = (0, -1.0);
        for (var step = 0; step < Scores.Length; step++)
        {
            var (positives, negatives) = SharesAt(step);
            if (Math.Abs(positives - negatives) > distance) (farthest, distance) = (step, Math.Abs(positives - negatives));
        }

        return farthest;
    }

    private IEnumerable<(double X, double Y)> FromAbove(Func<int, int, (double X, double Y)> point)
    {
        yield return point(0, 0);
        for (var step = Scores.Length - 1; step > 0; step--) yield return point(PositiveCount - Positives[step - 1], NegativeCount - Negatives[step - 1]);
        yield return point(PositiveCount, NegativeCount);
    }
}
