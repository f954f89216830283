using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>Turns a ciphertext under the collective secret into one under a receiver's public key: only the receiver can decrypt it, and the parties learn nothing. One round.</summary>
/// <remarks>
/// <para>With a fresh ternary u_i and the receiver's key (p0, p1): h_i = (s_i·c1 + u_i·p0 + e*_i, u_i·p1 + e_i); the result is (c0 + Σ h_i0, Σ h_i1) (Mouchet et
/// al., PETS 2021, protocol PubColKeySwitch).</para>
/// <para>Added noise: Σ e*_i + Σ (u_i·e + e_i·s'). Flooding: e*_i is uniform on [-2^k, 2^k), 40 bits or more above the noise of the ciphertext and of the
/// own encryption of zero in all N coefficients together, since the receiver sees both.</para>
/// </remarks>
public sealed class KeySwitchToPublicKeyProtocol : CollectiveProtocol
{
    private readonly CkksContext _ckks;
    private readonly PublicKey _receiver;

    /// <summary>Prepares the switch at one level.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="parties">All parties, or the active set of a t-out-of-n run.</param>
    /// <param name="receiver">Who will decrypt.</param>
    /// <param name="level">Level of the ciphertexts.</param>
    /// <param name="noiseBound">Bound on the noise of the ciphertexts.</param>
    /// <param name="messageBound">Largest magnitude of scale·message in any coefficient.</param>
    /// <param name="statisticalBits">Of the flooding, at least 40.</param>
    /// <exception cref="ArgumentException">Message and flooded noise do not fit the modulus of the level.</exception>
    public KeySwitchToPublicKeyProtocol(
        CkksContext context,
        PartySet parties,
        PublicKey receiver,
        int level,
        double noiseBound,
        double messageBound,
        int statisticalBits = Flooding.MinimumStatisticalBits)
        : base(RequireLevel(context, level), parties, CollectiveProtocolKind.KeySwitchToPublicKey, new ShareShape(2, level + 1, context.Degree))
    {
        ArgumentNullException.ThrowIfNull(receiver);
        if (!ReferenceEquals(receiver.Context, context.Lattice))
            throw new ArgumentException("The receiver's key is of another ring: read it with this context's Lattice.", nameof(receiver));
        if (receiver.Messages != 1)
            throw new ArgumentException($"The receiver's key is for {receiver.Messages} messages; a key switch takes a key for one.", nameof(receiver));
        (_ckks, _receiver, Level) = (context, receiver, level);
        Flooding = new Flooding(noiseBound + MultipartyNoise.PublicKeySwitch(context.Degree, 1).WorstCase, context.Degree, statisticalBits);
        Flooding.EnsureFits(context.LevelModulus[level], messageBound, Noise);
    }

    /// <summary>Level of the ciphertexts.</summary>
    public int Level { get; }

    /// <summary>The width of each party's flood.</summary>
    public Flooding Flooding { get; }

    /// <inheritdoc/>
    public override NoiseEstimate Noise => MultipartyNoise.Sum(Flooding.Total(Parties.Count), MultipartyNoise.PublicKeySwitch(Context.Degree, Parties.Count));

    /// <summary>Makes a fresh share: (s_i·c1 + u_i·p0 + e*_i, u_i·p1 + e_i).</summary>
    /// <param name="secret">The party's summand.</param>
    /// <param name="ciphertext">Of two polynomials, at the level.</param>
    /// <param name="binding">The party's ledger and the transcript.</param>
    /// <param name="share">Takes the share.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given for this ciphertext: send the stored one, or re-randomise the ciphertext.</exception>
    /// <exception cref="ArgumentException">Rings, parties or levels do not match.</exception>
    public void GenerateShare(PartySecret secret, CkksCiphertext ciphertext, ShareBinding binding, CollectiveShare share)
    {
        var request = Request(ciphertext, binding);
        Begin(secret, request, binding, share);
        using var scratch = Context.Rows.RentSecret();
        using var low = Context.Rows.RentSecret();
        using var ternary = Context.Polynomials.RentSecret();
        var mask = ternary.Span[..(Shape.Primes * Context.Degree)];
        using (var lease = secret.Use())
        using (var stream = Context.Streams.RentRandom())
        {
            var first = share.Polynomial(0);
            var second = share.Polynomial(1);
            RowArithmetic.FreshTernary(Context, stream, scratch.Span, mask);
            RowArithmetic.FreshError(Context, stream, scratch.Span, second);
            RowArithmetic.AddProduct(Context, _receiver.A, mask, second);
            RowArithmetic.FreshFlood(Context, stream, Flooding.WidthBits, scratch.Span, low.Span, first);
            RowArithmetic.AddProduct(Context, _receiver.B, mask, first);
            RowArithmetic.AddProduct(Context, ciphertext.Polynomial(1), lease.Evaluation, first);
        }

        Complete(secret, request, binding, share);
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="ciphertext">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(CkksCiphertext ciphertext, ShareBinding binding, CollectiveShare share) => TryResend(Request(ciphertext, binding), binding, share);

    /// <summary>Makes the ciphertext under the receiver's key: (c0 + Σ h_i0, Σ h_i1).</summary>
    /// <param name="ciphertext">As for the shares; not changed.</param>
    /// <param name="sum">The sum over all parties.</param>
    /// <param name="target">Takes the result; not <paramref name="ciphertext"/>.</param>
    /// <exception cref="ArgumentException">A party's share is missing, or the sum is for another ciphertext.</exception>
    public void Finish(CkksCiphertext ciphertext, CollectiveShare sum, CkksCiphertext target)
    {
        CheckCiphertext(_ckks, Level, ciphertext);
        CheckComplete(sum);
        CheckTarget(_ckks, ciphertext, target);
        target.Shape(2, Level, ciphertext.Scale);
        sum.Polynomial(0).CopyTo(target.Polynomial(0));
        sum.Polynomial(1).CopyTo(target.Polynomial(1));
        RowArithmetic.Add(Context, Context.Degree, ciphertext.Polynomial(0), target.Polynomial(0));
    }

    /// <summary>The ring, after checking that the level exists.</summary>
    internal static LatticeContext RequireLevel(CkksContext context, int level)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckLevel(level);
        return context.Lattice;
    }

    /// <summary>Refuses a ciphertext that the protocol was not prepared for.</summary>
    internal static void CheckCiphertext(CkksContext context, int level, CkksCiphertext ciphertext)
    {
        ArgumentNullException.ThrowIfNull(ciphertext);
        Misuse.CheckContext(context, ciphertext.Context, nameof(ciphertext));
        Misuse.CheckSize(2, ciphertext.Size, "relinearise it first");
        if (ciphertext.Level != level)
            throw new ArgumentException($"The ciphertext is at level {ciphertext.Level}, the protocol was prepared for level {level}: switch the one or prepare another.", nameof(ciphertext));
    }

    /// <summary>Refuses a target that is the source or of another context.</summary>
    internal static void CheckTarget(CkksContext context, CkksCiphertext ciphertext, CkksCiphertext target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Misuse.CheckContext(context, target.Context, nameof(target));
        if (ReferenceEquals(ciphertext, target))
            throw new ArgumentException("The target must be another ciphertext than the source.", nameof(target));
    }

    private ShareRequest Request(CkksCiphertext ciphertext, ShareBinding binding)
    {
        CheckCiphertext(_ckks, Level, ciphertext);
        return RentRequest().ForMasks(ciphertext.Polynomial(1)[..Context.Degree], Context.Degree, binding.Transcript.Span);
    }
}
