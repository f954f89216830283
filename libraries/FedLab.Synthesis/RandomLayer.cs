namespace FedLab.Synthesis;

/// <summary>
/// A random number that is a function of (seed, enterprise, stream) and of nothing else: rows may be made in any order and on any
/// number of threads. The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood 2014). It protects nothing; it is for
/// synthetic data only.
/// </summary>
internal static class RandomLayer
{
    /// <summary>Streams an enterprise has of its own.</summary>
    private const ulong StreamsPerEnterprise = 4096;

    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    /// <summary>The 64 bits of stream <paramref name="stream"/> (0 to 4094) of enterprise <paramref name="enterprise"/>.</summary>
    public static ulong Raw(ulong seed, int enterprise, int stream) =>
        Mix(unchecked(seed + GoldenGamma * ((ulong)enterprise * StreamsPerEnterprise + (ulong)stream + 1)));

    /// <summary>A uniform number strictly between 0 and 1 with 53 random bits.</summary>
    public static double Uniform(ulong seed, int enterprise, int stream) =>
        ((Raw(seed, enterprise, stream) >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>A standard normal number: the quantile function of the uniform one.</summary>
    public static double Normal(ulong seed, int enterprise, int stream) =>
        NormalDistribution.Quantile(Uniform(seed, enterprise, stream));

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z ^= z >> 30;
            z *= 0xBF58476D1CE4E5B9;
            z ^= z >> 27;
            z *= 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
