namespace FedLab.Learning;

/// <summary>
/// Gain of a split and weight of a leaf (Chen and Guestrin 2016, equations 5 and 7), from exact sums by one sequence of IEEE 754
/// operations, so that every party computes the same number to the last bit.
/// </summary>
public static class SplitGain
{
    /// <summary>
    /// GL²/(HL+λ) + GR²/(HR+λ) − G²/(H+λ), as XGBoost computes it and compares with γ: equation 7 of the paper halves the bracket, its
    /// program does not.
    /// </summary>
    /// <param name="left">Sums over the rows that go left.</param>
    /// <param name="total">Sums over the node.</param>
    /// <param name="quantizer">The unit of the sums.</param>
    /// <param name="parameters">λ, γ and the least Hessian of a side.</param>
    /// <returns>The gain, or −∞ when a side has too little Hessian, or when the gain is not above 0 and above γ.</returns>
    public static double Evaluate(GradientPair left, GradientPair total, GradientQuantizer quantizer, TreeParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        ArgumentNullException.ThrowIfNull(parameters);
        var right = total - left;
        if (!IsHeavyEnough(left, quantizer, parameters) || !IsHeavyEnough(right, quantizer, parameters))
            return double.NegativeInfinity;
        var gain = Score(left, quantizer, parameters) + Score(right, quantizer, parameters) - Score(total, quantizer, parameters);
        return gain > 0 && gain > parameters.Gamma ? gain : double.NegativeInfinity;
    }

    /// <summary>−G/(H+λ)·η, or 0 where H + λ is 0.</summary>
    /// <param name="total">Sums over the leaf.</param>
    /// <param name="quantizer">The unit of the sums.</param>
    /// <param name="parameters">λ and the learning rate η.</param>
    public static double LeafWeight(GradientPair total, GradientQuantizer quantizer, TreeParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(quantizer);
        ArgumentNullException.ThrowIfNull(parameters);
        var denominator = (total.Hessian * quantizer.Unit) + parameters.Lambda;

        // 0 − G rather than −G, so that a leaf without gradient weighs 0 and not −0.
        return denominator > 0 ? (0 - (total.Gradient * quantizer.Unit)) / denominator * parameters.LearningRate : 0;
    }

    /// <summary>Whether the node's Hessian could be enough for two sides.</summary>
    internal static bool CouldSplit(GradientPair total, GradientQuantizer quantizer, TreeParameters parameters) =>
        total.Hessian >= 2 && total.Hessian * quantizer.Unit >= 2 * parameters.MinChildWeight;

    private static bool IsHeavyEnough(GradientPair side, GradientQuantizer quantizer, TreeParameters parameters) =>
        side.Hessian > 0 && side.Hessian * quantizer.Unit >= parameters.MinChildWeight;

    private static double Score(GradientPair sum, GradientQuantizer quantizer, TreeParameters parameters)
    {
        var gradient = sum.Gradient * quantizer.Unit;
        return gradient * gradient / ((sum.Hessian * quantizer.Unit) + parameters.Lambda);
    }
}
