using System.Buffers;

namespace FedLab.Notebook.Data;

/// <summary>
/// Sorts numbers by the digits of their bits, lowest first: several times as fast as by comparisons, and describing a table is mostly
/// sorting. A double's bits sort as it does once the sign bit of positive ones, and all bits of negative ones, are turned over.
/// </summary>
internal static class RadixSort
{
    private const int DigitBits = 11;
    private const int Digits = 6;
    private const int Buckets = 1 << DigitBits;
    private const ulong SignBit = 1UL << 63;

    /// <summary>Below this the counting costs more than the comparisons.</summary>
    private const int WorthIt = 2_048;

    /// <summary>Sorts numbers, rising.</summary>
    /// <param name="values">The numbers, none of them NaN.</param>
    public static void Sort(Span<double> values)
    {
        if (values.Length < WorthIt)
        {
            values.Sort();
            return;
        }

        var (from, to) = (ArrayPool<ulong>.Shared.Rent(values.Length), ArrayPool<ulong>.Shared.Rent(values.Length));
        var counts = new int[Digits * Buckets];
        for (var i = 0; i < values.Length; i++)
        {
            var bits = BitConverter.DoubleToUInt64Bits(values[i]);
            bits ^= (ulong)((long)bits >> 63) | SignBit;
            from[i] = bits;
            for (var digit = 0; digit < Digits; digit++) counts[(digit * Buckets) + DigitOf(bits, digit)]++;
        }

        for (var digit = 0; digit < Digits; digit++)
        {
            var starts = counts.AsSpan(digit * Buckets, Buckets);
            // Numbers with few decimals, and whole ones, have digits that are the same for all.
            if (starts[DigitOf(from[0], digit)] == values.Length) continue;
            var start = 0;
            foreach (ref var count in starts) (count, start) = (start, start + count);
            foreach (var bits in from.AsSpan(0, values.Length)) to[starts[DigitOf(bits, digit)]++] = bits;
            (from, to) = (to, from);
        }

        for (var i = 0; i < values.Length; i++)
        {
            var bits = from[i];
            values[i] = BitConverter.UInt64BitsToDouble(bits ^ ((bits & SignBit) != 0 ? SignBit : ulong.MaxValue));
        }

        ArrayPool<ulong>.Shared.Return(from);
        ArrayPool<ulong>.Shared.Return(to);
    }

    private static int DigitOf(ulong bits, int digit) => (int)(bits >> (digit * DigitBits)) & (Buckets - 1);
}
