using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedLab.Lattice.Ring;

/// <summary>Expands a 32-byte seed to a public uniform polynomial. The expansion is a wire format: every party must get the same residues.</summary>
/// <remarks>
/// For the prime at index i the words of <see cref="KeyedStream"/> with domain i are cut to their lowest b bits, b the bit length of
/// the prime; those below the prime become residues in order, the others are skipped. The words are asked for in batches,
/// and since a batch is a whole number of blocks the batches do not show in the result. Residues are evaluation-form
/// positions 0 to N-1: a uniform polynomial is uniform in either form.
/// </remarks>
internal static class UniformSampler
{
    /// <summary>Bits of 2^52: OR-ed under an integer below 2^52 they make the double 2^52 + integer.</summary>
    private const ulong IntegerShiftBits = 0x4330_0000_0000_0000;

    private const double IntegerShift = 1L << 52;

    /// <summary>Fills one row with residues in [0, <paramref name="prime"/>).</summary>
    public static void Fill(ReadOnlySpan<byte> seed, int primeIndex, ulong prime, Span<double> row)
    {
        using var stream = new KeyedStream(seed, (uint)primeIndex);
        Fill(stream, prime, row);
    }

    /// <summary>As the other, with a stream of the seed and the domain.</summary>
    [SkipLocalsInit]
    public static void Fill(KeyedStream stream, ulong prime, Span<double> row)
    {
        var mask = ulong.MaxValue >> BitOperations.LeadingZeroCount(prime);
        Span<ulong> words = stackalloc ulong[KeyedStream.BatchWords];
        for (var filled = 0; filled < row.Length;)
        {
            stream.Fill(words);
            filled += Accept(words, mask, prime, row[filled..]);
        }
    }

    /// <summary>Converts accepted words in order until the words or the row end; returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int Accept(ReadOnlySpan<ulong> words, ulong mask, ulong prime, Span<double> row)
    {
        var accepted = 0;
        var position = 0;
        var masks = Vector512.Create(mask);
        var primes = Vector512.Create(prime);
        var shiftBits = Vector512.Create(IntegerShiftBits);
        var shift = Vector512.Create(IntegerShift);
        ref var source = ref MemoryMarshal.GetReference(words);
        ref var target = ref MemoryMarshal.GetReference(row);
        while (position + 8 <= words.Length && accepted + 8 <= row.Length)
        {
            var candidates = Vector512.LoadUnsafe(ref source, (nuint)position) & masks;
            if (Vector512.LessThanAll(candidates, primes))
            {
                ((candidates | shiftBits).AsDouble() - shift).StoreUnsafe(ref target, (nuint)accepted);
                accepted += 8;
                position += 8;
            }
            else
            {
                accepted += AcceptOneByOne(words.Slice(position, 8), mask, prime, row[accepted..]);
                position += 8;
            }
        }

        return accepted + AcceptOneByOne(words[position..], mask, prime, row[accepted..]);
    }

    /// <summary>The definition, and the slow path of <see cref="Accept"/>. Seeds are public, so branches may depend on the words.</summary>
    internal static int AcceptOneByOne(ReadOnlySpan<ulong> words, ulong mask, ulong prime, Span<double> row)
    {
        var accepted = 0;
        foreach (var word in words)
        {
            if (accepted == row.Length)
                break;
            if ((word & mask) < prime)
                row[accepted++] = word & mask;
        }

        return accepted;
    }
}
