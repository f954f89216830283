namespace FedLab.Learning;

/// <summary>
/// The public grid on which quantiles are searched: the doubles in their order, divided by the leading bits of their representation.
/// The first cut is into 256 cells of sixteen powers of two each; each refinement divides a cell into 128. The grid fits every
/// range and heavy tails, and owes nothing to anybody's values.
/// </summary>
internal static class NumberCells
{
    public const int FirstDepth = 8;
    public const int FirstCount = 1 << FirstDepth;
    public const int RefinementBits = 7;
    public const int RefinementCount = 1 << RefinementBits;

    private const ulong SignBit = 1UL << 63;

    /// <summary>An integer that is ordered as the doubles are; −0 counts as 0.</summary>
    public static ulong Key(double value)
    {
        // Without a branch: all bits of a negative number are inverted, of others the sign alone.
        var bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return bits ^ ((ulong)((long)bits >> 63) | SignBit);
    }

    /// <summary>The least key of a cell.</summary>
    public static ulong FirstKey(ulong prefix, int depth) => prefix << (64 - depth);

    /// <summary>The least double of a cell.</summary>
    /// <param name="prefix">The leading bits of the cell's keys.</param>
    /// <param name="depth">Their number.</param>
    public static double Lowest(ulong prefix, int depth) => Value(FirstKey(prefix, depth));

    /// <summary>The greatest double of a cell.</summary>
    public static double Highest(ulong prefix, int depth) => Value(FirstKey(prefix, depth) | (ulong.MaxValue >> depth));

    /// <summary>The end of a cell that is nearest to zero: the number of a cell with the fewest binary digits, whole where the cell holds a small whole number.</summary>
    public static double NearestZero(ulong prefix, int depth) =>
        (prefix >> (depth - 1)) == 1 ? Lowest(prefix, depth) : Highest(prefix, depth);

    private static double Value(ulong key)
    {
        var value = BitConverter.UInt64BitsToDouble((key & SignBit) != 0 ? key & ~SignBit : ~key);

        // The outermost cells also hold infinities and what is no number.
        return double.IsFinite(value) ? value : (key & SignBit) != 0 ? double.MaxValue : double.MinValue;
    }
}
