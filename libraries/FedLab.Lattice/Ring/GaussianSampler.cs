using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace FedLab.Lattice.Ring;

/// <summary>Discrete Gaussian errors over the integers, σ = 3.2: probability of x proportional to exp(-x²/(2σ²)).</summary>
/// <remarks>
/// <para>Inversion of the cumulative distribution: of a 64-bit word the lowest bit is the sign and the upper 63 bits u the magnitude,
/// the number of k with u &lt; 2^63·P(|x| ≥ k). The 29 thresholds are rounded to 63 bits, so the distribution differs from the ideal one by a
/// statistical distance below 2^-58 a sample; samples stop at ±29 (9.06 σ), beyond which the ideal one has 2^-65.</para>
/// <para>Constant time: every sample is compared with every threshold by a subtraction whose sign bit is added up; no
/// branch, no table index and no instruction of variable latency depends on the word.</para>
/// </remarks>
internal static class GaussianSampler
{
    /// <summary>σ.</summary>
    public const double StandardDeviation = 3.2;

    /// <summary>Largest magnitude that is ever returned.</summary>
    public const int TailCut = 29;

    /// <summary>round(2^63·P(|x| ≥ k)) at k - 1. A test recomputes them.</summary>
    internal static ReadOnlySpan<ulong> Thresholds =>
    [
        8073499201425509800, 5883348370701942930, 3991629182630250053, 2509699002363457274, 1456798710654579249,
        778321634312219174, 381795751200163125, 171613357976589712, 70569585085359829, 26512962087029103,
        9090830680771688, 2842272832067367, 809697108902602, 210041220178844, 49588937064720,
        10650534664075, 2080180164796, 369346163117, 59600389513, 8738635276,
        1163930510, 140805938, 15468807, 1543030, 139740,
        11488, 857, 58, 4,
    ];

    private const double IntegerShift = 6755399441055744.0;

    /// <summary>Fills a row of any length.</summary>
    [SkipLocalsInit]
    public static void Fill(KeyedStream stream, Span<double> row)
    {
        Span<ulong> words = stackalloc ulong[KeyedStream.BatchWords];
        for (var filled = 0; filled < row.Length;)
        {
            var batch = Math.Min(row.Length - filled, KeyedStream.BatchWords);
            stream.Fill(words[..((batch + 1) & ~1)]);
            Convert(words[..batch], row[filled..]);
            filled += batch;
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>One sample a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Convert(ReadOnlySpan<ulong> words, Span<double> row)
    {
        if (row.Length < words.Length)
            throw new ArgumentException("The row is shorter than the words.", nameof(row));
        ref var source = ref MemoryMarshal.GetReference(words);
        ref var target = ref MemoryMarshal.GetReference(row);
        ref var thresholds = ref MemoryMarshal.GetReference(Thresholds);
        var position = 0;
        for (; position + 32 <= words.Length; position += 32)
        {
            var words0 = Vector512.LoadUnsafe(ref source, (nuint)position);
            var words1 = Vector512.LoadUnsafe(ref source, (nuint)position + 8);
            var words2 = Vector512.LoadUnsafe(ref source, (nuint)position + 16);
            var words3 = Vector512.LoadUnsafe(ref source, (nuint)position + 24);
            var u0 = words0 >>> 1;
            var u1 = words1 >>> 1;
            var u2 = words2 >>> 1;
            var u3 = words3 >>> 1;
            var sum0 = Vector512<ulong>.Zero;
            var sum1 = Vector512<ulong>.Zero;
            var sum2 = Vector512<ulong>.Zero;
            var sum3 = Vector512<ulong>.Zero;
            for (nuint k = 0; k < TailCut; k++)
            {
                var threshold = Vector512.Create(Unsafe.Add(ref thresholds, k));
                sum0 += (u0 - threshold) >>> 63;
                sum1 += (u1 - threshold) >>> 63;
                sum2 += (u2 - threshold) >>> 63;
                sum3 += (u3 - threshold) >>> 63;
            }

            Sign(sum0, words0).StoreUnsafe(ref target, (nuint)position);
            Sign(sum1, words1).StoreUnsafe(ref target, (nuint)position + 8);
            Sign(sum2, words2).StoreUnsafe(ref target, (nuint)position + 16);
            Sign(sum3, words3).StoreUnsafe(ref target, (nuint)position + 24);
        }

        for (; position < words.Length; position++)
            row[position] = ConvertOne(words[position]);
    }

    /// <summary>The definition, and the tail of <see cref="Convert"/>.</summary>
    internal static double ConvertOne(ulong word)
    {
        ulong magnitude = 0;
        foreach (var threshold in Thresholds)
            magnitude += ((word >> 1) - threshold) >> 63;
        var negative = 0 - (word & 1);
        return (long)((magnitude ^ negative) - negative);
    }

    private static Vector512<double> Sign(Vector512<ulong> magnitude, Vector512<ulong> words)
    {
        // Two's complement negation where the bit is set, then to a double by the bits of 1.5·2^52.
        var negative = Vector512<ulong>.Zero - (words & Vector512<ulong>.One);
        var signed = (magnitude ^ negative) - negative;
        var shift = Vector512.Create(IntegerShift);
        return (signed + shift.AsUInt64()).AsDouble() - shift;
    }
}
