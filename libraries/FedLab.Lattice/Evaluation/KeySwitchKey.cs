using System.Buffers;
using System.Security.Cryptography;
using FedLab.Lattice.Encryption;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>Takes a product with one secret s' to a ciphertext under another, s. Immutable once made; thread-safe.</summary>
/// <remarks>
/// For each data prime q_i a pair b_i = e_i - a_i·s + P·g_i·s', a_i over all primes, with g_i = 1 modulo q_i and 0 modulo every other: the gadget of
/// Gentry, Halevi and Smart with one special prime, and SEAL's. With d_i in [0, q_i) the residues of c, Σ d_i·(b_i, a_i)/P is a ciphertext of c·s'
/// with noise Σ d_i·e_i/P + rounding.
/// </remarks>
public sealed class KeySwitchKey
{
    /// <summary>Domains of a seed's expansion: digit·256 + index of the prime. No ring of the table has 256 primes.</summary>
    private const uint DomainsPerDigit = 256;

    private readonly AlignedBuffer _rows;
    private readonly byte[]? _seed;

    /// <summary>A key whose rows are zero: for whoever reads or adds them up.</summary>
    internal KeySwitchKey(CkksContext context)
    {
        if (context.SpecialPrime is null)
            throw new ArgumentException("Key switching needs a special prime: the ring has one prime only, add another.", nameof(context));
        Context = context;
        _rows = new AlignedBuffer(2 * context.DataPrimes * context.Lattice.PolynomialLength);
    }

    /// <summary>A key whose a are expanded from a seed and whose b are zero, to be filled in.</summary>
    internal KeySwitchKey(CkksContext context, ReadOnlySpan<byte> seed)
        : this(context)
    {
        _seed = seed.ToArray();
        var degree = context.Degree;
        for (var digit = 0; digit < Digits; digit++)
        {
            for (var i = 0; i < context.Tables.Length; i++)
            {
                using var stream = context.Lattice.Streams.Rent(seed, ((uint)digit * DomainsPerDigit) + (uint)i);
                UniformSampler.Fill(stream, context.Tables[i].Prime, A(digit).Slice(i * degree, degree));
            }
        }
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

    /// <summary>Bytes of a written key.</summary>
    /// <param name="context">The parameters.</param>
    /// <returns>32 for the seed and, for each data prime, N residues for each prime of the ring at the prime's bit length.</returns>
    public static int SerializedSize(CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return SeededForm.SeedBytes + (context.DataPrimes * PackedRows.Size(context.Lattice, context.Tables.Length));
    }

    /// <summary>Reads a key.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="context">The parameters that both sides agreed on.</param>
    /// <returns>The key.</returns>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime.</exception>
    public static KeySwitchKey Read(ReadOnlySequence<byte> source, CkksContext context)
    {
        var size = SerializedSize(context);
        if (source.Length != size)
            throw new LatticeFormatException(Messages.WrongLength(nameof(KeySwitchKey), size, source.Length));
        var reader = new SequenceReader<byte>(source);
        return Read(ref reader, context);
    }

    /// <summary>Writes the seed and the bit-packed b of every digit: half of what the key holds.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">The key came in another format, without a seed: write it in that one.</exception>
    public void Write(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_seed ?? throw new InvalidOperationException("The key came in another format, without a seed for its random half; write it in that format."));
        for (var digit = 0; digit < Digits; digit++)
            PackedRows.Write(Context.Lattice, B(digit), writer);
    }

    /// <summary>Reads a key and leaves the reader behind it; the caller has checked the length.</summary>
    internal static KeySwitchKey Read(ref SequenceReader<byte> reader, CkksContext context)
    {
        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        reader.TryCopyTo(seed);
        reader.Advance(seed.Length);
        var key = new KeySwitchKey(context, seed);
        for (var digit = 0; digit < key.Digits; digit++)
            PackedRows.Read(context.Lattice, ref reader, nameof(KeySwitchKey), key.B(digit));
        return key;
    }

    /// <summary>Number of pairs: the data primes.</summary>
    internal int Digits => Context.DataPrimes;

    /// <summary>b of a digit, evaluation form, residues in [0, p), a row for every prime of the ring.</summary>
    internal Span<double> B(int digit) => _rows.Span.Slice(2 * digit * Context.Lattice.PolynomialLength, Context.Lattice.PolynomialLength);

    /// <summary>a of a digit, as <see cref="B"/>.</summary>
    internal Span<double> A(int digit) => _rows.Span.Slice(((2 * digit) + 1) * Context.Lattice.PolynomialLength, Context.Lattice.PolynomialLength);

    /// <summary>A key from s' (evaluation form over all primes, within ±p) to the secret of <paramref name="key"/>.</summary>
    internal static KeySwitchKey Generate(CkksContext context, SecretKey key, ReadOnlySpan<double> source)
    {
        context.CheckKey(key);
        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        var result = new KeySwitchKey(context, seed);
        for (var digit = 0; digit < result.Digits; digit++)
        {
            RlweSample.Complete(key, 0, result.B(digit), result.A(digit));
            AddGadget(context, digit, source, result.B(digit));
        }

        return result;
    }

    /// <summary>Adds P·s' modulo the digit's prime to a canonical polynomial over all primes.</summary>
    internal static unsafe void AddGadget(CkksContext context, int digit, ReadOnlySpan<double> source, Span<double> target)
    {
        var table = context.Tables[digit];
        var factor = CkksContext.Balance(context.SpecialPrime!.Value % table.Prime, table.Prime);
        fixed (double* secret = source[(digit * context.Degree)..], row = target[(digit * context.Degree)..])
            context.Kernels.AddScaled(table.Modulus, table.Inverse, row, secret, factor, row, context.Degree);
    }
}
