namespace FedLab.Lattice.Noise;

/// <summary>The tail bounds that every statement about noise rests on.</summary>
/// <remarks>
/// <para>A sum of independent subgaussian variables of parameter τ exceeds t with probability at most 2·exp(-t²/(2τ²)). A discrete Gaussian over the integers
/// is subgaussian with its own σ (Micciancio and Peikert, eprint 2011/501, lemma 2.8), a uniform ternary variable with its own variance 2/3 (compare the power
/// series of (1 + 2·cosh x)/3 and exp(x²/3)), and a uniform one on [-½, ½] with 1/12 (sinh(x)/x ≤ exp(x²/6)).</para>
/// <para>The value of a polynomial of N such coefficients at a root of X^N + 1 has real and imaginary parts of parameter τ·√(N/2) each; the probability that it exceeds
/// t·√N at any of the N/2 pairs of roots is at most that of a coefficient exceeding t: one factor serves both.</para>
/// </remarks>
internal static class NoiseTail
{
    /// <summary>log2 of the largest degree.</summary>
    public const int MaximumDegreeBits = 15;

    /// <summary>√(2·ln(2·2^degreeBits·2^failureBits)): how many τ the largest of 2^degreeBits coefficients keeps within but for a chance of 2^-failureBits.</summary>
    public static double Deviations(double degreeBits, int failureBits) => Math.Sqrt(2 * (1 + degreeBits + failureBits) * Math.Log(2));

    /// <summary>
    /// Bound on the squared norm of a sum of ternary polynomials but for a chance of 2^-failureBits: (2n/3)·(N + 2√(Nx) + 2x), x = failureBits·ln 2 (Hsu, Kakade and
    /// Zhang 2012, "A tail inequality for quadratic forms of subgaussian random vectors").
    /// </summary>
    public static double SquaredTernaryNorm(int degree, int summands, int failureBits)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degree);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(summands);
        var tail = failureBits * Math.Log(2);
        return 2.0 * summands / 3 * (degree + (2 * Math.Sqrt(degree * tail)) + (2 * tail));
    }
}
