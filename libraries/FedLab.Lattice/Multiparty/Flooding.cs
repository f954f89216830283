using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>How wide the noise is that each party adds to a share so that the decryption tells nothing of the ciphertext's own noise. Immutable.</summary>
/// <remarks>
/// <para>Whoever decrypts sees message + noise, and a ciphertext's noise depends on secrets and on what was computed (Li and Micciancio, eprint
/// 2020/1533). A flood uniform on [-F, F) with F = 2^k ≥ 2^λ·c·B, B the bound on the noise and c the number of coefficients that the
/// share opens, makes what is seen for any two noises differ by a statistical distance of at most c·B/F ≤ 2^-λ, all coefficients
/// together. Each party's flood alone is that wide: it hides the noise from all the others together.</para>
/// <para>The width is a power of two: then samples are uniform bits, exactly uniform and without a branch or a rejection.</para>
/// </remarks>
public sealed class Flooding
{
    /// <summary>Least number of statistical bits: 40.</summary>
    public const int MinimumStatisticalBits = 40;

    /// <summary>Widest flood: 2^100.</summary>
    public const int MaximumWidthBits = WideFloodSampler.MaximumWidthBits;

    /// <summary>Computes the width.</summary>
    /// <param name="noiseBound">B, a bound on the magnitude of the noise to be hidden; under CKKS the errors of rescaling and of approximated functions are part of it.</param>
    /// <param name="coefficients">c, how many coefficients one share opens: N for a ciphertext, the number of samples for a partial decryption.</param>
    /// <param name="statisticalBits">λ, at least 40.</param>
    /// <exception cref="ArgumentException">A value is out of range, or the flood would be wider than 2^100.</exception>
    public Flooding(double noiseBound, int coefficients, int statisticalBits = MinimumStatisticalBits)
    {
        if (!double.IsFinite(noiseBound) || noiseBound < 0)
            throw new ArgumentOutOfRangeException(nameof(noiseBound), noiseBound, "The noise bound must be a finite number that is not negative.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(coefficients);
        ArgumentOutOfRangeException.ThrowIfLessThan(statisticalBits, MinimumStatisticalBits);
        NoiseBound = noiseBound;
        StatisticalBits = statisticalBits;
        Coefficients = coefficients;
        var hidden = Math.BitIncrement(Math.Max(noiseBound, 1) * coefficients);

        // ⌈log2 hidden⌉ from the exponent: exact, where a logarithm might round down.
        var bits = statisticalBits + Math.ILogB(hidden) + 1.0;
        if (bits > MaximumWidthBits)
            throw new ArgumentException($"A flood of 2^{bits} over a noise of 2^{Math.Log2(noiseBound):F1} in {coefficients} coefficients is wider than 2^{MaximumWidthBits}: bring the noise down by rescaling, or open fewer coefficients at a time.", nameof(noiseBound));
        WidthBits = (int)bits;
    }

    /// <summary>B, the bound on the noise that is hidden.</summary>
    public double NoiseBound { get; }

    /// <summary>c, the coefficients that one share opens.</summary>
    public int Coefficients { get; }

    /// <summary>λ.</summary>
    public int StatisticalBits { get; }

    /// <summary>k: a flood is uniform on the integers of [-2^k, 2^k).</summary>
    public int WidthBits { get; }

    /// <summary>F = 2^k.</summary>
    public double Width => Math.ScaleB(1, WidthBits);

    /// <summary>Noise of the floods of several parties together.</summary>
    /// <param name="parties">That each add one.</param>
    /// <returns>F·√(parties/3), and at most F·parties.</returns>
    public NoiseEstimate Total(int parties)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parties);
        return new NoiseEstimate(Width * Math.Sqrt(parties / 3.0), Width * parties);
    }

    /// <summary>Refuses a modulus that cannot hold message and noise: their magnitudes must stay below its half.</summary>
    /// <param name="modulus">q_0·…·q_l.</param>
    /// <param name="messageBound">Largest magnitude of scale·message.</param>
    /// <param name="added">Noise that the protocol adds, floods included.</param>
    /// <exception cref="ArgumentException">They do not fit; the message has all figures in bits.</exception>
    internal void EnsureFits(double modulus, double messageBound, NoiseEstimate added)
    {
        if (!double.IsFinite(messageBound) || messageBound < 0)
            throw new ArgumentOutOfRangeException(nameof(messageBound), messageBound, "The bound on scale·message must be a finite number that is not negative.");
        var total = messageBound + NoiseBound + added.WorstCase;
        if (total >= modulus / 2)
            throw new ArgumentException($"Message (2^{Math.Log2(messageBound):F1}) and noise with {StatisticalBits}-bit floods (2^{Math.Log2(NoiseBound + added.WorstCase):F1}) do not fit half of a modulus of 2^{Math.Log2(modulus):F1}. Ask for shares at a higher level, lower the scale or the noise, or take a larger ring.", nameof(messageBound));
    }
}
