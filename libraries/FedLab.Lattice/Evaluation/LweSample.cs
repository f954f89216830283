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
    /// <summary>Terms a_j·s_j between reductions: each is below 2^50 times a secret coefficient of up to 2^6 (a sum of parties' secrets).</summary>
    private const int Pending = 64;

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
                residues[i] = Phase(a.Slice(i * Context.Degree, Context.Degree), key.Rotations, _b[i], (long)Context.Tables[i].Prime);
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

    /// <summary>The integer nearest to zero with the given residues in [0, q), rounded to a double (mixed radix, as the decoder's).</summary>
    internal double Compose(Span<double> residues)
    {
        for (var i = 0; i < residues.Length; i++)
        {
            var prime = (Int128)Context.Tables[i].Prime;
            var digit = (Int128)residues[i];
            for (var k = 0; k < i; k++)
                digit = (digit - (Int128)residues[k]) * (Int128)Context.InverseOf(k, i) % prime;

            // Balanced by arithmetic, not by branches: the message may be secret.
            digit += prime & (digit >> 127);
            digit -= prime & (((prime >> 1) - digit) >> 127);
            residues[i] = (double)digit;
        }

        var value = residues[^1];
        for (var i = residues.Length - 2; i >= 0; i--)
            value = Math.FusedMultiplyAdd(value, Context.Tables[i].Modulus, residues[i]);
        return value;
    }

    /// <summary>b + Σ a_j·s_j modulo p, in [0, p): the same instructions for every secret.</summary>
    private static double Phase(ReadOnlySpan<double> a, ReadOnlySpan<long> rotations, double b, long prime)
    {
        var sum = (long)b;
        for (var start = 0; start < a.Length; start += Pending)
        {
            for (var j = start; j < start + Pending; j++)
                sum += (long)a[j] * rotations[a.Length - 1 - j];
            sum %= prime;
        }

        return sum + (prime & (sum >> 63));
    }
}
