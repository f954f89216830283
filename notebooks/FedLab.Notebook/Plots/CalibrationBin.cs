namespace FedLab.Notebook.Plots;

/// <summary>Rows with neighbouring scores: what was predicted for them and what came.</summary>
/// <param name="Predicted">Mean score.</param>
/// <param name="Observed">Share of class 1.</param>
/// <param name="Low">Lower end of the interval in which the true share is with 95 %.</param>
/// <param name="High">Upper end.</param>
/// <param name="Rows">Number of rows.</param>
internal readonly record struct CalibrationBin(double Predicted, double Observed, double Low, double High, int Rows)
{
    private const double Quantile95 = 1.959963984540054;

    /// <summary>About as many rows in each bin; rows of one score stay together, so there may be fewer bins than wanted.</summary>
    /// <param name="steps">The scores.</param>
    /// <param name="wanted">How many bins.</param>
    public static List<CalibrationBin> Of(ScoreSteps steps, int wanted)
    {
        List<CalibrationBin> bins = [];
        var (rows, positives, sum, before) = (0, 0, 0.0, 0);
        for (var step = 0; step < steps.Scores.Length; step++)
        {
            var upTo = steps.Positives[step] + steps.Negatives[step];
            var here = upTo - before;
            rows += here;
            positives += steps.Positives[step] - (step == 0 ? 0 : steps.Positives[step - 1]);
            sum += here * steps.Scores[step];
            before = upTo;
            // A bin ends where its share of all rows is full.
            if ((long)upTo * wanted < (long)(bins.Count + 1) * steps.RowCount) continue;
            bins.Add(Create(rows, positives, sum));
            (rows, positives, sum) = (0, 0, 0);
        }

        return bins;
    }

    /// <summary>The interval is that of Wilson (Probable Inference, the Law of Succession, and Statistical Inference, 1927).</summary>
    private static CalibrationBin Create(int rows, int positives, double sum)
    {
        var share = positives / (double)rows;
        var z2 = Quantile95 * Quantile95 / rows;
        var middle = (share + (z2 / 2)) / (1 + z2);
        var half = Quantile95 / (1 + z2) * Math.Sqrt((share * (1 - share) / rows) + (z2 / 4 / rows));
        return new CalibrationBin(sum / rows, share, Math.Max(0, middle - half), Math.Min(1, middle + half), rows);
    }
}
