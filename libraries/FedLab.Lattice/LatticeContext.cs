using System.Collections.Concurrent;
using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Everything precomputed for one set of parameters. Immutable and thread-safe; build it once and share it.</summary>
/// <remarks>
/// A polynomial is <see cref="PolynomialLength"/> doubles: N residues for the first prime, then N for the second, and so on. In
/// coefficient form position i is the coefficient of X^i; in evaluation form the positions are values at the 2N-th roots of
/// unity in an order of the library's own, the same on every machine.
/// </remarks>
public sealed class LatticeContext
{
    private readonly ConcurrentDictionary<int, BufferPool> _several = new();

    /// <summary>Bound on the magnitude of the integers that <see cref="TransformSmall"/> takes: 2^40.</summary>
    public const double SmallBound = 1L << 40;

    /// <summary>Builds the transform tables for every prime.</summary>
    /// <param name="parameters">The ring.</param>
    public LatticeContext(LatticeParameters parameters)
        : this(parameters, VectorPaths.Best)
    {
    }

    internal LatticeContext(LatticeParameters parameters, VectorPath path)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = parameters;
        Path = path;
        Kernels = RingKernels.For(path);
        Tables = [.. parameters.Primes.Select(prime => new TransformTable(parameters.Degree, prime))];
        PolynomialLength = Tables.Length * parameters.Degree;
        Polynomials = new BufferPool(PolynomialLength);
        Rows = new BufferPool(parameters.Degree);
        CofactorInverses = new double[Tables.Length];
        for (var i = 0; i < Tables.Length; i++)
        {
            var prime = Tables[i].Prime;
            var inverse = NttPrimes.Inverse((ulong)(parameters.Modulus / prime % prime), prime);
            CofactorInverses[i] = inverse > prime / 2 ? -(double)(prime - inverse) : inverse;
        }
    }

    /// <summary>The ring.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>Doubles in a polynomial: the number of primes times N.</summary>
    public int PolynomialLength { get; }

    internal VectorPath Path { get; }

    internal RingKernels Kernels { get; }

    internal TransformTable[] Tables { get; }

    /// <summary>(Q/p)^-1 modulo p for every prime, balanced: the constants of the Chinese remainder theorem.</summary>
    internal double[] CofactorInverses { get; }

    /// <summary>Scratch of one polynomial.</summary>
    internal BufferPool Polynomials { get; }

    /// <summary>Scratch of N doubles.</summary>
    internal BufferPool Rows { get; }

    /// <summary>Random streams and expansions of seeds.</summary>
    internal StreamPool Streams { get; } = new();

    internal int Degree => Parameters.Degree;

    /// <summary>Scratch of several polynomials side by side, the shape of a ciphertext.</summary>
    internal BufferPool Several(int polynomials) => _several.GetOrAdd(polynomials, count => new BufferPool(count * PolynomialLength));

    /// <summary>Allocates a polynomial that starts on a cache line, which the kernels read faster than an ordinary array.</summary>
    /// <returns><see cref="PolynomialLength"/> zeros, pinned and owned by the caller; ordinary garbage once let go.</returns>
    public Memory<double> AllocatePolynomial() => new AlignedBuffer(PolynomialLength).Memory;

    /// <summary>Takes a polynomial with small integer coefficients to evaluation form modulo every prime.</summary>
    /// <param name="coefficients">N integers, each below 2^40 in magnitude, coefficient of X^0 first.</param>
    /// <param name="evaluation">Takes <see cref="PolynomialLength"/> residues, each within half its prime: a plaintext for <see cref="ProductAccumulator.MultiplyAccumulate"/>.</param>
    /// <exception cref="ArgumentException">A length is wrong, or a coefficient is not an integer below 2^40 in magnitude.</exception>
    public unsafe void TransformSmall(ReadOnlySpan<double> coefficients, Span<double> evaluation)
    {
        var degree = Degree;
        if (coefficients.Length != degree)
            throw new ArgumentException($"{degree} coefficients are needed, not {coefficients.Length}.", nameof(coefficients));
        if (evaluation.Length != PolynomialLength)
            throw new ArgumentException($"The evaluation form takes {PolynomialLength} doubles, not {evaluation.Length}.", nameof(evaluation));
        fixed (double* source = coefficients, target = evaluation)
        {
            if (!Kernels.AreIntegersBelow(SmallBound, source, degree))
                throw new ArgumentException("Every coefficient must be an integer below 2^40 in magnitude.", nameof(coefficients));
            for (var i = Tables.Length - 1; i >= 0; i--)
            {
                var table = Tables[i];
                var destination = target + (long)i * degree;
                if (table.Modulus < SmallBound)
                {
                    Kernels.Reduce(table.Modulus, table.Inverse, source, destination, degree);
                    Kernels.Forward(table, destination, destination);
                }
                else
                {
                    Kernels.Forward(table, source, destination);
                }
            }
        }
    }

    /// <summary>Evaluations within ±p to balanced coefficients, every prime, in place.</summary>
    internal unsafe void Inverse(Span<double> polynomial)
    {
        fixed (double* values = polynomial)
        {
            for (var i = 0; i < Tables.Length; i++)
                Kernels.Inverse(Tables[i], values + (long)i * Degree);
        }
    }

    /// <summary>Coefficients within ±p to balanced evaluations, every prime, in place.</summary>
    internal unsafe void Forward(Span<double> polynomial)
    {
        fixed (double* values = polynomial)
        {
            for (var i = 0; i < Tables.Length; i++)
                Kernels.Forward(Tables[i], values + (long)i * Degree, values + (long)i * Degree);
        }
    }

    /// <summary>Integers within ±2^53 to balanced residues, every prime, in place.</summary>
    internal unsafe void Reduce(Span<double> polynomial)
    {
        fixed (double* values = polynomial)
        {
            for (var i = 0; i < Tables.Length; i++)
            {
                var row = values + (long)i * Degree;
                Kernels.Reduce(Tables[i].Modulus, Tables[i].Inverse, row, row, Degree);
            }
        }
    }

    /// <summary>The integer in (-Q/2, Q/2] with the given residues, one a prime (exact integers within ±2^53).</summary>
    internal BigInteger Compose(ReadOnlySpan<double> residues)
    {
        var modulus = Parameters.Modulus;
        var sum = BigInteger.Zero;
        for (var i = 0; i < Tables.Length; i++)
            sum += new BigInteger(residues[i]) * new BigInteger(CofactorInverses[i]) * (modulus / Tables[i].Prime);
        sum = BigInteger.Remainder(sum, modulus);
        if (sum.Sign < 0)
            sum += modulus;
        return sum > modulus / 2 ? sum - modulus : sum;
    }
}
