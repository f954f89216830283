using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>
/// Turns a ciphertext under the collective secret s into one under another shared secret s' = Σ s'_i, for example the key that a group of the parties
/// holds. Without a new secret (s' = 0) it is the collective decryption: whoever adds up the shares reads the message. One round.
/// </summary>
/// <remarks>
/// <para>h_i = (s_i - s'_i)·c1 + e*_i; the result is (c0 + Σ h_i, c1) (Mouchet et al., PETS 2021, protocol ColKeySwitch).</para>
/// <para>Added noise: Σ e*_i. Flooding: e*_i is uniform on [-2^k, 2^k), 40 bits or more above the noise of the ciphertext in all N coefficients together.</para>
/// </remarks>
public sealed class KeySwitchToSecretKeyProtocol : CollectiveProtocol
{
    private readonly CkksContext _ckks;

    /// <summary>Prepares the switch at one level.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="parties">All parties, or the active set of a t-out-of-n run.</param>
    /// <param name="level">Level of the ciphertexts.</param>
    /// <param name="noiseBound">Bound on the noise of the ciphertexts.</param>
    /// <param name="messageBound">Largest magnitude of scale·message in any coefficient.</param>
    /// <param name="statisticalBits">Of the flooding, at least 40.</param>
    /// <exception cref="ArgumentException">Message and flooded noise do not fit the modulus of the level.</exception>
    public KeySwitchToSecretKeyProtocol(
        CkksContext context,
        PartySet parties,
        int level,
        double noiseBound,
        double messageBound,
        int statisticalBits = Flooding.MinimumStatisticalBits)
        : base(KeySwitchToPublicKeyProtocol.RequireLevel(context, level), parties, CollectiveProtocolKind.KeySwitchToSecretKey, new ShareShape(1, level + 1, context.Degree))
    {
        (_ckks, Level) = (context, level);
        Flooding = new Flooding(noiseBound, context.Degree, statisticalBits);
        Flooding.EnsureFits(context.LevelModulus[level], messageBound, Noise);
    }

    /// <summary>Level of the ciphertexts.</summary>
    public int Level { get; }

    /// <summary>The width of each party's flood.</summary>
    public Flooding Flooding { get; }

    /// <inheritdoc/>
    public override NoiseEstimate Noise => Flooding.Total(Parties.Count);

    /// <summary>Makes a fresh share: (s_i - s'_i)·c1 + e*_i.</summary>
    /// <param name="secret">The party's summand of s.</param>
    /// <param name="newSecret">The party's summand of s', or null for zero.</param>
    /// <param name="ciphertext">Of two polynomials, at the level.</param>
    /// <param name="binding">The party's ledger and the transcript.</param>
    /// <param name="share">Takes the share.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given for this ciphertext: send the stored one, or re-randomise the ciphertext.</exception>
    /// <exception cref="ArgumentException">Rings, parties or levels do not match.</exception>
    public void GenerateShare(PartySecret secret, SecretKey? newSecret, CkksCiphertext ciphertext, ShareBinding binding, CollectiveShare share)
    {
        if (newSecret is not null)
            _ckks.CheckKey(newSecret);
        var request = Request(ciphertext, binding);
        newSecret?.Use().Dispose();
        Begin(secret, request, binding, share);
        using var scratch = Context.Rows.RentSecret();
        using var low = Context.Rows.RentSecret();
        using (var lease = secret.Use())
        using (var stream = Context.Streams.RentRandom())
        {
            var h = share.Polynomial(0);
            RowArithmetic.FreshFlood(Context, stream, Flooding.WidthBits, scratch.Span, low.Span, h);
            RowArithmetic.AddProduct(Context, ciphertext.Polynomial(1), lease.Evaluation, h);
            if (newSecret is not null)
            {
                using (newSecret.Use())
                    RowArithmetic.SubtractProduct(Context, ciphertext.Polynomial(1), newSecret.Evaluation, h);
            }
        }

        Complete(secret, request, binding, share);
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="ciphertext">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(CkksCiphertext ciphertext, ShareBinding binding, CollectiveShare share) => TryResend(Request(ciphertext, binding), binding, share);

    /// <summary>Makes the ciphertext under s': (c0 + Σ h_i, c1).</summary>
    /// <param name="ciphertext">As for the shares; not changed.</param>
    /// <param name="sum">The sum over all parties.</param>
    /// <param name="target">Takes the result; not <paramref name="ciphertext"/>.</param>
    /// <exception cref="ArgumentException">A party's share is missing.</exception>
    public void Finish(CkksCiphertext ciphertext, CollectiveShare sum, CkksCiphertext target)
    {
        CheckBeforeFinish(ciphertext, sum);
        KeySwitchToPublicKeyProtocol.CheckTarget(_ckks, ciphertext, target);
        target.Shape(2, Level, ciphertext.Scale);
        sum.Polynomial(0).CopyTo(target.Polynomial(0));
        RowArithmetic.Add(Context, Context.Degree, ciphertext.Polynomial(0), target.Polynomial(0));
        ciphertext.Polynomial(1).CopyTo(target.Polynomial(1));
    }

    /// <summary>The collective decryption, when every share was made without a new secret: c0 + Σ h_i, scale·message under the floods.</summary>
    /// <param name="ciphertext">As for the shares; not changed.</param>
    /// <param name="sum">The sum over all parties.</param>
    /// <param name="target">Takes the message; decode it and round to the precision that <see cref="Noise"/> leaves.</param>
    /// <exception cref="ArgumentException">A party's share is missing.</exception>
    public void Finish(CkksCiphertext ciphertext, CollectiveShare sum, CkksPlaintext target)
    {
        CheckBeforeFinish(ciphertext, sum);
        ArgumentNullException.ThrowIfNull(target);
        Misuse.CheckContext(_ckks, target.Context, nameof(target));
        target.Shape(Level, ciphertext.Scale);
        sum.Polynomial(0).CopyTo(target.Polynomial);
        RowArithmetic.Add(Context, Context.Degree, ciphertext.Polynomial(0), target.Polynomial);
    }

    private void CheckBeforeFinish(CkksCiphertext ciphertext, CollectiveShare sum)
    {
        KeySwitchToPublicKeyProtocol.CheckCiphertext(_ckks, Level, ciphertext);
        CheckComplete(sum);
    }

    private ShareRequest Request(CkksCiphertext ciphertext, ShareBinding binding)
    {
        KeySwitchToPublicKeyProtocol.CheckCiphertext(_ckks, Level, ciphertext);
        return RentRequest().ForMasks(ciphertext.Polynomial(1)[..Context.Degree], Context.Degree, binding.Transcript.Span);
    }
}
