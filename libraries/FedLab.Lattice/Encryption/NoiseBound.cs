using FedLab.Lattice.Noise;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Bounds on noise, in units of the ciphertext's integers, that fail for any coefficient of a polynomial with probability below 2^-40.</summary>
/// <remarks>
/// A discrete Gaussian over the integers is subgaussian with its own σ (Micciancio and Peikert, eprint 2011/501, lemma 2.8), so a
/// sum Σ ±e_i of n of them exceeds t with probability at most 2·exp(-t²/(2nσ²)). With t = σ·√n·√(2·ln(2·2^15·2^40)) the union over the at
/// most 2^15 coefficients of a polynomial stays below 2^-40. The fixed factors (0/1 plaintexts, the ternary s and u) enter with
/// every coefficient taken as nonzero.
/// </remarks>
public static class NoiseBound
{
    /// <summary>√(2·ln(2·2^15·2^40)), the deviations that a polynomial's largest coefficient keeps within.</summary>
    private static readonly double Deviations = NoiseTail.Deviations(NoiseTail.MaximumDegreeBits, failureBits: 40);

    /// <summary>Noise of a sum of 0/1 plaintexts times fresh symmetric ciphertexts.</summary>
    /// <param name="ones">Ones in all the plaintexts that went into one accumulator, all candidates of a block together.</param>
    /// <returns>The bound; never above 29 a one, where the sampler cuts its tail.</returns>
    public static double SubsetSum(long ones)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ones);
        return Math.Min(GaussianSampler.StandardDeviation * Math.Sqrt(ones) * Deviations, (double)ones * GaussianSampler.TailCut);
    }

    /// <summary>Noise e·u + e1 + e2·s of a public-key encryption of zero: 2N + 1 errors a coefficient.</summary>
    /// <param name="degree">N.</param>
    /// <returns>The bound.</returns>
    public static double EncryptionOfZero(int degree)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degree);
        return GaussianSampler.StandardDeviation * Math.Sqrt(2.0 * degree + 1) * Deviations;
    }

    /// <summary>
    /// F of the uniform flood on [-F, F]: with |noise| ≤ B the flooded noise of two different inputs differs by a statistical distance
    /// of at most B/(2F) &lt; 2^-statisticalBits a coefficient.
    /// </summary>
    /// <param name="noiseBound">Bound on the noise to be hidden, without the encryption of zero.</param>
    /// <param name="degree">N.</param>
    /// <param name="statisticalBits">40 or more.</param>
    /// <returns>⌈2^statisticalBits·(noiseBound + EncryptionOfZero(degree))⌉. The noise that the answer carries is this plus both bounds.</returns>
    public static double Flood(double noiseBound, int degree, int statisticalBits)
    {
        if (!double.IsFinite(noiseBound) || noiseBound < 0)
            throw new ArgumentOutOfRangeException(nameof(noiseBound), noiseBound, "The noise bound must be a finite number that is not negative.");
        ArgumentOutOfRangeException.ThrowIfNegative(statisticalBits);
        return Math.Ceiling(Math.ScaleB(noiseBound + EncryptionOfZero(degree), statisticalBits));
    }

    /// <summary>Noise that a switch from Q to a power of two adds, in units of the new, smaller modulus.</summary>
    /// <remarks>
    /// c0 and each coefficient of c1 are rounded once, exactly but for 2^-40: ½ from c0, and Σ r_i·s_i with independent r_i of mean
    /// zero within ±½ (c1 is masked by a uniform polynomial), whose sum keeps within ½·√N·√(2·ln 2^56) by Hoeffding's inequality.
    /// </remarks>
    /// <param name="degree">N.</param>
    /// <param name="primeCount">Primes of Q.</param>
    /// <returns>The bound.</returns>
    public static double ModulusSwitch(int degree, int primeCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degree);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(primeCount);
        var rounding = 0.5 + primeCount * Math.ScaleB(1, -40);
        return rounding * (1 + Math.Sqrt(degree) * Deviations);
    }
}
