namespace FedLab.Learning;

/// <summary>
/// A sum of gradients and of Hessians in the fixed point of a <see cref="GradientQuantizer"/>. Integer sums are exact, so they do not
/// depend on the order of the rows, the number of threads, or who added them up.
/// </summary>
/// <param name="Gradient">Sum of first derivatives of the loss, in units of 2^−<see cref="GradientQuantizer.FractionalBits"/>.</param>
/// <param name="Hessian">Sum of second derivatives of the loss, in the same unit; at least 0.</param>
public readonly record struct GradientPair(long Gradient, long Hessian)
{
    /// <summary>The sum over both sets of rows.</summary>
    public static GradientPair operator +(GradientPair left, GradientPair right) => left.Add(right);

    /// <summary>The sum over the rows of the first set that are not in the second.</summary>
    public static GradientPair operator -(GradientPair left, GradientPair right) => left.Subtract(right);

    /// <summary>The sum over both sets of rows.</summary>
    public GradientPair Add(GradientPair other) => new(Gradient + other.Gradient, Hessian + other.Hessian);

    /// <summary>The sum over the rows of this set that are not in the other.</summary>
    public GradientPair Subtract(GradientPair other) => new(Gradient - other.Gradient, Hessian - other.Hessian);
}
