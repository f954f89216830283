using System.Globalization;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>The ring and the scale with which the sums of several parties' integers are exact. Immutable; the same at every party from public numbers alone.</summary>
/// <remarks>
/// <para>A value v travels as v·2^s in a coefficient, encrypted under the collective public key. Of the decrypted coefficient the noise of all contributions and the floods of
/// all parties must stay below 2^(s-1), so that rounding removes them, and the sums times 2^s below Q/2:</para>
/// <code>
/// s       = ⌈log2(2·(n·noise of an encryption of zero + n·flood))⌉,   flood = 2^40·N·(n·noise)
/// log2 Q ≥ magnitude + log2 n + s + 1
/// </code>
/// <para>N = 8192 with three primes holds every plan; N = 4096 (106 bits) has room for none whose values have 30 bits.</para>
/// </remarks>
public sealed class CollectiveSumPlan
{
    /// <summary>Largest magnitude of a party's values, in bits.</summary>
    public const int MaximumMagnitudeBits = 57;

    /// <summary>Most parties: with values of 57 bits their sums still fit 64-bit integers.</summary>
    public const int MaximumParties = 32;

    private const int Degree = 8192;
    private const int PrimeCount = 3;

    /// <summary>Makes the plan.</summary>
    /// <param name="parties">n, 1 to 32: that made the key, and at most as many as contribute and decrypt.</param>
    /// <param name="magnitudeBits">Every party's values lie within ±2^this, 1 to 57.</param>
    public CollectiveSumPlan(int parties, int magnitudeBits)
    {
        if (parties is < 1 or > MaximumParties)
            throw new ArgumentOutOfRangeException(nameof(parties), parties, $"There are 1 to {MaximumParties} parties.");
        if (magnitudeBits is < 1 or > MaximumMagnitudeBits)
            throw new ArgumentOutOfRangeException(nameof(magnitudeBits), magnitudeBits, $"Values have 1 to {MaximumMagnitudeBits} bits.");
        (Parties, MagnitudeBits) = (parties, magnitudeBits);
        ContributionNoise = parties * MultipartyNoise.EncryptionOfZero(Degree, parties, parties).WorstCase;
        Flooding = new Flooding(ContributionNoise, Degree);
        NoiseBound = ContributionNoise + Flooding.Total(parties).WorstCase;
        ScaleBits = Math.ILogB(2 * NoiseBound) + 1;
        SumBound = (long)parties << magnitudeBits;
        var modulusBits = Math.Log2(((double)SumBound + 1) * 2) + ScaleBits + 1;
        Parameters = LatticeParameters.Create(Degree, PrimeCount, (int)Math.Ceiling(modulusBits / PrimeCount));
    }

    /// <summary>n.</summary>
    public int Parties { get; }

    /// <summary>A party's values lie within ±2^this.</summary>
    public int MagnitudeBits { get; }

    /// <summary>The ring.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>s: a value is multiplied by 2^s.</summary>
    public int ScaleBits { get; }

    /// <summary>Values that one ciphertext holds.</summary>
    public int ValuesPerCiphertext => Parameters.Degree;

    /// <summary>No sum is larger in magnitude.</summary>
    public long SumBound { get; }

    /// <summary>Bound on the noise of the sum of all contributions.</summary>
    public double ContributionNoise { get; }

    /// <summary>Bound on the noise of a decrypted coefficient, floods included; below 2^(s-1).</summary>
    public double NoiseBound { get; }

    /// <summary>The width of each party's flood, for a share that opens every coefficient of a ciphertext.</summary>
    public Flooding Flooding { get; }

    /// <summary>The calculation, for a log.</summary>
    /// <returns>One line.</returns>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"sums of {Parties} parties: N {Parameters.Degree}, log2 Q {Parameters.ModulusBits:F1} = values {MagnitudeBits} + parties {Math.Log2(Parties):F1} + scale {ScaleBits} + sign and margin; noise 2^{Math.Log2(ContributionNoise):F1}, floods 2^{Flooding.WidthBits} each");
}
