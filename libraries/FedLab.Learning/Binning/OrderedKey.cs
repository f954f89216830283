using System.Globalization;

namespace FedLab.Learning;

/// <summary>
/// Finite doubles as integers in the same order: the bits of a positive number, and the negated bits of its absolute value for a
/// negative one. Neighbouring doubles have neighbouring keys; both zeros have the key 0; a multiple of 2^s, s at most 52, is a number
/// whose mantissa ends with s zeros. So a step of the key is a step of the value relative to its size, whatever the range of a column.
/// </summary>
internal static class OrderedKey
{
    /// <summary>Bits of a double's mantissa.</summary>
    public const int MantissaBits = 52;

    /// <summary>The key of the greatest double; the least one has its negation.</summary>
    public static long Greatest { get; } = Of(double.MaxValue);

    /// <summary>The key of a finite number.</summary>
    public static long Of(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        return bits >= 0 ? bits : -(bits & long.MaxValue);
    }

    /// <summary>The number with a key; never −0.</summary>
    public static double ToDouble(long key) => key >= 0 ? BitConverter.Int64BitsToDouble(key) : -BitConverter.Int64BitsToDouble(-key);

    /// <summary>
    /// The key of the shortest number in the middle half of a range: 0 if it is there, else the one whose mantissa ends with the most
    /// zeros, of several powers of two the one nearest to the middle. Single precision holds it exactly unless the range is narrow.
    /// </summary>
    /// <param name="low">Key of the range's low end, included.</param>
    /// <param name="high">Key of the range's high end, included.</param>
    public static double ShortestBetween(long low, long high)
    {
        var (from, to) = (ToDouble(low), ToDouble(high));
        var (near, far) = ((from / 4 * 3) + (to / 4), (from / 4) + (to / 4 * 3));
        var (first, last) = (Math.Clamp(Of(near), low, high), Math.Clamp(Of(far), low, high));
        if (first <= 0 && last >= 0)
            return 0;
        for (var zeros = MantissaBits; zeros > 0; zeros--)
        {
            var (leastMultiple, greatestMultiple) = (((first - 1) >> zeros) + 1, last >> zeros);
            if (leastMultiple > greatestMultiple)
                continue;
            var middle = (near / 2) + (far / 2);
            var best = ToDouble(leastMultiple << zeros);
            for (var multiple = leastMultiple + 1; multiple <= greatestMultiple; multiple++)
            {
                if (Math.Abs(ToDouble(multiple << zeros) - middle) < Math.Abs(best - middle))
                    best = ToDouble(multiple << zeros);
            }

            return best;
        }

        return ToDouble(first);
    }

    /// <summary>
    /// The key of the number with the fewest decimal digits above one key and up to another, as a person would have typed it; of several
    /// the greatest. The range must not hold 0.
    /// </summary>
    /// <param name="low">Key below the range.</param>
    /// <param name="high">Key of the range's high end, included.</param>
    public static long FewestDigitsBetween(long low, long high)
    {
        var top = ToDouble(high);
        var largest = Math.Max(Math.Abs(top), Math.Abs(ToDouble(low + 1)));

        // log10(2) ≈ 0.30103: one power more than the range can reach, then down until a multiple of the power lies in it.
        for (var power = (int)Math.Ceiling(Math.ILogB(largest) * 0.30103) + 1; ; power--)
        {
            var unit = Parse(1, power);
            var count = unit > 0 && double.IsFinite(unit) ? Math.Floor(top / unit) : double.NaN;

            // Past 2^53 whole numbers are doubles no more: no decimal in the range is short.
            if (Math.Abs(count) > 1L << 53 || power < -330)
                return high;
            if (double.IsNaN(count))
                continue;
            for (var candidate = count + 1; candidate >= count - 1; candidate--)
            {
                var value = Parse(candidate, power);
                if (double.IsFinite(value) && Of(value) > low && Of(value) <= high)
                    return Of(value);
            }
        }
    }

    /// <summary>digits·10^power, correctly rounded, so the same on every machine.</summary>
    private static double Parse(double digits, int power) =>
        double.Parse(string.Create(CultureInfo.InvariantCulture, $"{digits:F0}E{power}"), NumberStyles.Float, CultureInfo.InvariantCulture);
}
