namespace FedLab.Learning;

/// <summary>The link between margins (log-odds) and probabilities.</summary>
public static class Logistic
{
    /// <summary>1/(1 + e^−x) without overflow, in [0, 1].</summary>
    public static double Sigmoid(double margin)
    {
        if (margin >= 0)
            return 1 / (1 + Math.Exp(-margin));
        var odds = Math.Exp(margin);
        return odds / (1 + odds);
    }

    /// <summary>The logistic loss of a margin: −ln of the probability that it gives the label, without overflow.</summary>
    /// <param name="margin">Log-odds of label 1.</param>
    /// <param name="label">0 or 1.</param>
    public static double Loss(double margin, byte label)
    {
        var wrong = label == 0 ? margin : -margin;
        return Math.Max(wrong, 0) + Math.Log(1 + Math.Exp(-Math.Abs(wrong)));
    }

    /// <summary>The mean logistic loss of margins.</summary>
    /// <param name="margins">Log-odds of label 1, at least one.</param>
    /// <param name="labels">0 or 1 for each of them.</param>
    /// <exception cref="ArgumentException">There is none, or the lengths differ.</exception>
    public static double MeanLoss(ReadOnlySpan<double> margins, ReadOnlySpan<byte> labels)
    {
        if (margins.IsEmpty || margins.Length != labels.Length)
            throw new ArgumentException($"There are {margins.Length} margins and {labels.Length} labels.", nameof(labels));
        var sum = 0.0;
        for (var row = 0; row < margins.Length; row++)
            sum += Loss(margins[row], labels[row]);
        return sum / margins.Length;
    }
}
