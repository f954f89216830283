using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>Uniform integers of [-2^k, 2^k) modulo several primes, k up to 100.</summary>
/// <remarks>
/// A sample is high·2^h + low with low uniform on [0, 2^h) and high uniform on [-2^(k-h), 2^(k-h)), each from one word of the stream by a shift:
/// exactly uniform, nothing is rejected, and the time does not depend on the words. h is 50, or k/2 rounded down for narrow floods.
/// </remarks>
internal static class WideFloodSampler
{
    /// <summary>Both parts then fit 51 bits with their sign, what the double conversion by 1.5·2^52 takes.</summary>
    public const int MaximumWidthBits = 100;

    private const int MaximumLowBits = 50;
    private const double IntegerShift = 6755399441055744.0;

    /// <summary>Fills <paramref name="primes"/> rows with the balanced residues of the same fresh samples; a row is a multiple of 8 long.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="stream">Fresh and secret.</param>
    /// <param name="widthBits">k, 1 to 100.</param>
    /// <param name="primes">Rows.</param>
    /// <param name="high">Scratch of a row; secret after.</param>
    /// <param name="low">Scratch of a row; secret after.</param>
    /// <param name="rows">Takes the residues.</param>
    public static unsafe void Fill(LatticeContext context, KeyedStream stream, int widthBits, int primes, Span<double> high, Span<double> low, Span<double> rows)
    {
        var lowBits = Math.Min(MaximumLowBits, widthBits / 2);
        Parts(stream, widthBits, lowBits, high, low);
        fixed (double* highs = high, lows = low, values = rows)
        {
            for (var i = 0; i < primes; i++)
            {
                var table = context.Tables[i];
                var row = values + ((long)i * high.Length);
                var factor = NttPrimes.Power(2, (ulong)lowBits, table.Prime);
                var balanced = factor > table.Prime / 2 ? -(double)(table.Prime - factor) : factor;
                context.Kernels.CombineHalves(table.Modulus, table.Inverse, highs, balanced, lows, 1, row, high.Length);
                context.Kernels.Reduce(table.Modulus, table.Inverse, row, row, high.Length);
            }
        }
    }

    /// <summary>The two parts of every sample, as integers.</summary>
    [SkipLocalsInit]
    internal static void Parts(KeyedStream stream, int widthBits, int lowBits, Span<double> high, Span<double> low)
    {
        if (widthBits is < 1 or > MaximumWidthBits)
            throw new ArgumentOutOfRangeException(nameof(widthBits), widthBits, $"A flood has 1 to {MaximumWidthBits} bits.");
        Span<ulong> words = stackalloc ulong[KeyedStream.BatchWords];
        for (var filled = 0; filled < high.Length;)
        {
            var batch = Math.Min(high.Length - filled, KeyedStream.BatchWords / 2);
            stream.Fill(words[..(2 * batch)]);
            Convert(words[..batch], 64 - (widthBits + 1 - lowBits), high.Slice(filled, batch));
            ConvertUnsigned(words.Slice(batch, batch), lowBits, low.Slice(filled, batch));
            filled += batch;
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>The highest bits of every word as signed integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert(ReadOnlySpan<ulong> words, int shift, Span<double> values)
    {
        ref var source = ref MemoryMarshal.GetReference(words);
        ref var target = ref MemoryMarshal.GetReference(values);
        var offset = Vector512.Create(IntegerShift);
        for (nuint i = 0; i < (nuint)words.Length; i += 8)
        {
            var integers = Vector512.LoadUnsafe(ref source, i).AsInt64() >> shift;
            ((integers + offset.AsInt64()).AsDouble() - offset).StoreUnsafe(ref target, i);
        }
    }

    /// <summary>The lowest bits of every word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ConvertUnsigned(ReadOnlySpan<ulong> words, int bits, Span<double> values)
    {
        ref var source = ref MemoryMarshal.GetReference(words);
        ref var target = ref MemoryMarshal.GetReference(values);
        var offset = Vector512.Create(IntegerShift);
        var mask = Vector512.Create((1UL << bits) - 1);
        for (nuint i = 0; i < (nuint)words.Length; i += 8)
        {
            var integers = Vector512.LoadUnsafe(ref source, i) & mask;
            ((integers.AsInt64() + offset.AsInt64()).AsDouble() - offset).StoreUnsafe(ref target, i);
        }
    }
}
