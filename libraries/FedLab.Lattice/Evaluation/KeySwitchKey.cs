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
    private readonly AlignedBuffer _rows;

    /// <summary>A key whose rows are zero: for whoever reads or adds them up.</summary>
    internal KeySwitchKey(CkksContext context)
    {
        if (context.SpecialPrime is null)
            throw new ArgumentException("Key switching needs a special prime: the ring has one prime only, add another.", nameof(context));
        Context = context;
        _rows = new AlignedBuffer(2 * context.DataPrimes * context.Lattice.PolynomialLength);
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

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
        var result = new KeySwitchKey(context);
        Span<byte> seed = stackalloc byte[SeededForm.SeedBytes];
        for (var digit = 0; digit < result.Digits; digit++)
        {
            RandomNumberGenerator.Fill(seed);
            SeededForm.ExpandSeed(context.Lattice, seed, result.A(digit));
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
