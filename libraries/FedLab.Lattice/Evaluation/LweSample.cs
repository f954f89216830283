using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>
/// One encrypted number: b + Σ a_j·s_j = scale·message + noise modulo q_0 … q_l, s_j the coefficients of the ring's secret. A buffer that
/// extractions overwrite; one owner, who disposes it.
/// </summary>
public sealed class LweSample : IDisposable
{
    /// <summary>Residues of up to 50 bits in two halves.</summary>
    private const int HalfBits = 25;
    private const long HalfMask = (1L << HalfBits) - 1;

    private const int Lanes = 8;

    private readonly double[] _b;
    private AlignedBuffer? _a;

    /// <summary>Takes a buffer of the context's; the content is zero at level 0 and scale 1 until something is extracted to it.</summary>
    /// <param name="context">The parameters.</param>
    public LweSample(CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
        _b = new double[context.DataPrimes];
        _a = context.Polynomials(1).Rent();
        A.Clear();
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

    /// <summary>Data primes in use, less one.</summary>
    public int Level { get; private set; }

    /// <summary>Factor between the number and what the sample holds.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>b modulo each prime of the level, in [0, q).</summary>
    internal Span<double> B => _b.AsSpan(0, Level + 1);

    /// <summary>For each prime of the level the N residues a_0 … a_(N-1), in [0, q): coefficients, not an evaluation form.</summary>
    internal Span<double> A
    {
        get
        {
            ObjectDisposedException.ThrowIf(_a is null, this);
            return _a.Span[..((Level + 1) * Context.Degree)];
        }
    }

    /// <summary>Decrypts the number.</summary>
    /// <param name="key">The secret key.</param>
    /// <returns>The message plus noise, which tells about the key: round it before anyone else sees it.</returns>
    /// <exception cref="ArgumentException">The key is of another ring.</exception>
    /// <exception cref="ObjectDisposedException">The key or the sample is disposed.</exception>
    public double Decrypt(SecretKey key)
    {
        Context.CheckKey(key);
        var a = A;
        Span<double> residues = stackalloc double[Level + 1];
        using (key.Use())
        {
            for (var i = 0; i <= Level; i++)
                residues[i] = Phase(a.Slice(i * Context.Degree, Context.Degree), key.Rotations, _b[i], Context.Tables[i]);
        }

        var value = Compose(residues) / Scale;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(residues));
        return value;
    }

    /// <summary>Gives the memory back to the context; the sample cannot be used after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _a, null) is { } buffer)
            Context.Polynomials(1).Return(buffer, wasSecret: false);
    }

    /// <summary>Says what the sample is about to hold.</summary>
    internal void Shape(int level, double scale)
    {
        Context.CheckLevel(level);
        CkksContext.CheckScale(scale);
        (Level, Scale) = (level, scale);
    }

    /// <summary>The integer nearest to zero with the given residues within ±q, one a prime, rounded to a double (mixed radix, as the decoder's).</summary>
    internal unsafe double Compose(ReadOnlySpan<double> residues)
    {
        // The kernels take whole registers; one lane counts.
        Span<double> digits = stackalloc double[Lanes * residues.Length];
        Span<double> moduli = stackalloc double[residues.Length];
        Span<double> inverses = stackalloc double[residues.Length];
        Span<double> values = stackalloc double[Lanes];
        digits.Clear();
        fixed (double* rows = digits, primes = moduli, factors = inverses, result = values)
        {
            for (var i = 0; i < residues.Length; i++)
            {
                var table = Context.Tables[i];
                moduli[i] = table.Modulus;
                digits[Lanes * i] = residues[i];
                for (var k = 0; k < i; k++)
                    inverses[k] = Context.InverseOf(k, i);
                Context.Kernels.MixedRadixDigit(table.Modulus, table.Inverse, rows, Lanes, factors, i, Lanes);
            }

            Context.Kernels.EvaluateMixedRadix(rows, Lanes, primes, residues.Length, result, Lanes);
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits));
        return values[0];
    }

    /// <summary>
    /// b + Σ a_j·s_j modulo p, balanced: the same instructions for every secret. The halves' sums are exact integers for secrets up to 2^10 a coefficient, and
    /// reduced without a division, whose time depends on what it divides.
    /// </summary>
    private static double Phase(ReadOnlySpan<double> a, ReadOnlySpan<long> rotations, double b, TransformTable table)
    {
        long low = 0, high = 0;
        for (var j = 0; j < a.Length; j++)
        {
            var value = (long)a[j];
            var secret = rotations[a.Length - 1 - j];
            low += (value & HalfMask) * secret;
            high += (value >> HalfBits) * secret;
        }

        const double shift = Residues<LanesScalar, double>.RoundingShift;
        var unit = Residues<LanesScalar, double>.Reduce(1 << HalfBits, table.Modulus, table.Inverse, shift);
        var upper = Residues<LanesScalar, double>.Reduce(high, table.Modulus, table.Inverse, shift);
        var product = Residues<LanesScalar, double>.Multiply(upper, unit, table.Modulus, table.Inverse, shift);
        var lower = Residues<LanesScalar, double>.Reduce(low, table.Modulus, table.Inverse, shift);
        return Residues<LanesScalar, double>.Reduce(product + lower + b, table.Modulus, table.Inverse, shift);
    }
}
