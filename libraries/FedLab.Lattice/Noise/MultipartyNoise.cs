using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Noise;

/// <summary>Noise that the collective protocols leave, for n parties of uniform ternary secrets and errors of σ = 3.2.</summary>
/// <remarks>
/// <para>Given the ternary factors, a sum of products with errors is subgaussian with σ times the factors' Euclidean norm, which times √(2·ln 2^56) bounds every
/// coefficient but for 2^-40; the norm of a sum of ternary polynomials has a bound of its own that fails with 2^-41.</para>
/// <para>In a t-out-of-n run errors come from the t that act, while the secret remains the sum of all n.</para>
/// </remarks>
public static class MultipartyNoise
{
    private const double Variance = GaussianSampler.StandardDeviation * GaussianSampler.StandardDeviation;

    private const int FailureBits = 40;

    private static readonly double Deviations = NoiseTail.Deviations(NoiseTail.MaximumDegreeBits, FailureBits);

    /// <summary>Σ e_i: noise of the collective public key, and of a collective Galois key.</summary>
    /// <param name="parties">That act.</param>
    /// <returns>σ·√n, and never more than 29·n.</returns>
    public static NoiseEstimate SumOfErrors(int parties)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parties);
        var deviation = Math.Sqrt(parties * Variance);
        return new NoiseEstimate(deviation, Math.Min(Deviations * deviation, (double)parties * GaussianSampler.TailCut));
    }

    /// <summary>e·u + e0 + e1·s: an encryption of zero under the collective public key, before any division by the special prime.</summary>
    /// <param name="degree">N.</param>
    /// <param name="parties">That made the public key.</param>
    /// <param name="secrets">Whose sum the secret is.</param>
    /// <returns>σ·√(2N/3·(parties + secrets) + 1).</returns>
    public static NoiseEstimate EncryptionOfZero(int degree, int parties, int secrets) =>
        Products(1, (parties * Norm(degree, 1)) + Norm(degree, secrets), (2.0 * degree / 3 * (parties + secrets)) + 1);

    /// <summary>s·e + u·e' + e'': noise of a digit of the collective relinearisation key.</summary>
    /// <param name="degree">N.</param>
    /// <param name="parties">That act.</param>
    /// <param name="secrets">Whose sum the secret is.</param>
    /// <returns>σ·√(parties·(2N/3·(parties + secrets) + 1)).</returns>
    public static NoiseEstimate RelinearisationKey(int degree, int parties, int secrets) =>
        Products(parties, parties * (Norm(degree, secrets) + Norm(degree, parties)), parties * ((2.0 * degree / 3 * (parties + secrets)) + 1));

    /// <summary>Σ (u_i·e + e_i·s'), without floods: what a key switch to a public key adds beside them.</summary>
    /// <param name="degree">N.</param>
    /// <param name="parties">That act.</param>
    /// <returns>σ·√(parties·4N/3).</returns>
    public static NoiseEstimate PublicKeySwitch(int degree, int parties) =>
        Products(0, Norm(degree, parties) + (parties * Norm(degree, 1)), parties * 4.0 * degree / 3);

    /// <summary>Sum of independent noises.</summary>
    internal static NoiseEstimate Sum(NoiseEstimate left, NoiseEstimate right) =>
        new(Math.Sqrt((left.StandardDeviation * left.StandardDeviation) + (right.StandardDeviation * right.StandardDeviation)), left.WorstCase + right.WorstCase);

    private static NoiseEstimate Products(double single, double squaredNorm, double variance) =>
        new(Math.Sqrt(variance * Variance), Deviations * Math.Sqrt((squaredNorm + single) * Variance));

    private static double Norm(int degree, int summands) => NoiseTail.SquaredTernaryNorm(degree, summands, FailureBits + 1);
}
