namespace FedLab.Learning;

/// <summary>
/// Real numbers as integers in units of 2^−<paramref name="fractionalBits"/>, so that sums over holders are exact. The number of bits
/// follows from a bound on the sum that all holders know, never from one's own values.
/// </summary>
internal readonly struct FixedPoint(int fractionalBits)
{
    /// <summary>
    /// Every holder's sums lie within ±2^this. Of 52 bits some 20 are for the number of rows and the rest for precision: a gradient's
    /// rounding errors then stay below a billionth of its standard deviation with a hundred million rows.
    /// </summary>
    public const int MagnitudeBits = 52;

    private readonly double _scale = Math.ScaleB(1, fractionalBits);
    private readonly double _unit = Math.ScaleB(1, -fractionalBits);

    /// <summary>The finest units in which a sum of at most <paramref name="largestSum"/> in absolute value fits.</summary>
    public static FixedPoint For(double largestSum) => new(MagnitudeBits - 1 - Math.ILogB(largestSum));

    /// <summary>The nearest integer number of units.</summary>
    public long Round(double value) => (long)Math.Round(value * _scale);

    /// <summary>The real number of so many units.</summary>
    public double Value(long units) => units * _unit;
}
