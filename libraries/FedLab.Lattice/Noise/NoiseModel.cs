using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Noise;

/// <summary>The noise that each operation brings, for one ring, a number of acting parties and a number of secrets.</summary>
/// <remarks>
/// s is the sum of the secrets, variance 2·secrets/3 a coefficient; errors have σ = 3.2 a party. Every source fails its worst case with a chance below
/// 2^-60, so that a plan of 2^16 steps of up to 16 events each stays below 2^-40. Masks are taken as uniform (ring learning with errors), which makes
/// the rounding of a division uniform on [-½, ½] and the digits of a key switch uniform on [0, q).
/// </remarks>
internal sealed class NoiseModel
{
    /// <summary>-log2 of the chance that one event exceeds its worst case.</summary>
    private const int FailureBits = 60;

    /// <summary>Variance of rounding to an integer.</summary>
    private const double RoundingVariance = 1.0 / 12;

    private const double Sigma = GaussianSampler.StandardDeviation;

    private readonly double[] _levelBits;

    /// <summary>Bound on |s(ζ)|.</summary>
    private readonly double _secretAtRoots;

    /// <summary>Bound on |s|².</summary>
    private readonly double _secretNorm;

    public NoiseModel(LatticeParameters parameters, int parties, int secrets)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parties);
        ArgumentOutOfRangeException.ThrowIfLessThan(secrets, parties);
        (Degree, Parties, Secrets) = (parameters.Degree, parties, secrets);
        var primes = parameters.Primes;
        DataPrimes = [.. primes.Take(Math.Max(1, primes.Count - 1)).Select(prime => (double)prime)];
        SpecialPrime = primes.Count > 1 ? primes[^1] : null;
        _levelBits = new double[DataPrimes.Length];
        for (var level = 0; level < _levelBits.Length; level++)
            _levelBits[level] = (level == 0 ? 0 : _levelBits[level - 1]) + Math.Log2(DataPrimes[level]);
        Deviations = NoiseTail.Deviations(Math.Log2(Degree), FailureBits);
        _secretAtRoots = Deviations * Math.Sqrt(2.0 * Degree * secrets / 3);
        _secretNorm = NoiseTail.SquaredTernaryNorm(Degree, secrets, FailureBits);
    }

    public int Degree { get; }

    /// <summary>That act: whose errors are in keys and shares.</summary>
    public int Parties { get; }

    /// <summary>Whose sum is the secret.</summary>
    public int Secrets { get; }

    public double[] DataPrimes { get; }

    public double? SpecialPrime { get; }

    public int MaximumLevel => DataPrimes.Length - 1;

    /// <summary>How many parameters a worst case is.</summary>
    public double Deviations { get; }

    /// <summary>What rounding to integers leaves of an encoding.</summary>
    public static NoiseState Encoding => NoiseState.White(Math.Sqrt(RoundingVariance));

    /// <summary>Bound on an encoding's rounding at every root.</summary>
    public double EncodingAtRoots => Deviations * Math.Sqrt(RoundingVariance * Degree);

    public double LevelBits(int level) => _levelBits[level];

    public double WorstSlot(NoiseState noise) => (Deviations * Math.Sqrt(Degree) * noise.Slot) + noise.Bounded;

    public double WorstCoefficient(NoiseState noise) => Math.Min((Deviations * noise.Coefficient) + noise.Bounded, WorstSlot(noise));

    /// <summary>e of a symmetric encryption, with the encoding's rounding.</summary>
    public static NoiseState SymmetricEncryption => NoiseState.White(Sigma).PlusFresh(Encoding);

    /// <summary>(u·e + e0 + e1·s)/P and the rounding of that division, or undivided where there is no special prime; with the encoding's rounding.</summary>
    public NoiseState PublicEncryption()
    {
        var zero = EncryptionOfZero();
        return (SpecialPrime is { } special ? zero.Times(1 / special).PlusFresh(Rounding(2)) : zero).PlusFresh(Encoding);
    }

    /// <summary>u·e + e0 + e1·s.</summary>
    public NoiseState EncryptionOfZero()
    {
        var mask = Deviations * Math.Sqrt(2.0 * Degree / 3);
        var norms = (Parties * NoiseTail.SquaredTernaryNorm(Degree, 1, FailureBits)) + _secretNorm + 1;
        var atRoots = Sigma * Math.Sqrt((Parties * mask * mask) + (_secretAtRoots * _secretAtRoots) + 1);
        return new NoiseState(MultipartyNoise.EncryptionOfZero(Degree, Parties, Secrets).StandardDeviation, Sigma * Math.Sqrt(norms), atRoots, atRoots, 0);
    }

    /// <summary>r0 + r1·s (+ r2·s²) of a division by a prime.</summary>
    public NoiseState Rounding(int polynomials)
    {
        var variance = 2.0 * Secrets / 3;
        var atRoots = _secretAtRoots * _secretAtRoots;

        // A coefficient of s² is a sum of N/2 products, each twice.
        var third = polynomials > 2 ? 1 : 0;
        var typical = 1 + (Degree * variance) + (third * 2.0 * Degree * Degree * variance * variance);
        var norm = 1 + _secretNorm + (third * _secretNorm * atRoots);
        var values = 1 + atRoots + (third * atRoots * atRoots);
        return new NoiseState(
            Math.Sqrt(typical * RoundingVariance),
            Math.Sqrt(norm * RoundingVariance),
            Math.Sqrt(values * RoundingVariance),
            Math.Sqrt(values * RoundingVariance),
            0);
    }

    /// <summary>Σ d_i·e_i/P and the rounding of the division. Digits in [0, q) have the mean ½q, which at the roots next to 1 adds up to q·N/π.</summary>
    public NoiseState KeySwitch(int level, bool relinearisation)
    {
        var special = SpecialPrime ?? throw new ArgumentException("Key switching needs a special prime: the ring has one prime only, add another.", nameof(level));
        var ratios = Math.Sqrt(DataPrimes.Take(level + 1).Sum(prime => prime / special * (prime / special)));
        var typicalNorm = Math.Sqrt(Degree / 3.0);
        var norm = Math.Sqrt((Degree / 3.0) + Math.Sqrt(Degree * FailureBits * Math.Log(2) / 2));
        var atRoots = (Degree / Math.PI) + (Deviations * Math.Sqrt(Degree * RoundingVariance));
        var (typicalError, error) = relinearisation && Secrets > 1 ? CollectiveRelinearisationError() : (Sigma * Math.Sqrt(Parties), Sigma * Math.Sqrt(Parties));
        return new NoiseState(ratios * typicalNorm * typicalError, ratios * norm * error, ratios * atRoots * error, ratios * atRoots * error, 0).PlusFresh(Rounding(2));
    }

    /// <summary>Σ (u_i·e + e_i·s'): what a key switch to a public key adds beside the floods.</summary>
    public NoiseState PublicKeySwitch()
    {
        var estimate = MultipartyNoise.PublicKeySwitch(Degree, Parties);
        var one = Deviations * Math.Sqrt(2.0 * Degree / 3);
        var atRoots = Sigma * Math.Sqrt(2.0 * Parties) * one;
        var norms = NoiseTail.SquaredTernaryNorm(Degree, Parties, FailureBits) + (Parties * NoiseTail.SquaredTernaryNorm(Degree, 1, FailureBits));
        return new NoiseState(estimate.StandardDeviation, Sigma * Math.Sqrt(norms), atRoots, atRoots, 0);
    }

    /// <summary>Floods uniform on [-F, F) of several parties.</summary>
    public NoiseState Floods(double width, int parties)
    {
        var deviation = width * Math.Sqrt(parties / 3.0);
        return NoiseState.White(deviation) with { Coefficient = Math.Min(deviation, width * parties / Deviations) };
    }

    /// <summary>s·e + u·e' + e'' of the two-round protocol: typical deviation, and parameter of every linear form.</summary>
    private (double Typical, double Parameter) CollectiveRelinearisationError()
    {
        var masks = Deviations * Math.Sqrt(2.0 * Degree * Parties / 3);
        var parameter = Sigma * Math.Sqrt(Parties * ((_secretAtRoots * _secretAtRoots) + (masks * masks) + 1));
        return (MultipartyNoise.RelinearisationKey(Degree, Parties, Secrets).StandardDeviation, parameter);
    }
}
