using System.Globalization;
using System.Numerics;
using FedLab.Lattice.Multiparty;

namespace FedLab.Lattice.Noise;

/// <summary>The steps of the collective protocols. Floods are as wide as the protocols make them when they are given <see cref="Noise"/>'s worst case as the bound.</summary>
public sealed partial class NoisePlan
{
    /// <summary>Adds fresh encryptions of zero: <see cref="Rerandomisation"/>.</summary>
    /// <param name="times">How many, one after the other: every acting party applies its own.</param>
    /// <param name="statisticalBits">Of a flood on each, 40 or more; none where it is not given.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="NoiseBudgetException">A flood would be wider than any that is supported.</exception>
    public NoisePlan Rerandomise(int times = 1, int? statisticalBits = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        Evaluation.Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        var fresh = _model.EncryptionOfZero().Times(Math.Sqrt(times));
        var source = Source.Encryption;
        if (statisticalBits is { } bits)
        {
            var flooding = Flood("re-randomisation", Noise.WorstCase + MultipartyNoise.EncryptionOfZero(_model.Degree, _model.Parties, _model.Secrets).WorstCase, _model.Degree, bits);
            fresh = fresh.PlusFresh(_model.Floods(flooding.Width, times));
            source = Source.Flood;
        }

        return Then("re-randomisation", _content with { Noise = _content.Noise.PlusFresh(fresh) }, source, fresh);
    }

    /// <summary>Switches to a receiver's public key: <see cref="KeySwitchToPublicKeyProtocol"/>. The result is for decryption.</summary>
    /// <param name="statisticalBits">Of the flooding, at least 40.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="NoiseBudgetException">A flood would be wider than any that is supported.</exception>
    public NoisePlan SwitchToPublicKey(int statisticalBits = Flooding.MinimumStatisticalBits)
    {
        Evaluation.Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        var flooding = Flood("switch to a public key", Noise.WorstCase + MultipartyNoise.PublicKeySwitch(_model.Degree, 1).WorstCase, _model.Degree, statisticalBits);
        var fresh = _model.Floods(flooding.Width, _model.Parties).PlusFresh(_model.PublicKeySwitch());
        return Then("switch to a public key", _content with { Noise = _content.Noise.PlusFresh(fresh) }, Source.Flood, fresh);
    }

    /// <summary>Switches to a shared secret, or decrypts together: <see cref="KeySwitchToSecretKeyProtocol"/>.</summary>
    /// <param name="statisticalBits">Of the flooding, at least 40.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="NoiseBudgetException">A flood would be wider than any that is supported.</exception>
    public NoisePlan SwitchToSecretKey(int statisticalBits = Flooding.MinimumStatisticalBits)
    {
        Evaluation.Misuse.CheckSize(2, _content.Polynomials, "relinearise it first");
        var flooding = Flood("switch to a secret key", Noise.WorstCase, _model.Degree, statisticalBits);
        var fresh = _model.Floods(flooding.Width, _model.Parties);
        return Then("switch to a secret key", _content with { Noise = _content.Noise.PlusFresh(fresh) }, Source.Flood, fresh);
    }

    /// <summary>Decrypts samples towards their holder, rounded: <see cref="PartialDecryptionProtocol"/>.</summary>
    /// <param name="samples">Samples of one request.</param>
    /// <param name="statisticalBits">Of the flooding, at least 40.</param>
    /// <returns>The longer plan.</returns>
    /// <exception cref="InvalidOperationException">It is not a sample.</exception>
    /// <exception cref="NoiseBudgetException">A flood would be wider than any that is supported.</exception>
    public NoisePlan DecryptSamples(int samples = 1, int statisticalBits = Flooding.MinimumStatisticalBits)
    {
        if (!_content.IsSample)
            throw new InvalidOperationException("Samples are decrypted: extract the number first.");
        var flooding = Flood("partial decryption", Noise.WorstCase, samples, statisticalBits);

        // The result is rounded to a power of two that the floods together stay below.
        var precision = flooding.Width * BitOperations.RoundUpToPowerOf2((uint)_model.Parties);
        var fresh = _model.Floods(flooding.Width, _model.Parties);
        fresh = fresh with { Deviation = Math.Sqrt((fresh.Deviation * fresh.Deviation) + (precision * precision / 12)), Bounded = precision / 2 };
        var name = string.Create(CultureInfo.InvariantCulture, $"partial decryption of {samples} samples");
        return Then(name, _content with { Noise = _content.Noise.PlusFresh(fresh) }, Source.Flood, fresh);
    }

    private Flooding Flood(string step, double noiseBound, int coefficients, int statisticalBits)
    {
        var excess = Math.Log2(Math.Max(noiseBound, 1)) + Math.Log2(coefficients) + statisticalBits - Flooding.MaximumWidthBits;
        if (excess >= 0)
            throw new NoiseBudgetException(string.Create(CultureInfo.InvariantCulture, $"Step {_steps.Length + 1} ({step}): floods of {statisticalBits} bits over a noise of {Bits(noiseBound)} in {coefficients} coefficients exceed 2^{Flooding.MaximumWidthBits} by {excess:F1} bits. Rescale before it, or open fewer coefficients at a time."), _steps.Length + 1, excess);
        return new Flooding(noiseBound, coefficients, statisticalBits);
    }
}
