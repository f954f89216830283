using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>The Galois key of one element g for the sum of all secrets: what a rotation or the conjugation needs. One round for each element.</summary>
/// <remarks>
/// <para>For each data prime j: b_ij = e_ij - a_j·s_i + P·g_j·φ(s_i), φ: X → X^g; the key is (Σ b_ij, a_j), as φ is linear (Mouchet et al.,
/// PETS 2021, protocol RotKeyGen).</para>
/// <para>Noise of each pair: Σ e_ij, σ·√n. No flooding: under fresh a_j every b_ij is a ring-LWE sample of its own.</para>
/// </remarks>
public sealed class CollectiveGaloisKeyProtocol : CollectiveProtocol
{
    private readonly CkksContext _ckks;

    /// <summary>Prepares the protocol for one element.</summary>
    /// <param name="context">The parameters; they need a special prime.</param>
    /// <param name="parties">All parties, or the active set of a t-out-of-n run.</param>
    /// <param name="element">From <see cref="CkksContext.RotationElement"/> or <see cref="CkksContext.ConjugationElement"/>.</param>
    public CollectiveGaloisKeyProtocol(CkksContext context, PartySet parties, int element)
        : base(RequireSpecialPrime(context), parties, CollectiveProtocolKind.GaloisKey, new ShareShape(context.DataPrimes, context.Tables.Length, context.Degree))
    {
        context.CheckElement(element);
        (_ckks, Element) = (context, element);
    }

    /// <summary>g, odd and below 2N.</summary>
    public int Element { get; }

    /// <inheritdoc/>
    public override NoiseEstimate Noise => MultipartyNoise.SumOfErrors(Parties.Count);

    /// <summary>Expands the common a_j.</summary>
    /// <param name="common">The agreed string.</param>
    /// <param name="attempt">0, and one more for each repetition.</param>
    /// <returns>The same polynomials at every party.</returns>
    public CommonPolynomials SampleCommonPolynomials(CommonRandomString common, int attempt = 0) =>
        new(Context, common, new CommonLabel(Kind, Element, attempt), Shape.Polynomials);

    /// <summary>Makes a fresh share: for each data prime b_ij = e_ij - a_j·s_i + P·g_j·φ(s_i).</summary>
    /// <param name="secret">The party's summand.</param>
    /// <param name="common">From <see cref="SampleCommonPolynomials"/>.</param>
    /// <param name="binding">The party's ledger and the transcript.</param>
    /// <param name="share">Takes the share.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given for this label: send the stored one, or take the next attempt.</exception>
    /// <exception cref="ArgumentException">Rings, parties or labels do not match.</exception>
    public void GenerateShare(PartySecret secret, CommonPolynomials common, ShareBinding binding, CollectiveShare share)
    {
        var request = Request(common, binding);
        Begin(secret, request, binding, share);
        using var error = Context.Rows.RentSecret();
        using var turned = Context.Polynomials.RentSecret();
        using (var lease = secret.Use())
        using (var stream = Context.Streams.RentRandom())
        {
            GaloisAutomorphism.Apply(_ckks, Element, lease.Evaluation, turned.Span);
            for (var digit = 0; digit < Shape.Polynomials; digit++)
            {
                var b = share.Polynomial(digit);
                RowArithmetic.FreshError(Context, stream, error.Span, b);
                RowArithmetic.SubtractProduct(Context, common.Polynomial(digit), lease.Evaluation, b);
                KeySwitchKey.AddGadget(_ckks, digit, turned.Span, b);
            }
        }

        Complete(secret, request, binding, share);
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="common">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(CommonPolynomials common, ShareBinding binding, CollectiveShare share) => TryResend(Request(common, binding), binding, share);

    /// <summary>Makes the key of the element; <see cref="Collect"/> puts several together.</summary>
    /// <param name="sum">The sum over all parties.</param>
    /// <param name="common">As for the shares.</param>
    /// <returns>The switch from φ(s) to s.</returns>
    /// <exception cref="ArgumentException">A party's share is missing.</exception>
    public KeySwitchKey Finish(CollectiveShare sum, CommonPolynomials common)
    {
        CheckComplete(sum);
        CheckCommon(common);
        var key = new KeySwitchKey(_ckks);
        for (var digit = 0; digit < key.Digits; digit++)
        {
            sum.Polynomial(digit).CopyTo(key.B(digit));
            common.Polynomial(digit).CopyTo(key.A(digit));
        }

        return key;
    }

    /// <summary>Puts keys of several elements together.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="keys">By Galois element, each from <see cref="Finish"/>.</param>
    /// <returns>The keys for rotations and conjugation.</returns>
    public static GaloisKeys Collect(CkksContext context, IEnumerable<KeyValuePair<int, KeySwitchKey>> keys)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(keys);
        return new GaloisKeys(context, keys);
    }

    /// <summary>The ring of parameters that can switch keys.</summary>
    internal static LatticeContext RequireSpecialPrime(CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.SpecialPrime is null)
            throw new ArgumentException("Key switching needs a special prime: the ring has one prime only, add another.", nameof(context));
        return context.Lattice;
    }

    private ShareRequest Request(CommonPolynomials common, ShareBinding binding)
    {
        CheckCommon(common);
        return RentRequest().ForCommon(common, binding.Transcript.Span);
    }

    private void CheckCommon(CommonPolynomials common)
    {
        ArgumentNullException.ThrowIfNull(common);
        common.Check(Context, Kind, Shape.Polynomials);
        if (common.Label.Element != Element)
            throw new ArgumentException($"The common polynomials are for Galois element {common.Label.Element}, not {Element}.", nameof(common));
    }
}
