using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace FedLab.Lattice.Ring;

/// <summary>Exactly uniform samples of {-1, 0, 1}: secrets, and the masks of public-key encryption.</summary>
/// <remarks>
/// A 32-bit number w &gt; 0 gives ⌊3w/2^32⌋ - 1: of the 2^32 - 1 nonzero numbers each value takes exactly 1,431,655,765. A batch
/// with a zero in it (probability 2^-28) is dropped whole, which leaves the others independent and uniform. The two comparisons are
/// arithmetic, not branches, and the only branch, on a dropped zero, tells nothing about what is kept: the time does not
/// depend on the samples.
/// </remarks>
internal static class TernarySampler
{
    /// <summary>Largest w with 3w &lt; 2^32, and with 3w &lt; 2^33.</summary>
    private const ulong FirstThird = 0x5555_5555;
    private const ulong SecondThird = 0xAAAA_AAAA;

    /// <summary>Words in a batch: eight give sixteen samples, the low halves first.</summary>
    private const int BatchWords = 8;

    /// <summary>Fills a row whose length is a multiple of 16.</summary>
    [SkipLocalsInit]
    public static void Fill(KeyedStream stream, Span<double> row)
    {
        Span<ulong> words = stackalloc ulong[KeyedStream.BatchWords];
        for (var filled = 0; filled < row.Length;)
        {
            var batch = words[..Math.Min((row.Length - filled) / 2, KeyedStream.BatchWords)];
            stream.Fill(batch);
            filled += Convert(batch, row[filled..]);
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>Converts whole batches of words; returns the number of samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int Convert(ReadOnlySpan<ulong> words, Span<double> row)
    {
        var filled = 0;
        var first = Vector512.Create(FirstThird);
        var second = Vector512.Create(SecondThird);
        var one = Vector512.Create(BitConverter.DoubleToUInt64Bits(1.0));
        var minusOne = Vector512.Create(-1.0);
        var lowHalf = Vector512.Create((ulong)uint.MaxValue);
        ref var source = ref MemoryMarshal.GetReference(words);
        ref var target = ref MemoryMarshal.GetReference(row);
        for (var position = 0; position + BatchWords <= words.Length; position += BatchWords)
        {
            var batch = Vector512.LoadUnsafe(ref source, (nuint)position);
            var low = batch & lowHalf;
            var high = batch >>> 32;
            if (Vector512.EqualsAny(low, Vector512<ulong>.Zero) || Vector512.EqualsAny(high, Vector512<ulong>.Zero))
                continue;

            // minuend - w underflows, so its sign bit is set, exactly where w is larger.
            Trits(low).StoreUnsafe(ref target, (nuint)filled);
            Trits(high).StoreUnsafe(ref target, (nuint)filled + BatchWords);
            filled += 2 * BatchWords;
        }

        return filled;

        Vector512<double> Trits(Vector512<ulong> numbers)
        {
            var aboveFirst = (first - numbers).AsInt64() >> 63;
            var aboveSecond = (second - numbers).AsInt64() >> 63;
            return (aboveFirst.AsUInt64() & one).AsDouble() + (aboveSecond.AsUInt64() & one).AsDouble() + minusOne;
        }
    }
}
