namespace FedLab.Learning;

/// <summary>
/// Rounds gradients and Hessians of the logistic loss to fixed point, with as many fractional bits as all sums over the rows allow:
/// 18, or fewer when a sum could pass 2^38, which is what an encrypted sum can hold beside its flooding and rounding.
/// </summary>
public sealed class GradientQuantizer
{
    /// <summary>What a million rows can carry. The test AUC of real credit data is the same to five digits as with 22, and ciphertexts are 6 % smaller.</summary>
    private const int PreferredFractionalBits = 18;

    /// <summary>Rounding errors of 2^−12 a row still leave three digits of a leaf's gradient sum; below that training is refused.</summary>
    private const int LeastFractionalBits = 12;

    private const long LargestSum = 1L << 38;

    /// <summary>p(1 − p) is at most a quarter.</summary>
    private const double LargestHessian = 0.25;

    private readonly double _scale;
    private readonly long _largestGradient;

    private GradientQuantizer(int rows, double maximumWeight, int fractionalBits)
    {
        FractionalBits = fractionalBits;
        _scale = Math.ScaleB(1, fractionalBits);
        _largestGradient = Round(maximumWeight);
        MaximumGradientSum = rows * _largestGradient;
        MaximumHessianSum = rows * Round(maximumWeight * LargestHessian);
        Unit = 1 / _scale;
    }

    /// <summary>Number of binary digits after the point.</summary>
    public int FractionalBits { get; }

    /// <summary>No sum of quantised gradients is larger in absolute value, whichever rows it is over.</summary>
    public long MaximumGradientSum { get; }

    /// <summary>No sum of quantised Hessians is larger, whichever rows it is over.</summary>
    public long MaximumHessianSum { get; }

    /// <summary>The value of the last binary digit, 2^−<see cref="FractionalBits"/>; a sum times this is the sum as a real number, exactly.</summary>
    public double Unit { get; }

    /// <summary>The quantizer for a number of rows.</summary>
    /// <param name="rows">All rows, at least 1, those outside a tree's sample included.</param>
    /// <param name="maximumWeight">The largest weight of a row, above 0; a row's gradient is at most its weight, its Hessian a quarter of it.</param>
    /// <exception cref="LearningException">Fewer than 12 fractional bits would be left.</exception>
    public static GradientQuantizer For(int rows, double maximumWeight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (!(maximumWeight > 0) || double.IsInfinity(maximumWeight))
            throw new ArgumentOutOfRangeException(nameof(maximumWeight), maximumWeight, "A weight is a positive number.");

        for (var bits = PreferredFractionalBits; bits >= LeastFractionalBits; bits--)
        {
            if (rows * Math.Ceiling(Math.ScaleB(maximumWeight, bits)) <= LargestSum)
                return new GradientQuantizer(rows, maximumWeight, bits);
        }

        throw Messages.TooManyRowsForWeight(rows, maximumWeight);
    }

    /// <summary>The nearest fixed-point number, halves to even.</summary>
    /// <param name="value">A gradient or Hessian of one row.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is larger than a row's can be, or not a number.</exception>
    public long Quantize(double value)
    {
        var scaled = Math.Round(value * _scale);
        return Math.Abs(scaled) <= _largestGradient
            ? (long)scaled
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Larger than the gradient of a row with the largest weight.");
    }

    private long Round(double value) => (long)Math.Round(value * _scale);
}
