using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedLab.Lattice;

/// <summary>
/// Sums of c0 coefficients by code: for every code of a feature the sum over the rows that have it, for all messages and primes at once.
/// From these the c0 of every candidate split of the feature follows by adding codes. One thread at a time.
/// </summary>
/// <remarks>
/// Balanced residues are below 2^49, so 2^13 of them are added to a reduced sum before it is reduced again; sums are exact modulo Q.
/// </remarks>
public sealed class CoefficientHistogram
{
    /// <summary>Additions between reductions.</summary>
    private const int MaximumPending = 1 << 12;

    private readonly LatticeContext _context;
    private readonly int _stride;
    private readonly long[] _sums;

    /// <summary>An empty histogram.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="messages">How many messages share the mask of the ciphertexts.</param>
    /// <param name="codes">Number of codes, 1 to 256.</param>
    public CoefficientHistogram(LatticeContext context, int messages, int codes)
    {
        ArgumentNullException.ThrowIfNull(context);
        SecretKey.CheckMessages(messages);
        if (codes is < 1 or > 256)
            throw new ArgumentOutOfRangeException(nameof(codes), codes, "A feature has 1 to 256 codes.");
        _context = context;
        Messages = messages;
        Codes = codes;
        _stride = ScanCiphertext.StrideOf(context, messages);
        _sums = new long[codes * _stride];
    }

    /// <summary>How many messages share the mask of the ciphertexts.</summary>
    public int Messages { get; }

    /// <summary>Number of codes.</summary>
    public int Codes { get; }

    /// <summary>Residues of one sum: a word for each message and prime.</summary>
    public int SumLength => Messages * _context.Tables.Length;

    /// <summary>Adds coefficient <paramref name="start"/> + i of every message to the sum of code <paramref name="codes"/>[i], for every i.</summary>
    /// <param name="ciphertext">Of this context and number of messages.</param>
    /// <param name="start">The first coefficient.</param>
    /// <param name="codes">Codes below <see cref="Codes"/>, one a row.</param>
    /// <exception cref="ArgumentException">The shapes differ, or a code is out of range.</exception>
    public void Add(ScanCiphertext ciphertext, int start, ReadOnlySpan<byte> codes)
    {
        ArgumentNullException.ThrowIfNull(ciphertext);
        if (!ReferenceEquals(ciphertext.Context, _context) || ciphertext.Messages != Messages)
            throw new ArgumentException($"The ciphertext must be of the histogram's context and hold {Messages} messages.", nameof(ciphertext));
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        if (codes.Length > _context.Degree - start)
            throw new ArgumentException($"There are {codes.Length} rows for {_context.Degree - start} coefficients.", nameof(codes));
        if (codes.ContainsAnyExceptInRange((byte)0, (byte)(Codes - 1)))
            throw new ArgumentException($"Codes must be below {Codes}.", nameof(codes));
        var first = ciphertext.First;
        for (var done = 0; done < codes.Length; done += MaximumPending)
        {
            var rows = Math.Min(MaximumPending, codes.Length - done);
            Scatter(first.Slice((start + done) * _stride, rows * _stride), codes.Slice(done, rows), _sums, _stride);
            Reduce();
        }
    }

    /// <summary>Adds up the sums of some codes.</summary>
    /// <param name="chosen">Which codes; shorter than <see cref="Codes"/> leaves the rest out.</param>
    /// <param name="sums">Takes <see cref="SumLength"/> residues in [0, p): message by message, prime by prime.</param>
    public void Select(ReadOnlySpan<bool> chosen, Span<long> sums)
    {
        if (chosen.Length > Codes)
            throw new ArgumentException($"{chosen.Length} codes are given, the histogram has {Codes}.", nameof(chosen));
        if (sums.Length != SumLength)
            throw new ArgumentException($"A sum has {SumLength} residues, not {sums.Length}.", nameof(sums));
        sums.Clear();
        for (var code = 0; code < chosen.Length; code++)
        {
            var mask = chosen[code] ? -1L : 0;
            var bin = _sums.AsSpan(code * _stride, sums.Length);
            for (var i = 0; i < sums.Length; i++)
                sums[i] += bin[i] & mask;
        }

        var primes = _context.Reductions;
        for (var i = 0; i < sums.Length; i++)
            sums[i] = primes[i % primes.Length].Reduce(sums[i]);
    }

    /// <summary>Sets every sum to zero.</summary>
    public void Clear() => Array.Clear(_sums);

    private void Reduce()
    {
        var primes = _context.Reductions;
        for (var start = 0; start < _sums.Length; start += _stride)
        {
            var bin = _sums.AsSpan(start, SumLength);
            for (var i = 0; i < bin.Length; i++)
                bin[i] = primes[i % primes.Length].Reduce(bin[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(ReadOnlySpan<long> coefficients, ReadOnlySpan<byte> codes, Span<long> sums, int stride)
    {
        ref var source = ref MemoryMarshal.GetReference(coefficients);
        ref var target = ref MemoryMarshal.GetReference(sums);
        for (var row = 0; row < codes.Length; row++, source = ref Unsafe.Add(ref source, stride))
        {
            ref var bin = ref Unsafe.Add(ref target, codes[row] * stride);
            var i = 0;
            for (; i + 8 <= stride; i += 8)
                (Vector512.LoadUnsafe(ref bin, (nuint)i) + Vector512.LoadUnsafe(ref source, (nuint)i)).StoreUnsafe(ref bin, (nuint)i);
            if (i < stride)
                (Vector256.LoadUnsafe(ref bin, (nuint)i) + Vector256.LoadUnsafe(ref source, (nuint)i)).StoreUnsafe(ref bin, (nuint)i);
        }
    }
}
