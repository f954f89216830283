using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>The public key of the sum of all secrets. One round.</summary>
/// <remarks>
/// <para>b_i = e_i - a·s_i with a common a; the key is (Σ b_i, a), as Σ b_i = Σ e_i - a·s (Mouchet, Troncoso-Pastoriza, Bossuat and Hubaux,
/// PETS 2021, protocol EncKeyGen).</para>
/// <para>Noise of the key: Σ e_i, σ·√n. No flooding: under a fresh a, b_i is a ring-LWE sample of its own.</para>
/// </remarks>
/// <param name="context">The ring.</param>
/// <param name="parties">All parties, or the active set of a t-out-of-n run.</param>
public sealed class CollectivePublicKeyProtocol(LatticeContext context, PartySet parties)
    : CollectiveProtocol(context, parties, CollectiveProtocolKind.PublicKey, new ShareShape(1, context?.Tables.Length ?? 0, context?.Degree ?? 0))
{
    /// <inheritdoc/>
    public override NoiseEstimate Noise => MultipartyNoise.SumOfErrors(Parties.Count);

    /// <summary>Expands the common a.</summary>
    /// <param name="common">The agreed string.</param>
    /// <param name="attempt">0, and one more for each repetition.</param>
    /// <returns>The same polynomial at every party.</returns>
    public CommonPolynomials SampleCommonPolynomials(CommonRandomString common, int attempt = 0) =>
        new(Context, common, new CommonLabel(Kind, Attempt: attempt), 1);

    /// <summary>Makes a fresh share: b_i = e_i - a·s_i.</summary>
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
        using (var lease = secret.Use())
        {
            using (var stream = Context.Streams.RentRandom())
                RowArithmetic.FreshError(Context, stream, error.Span, share.Polynomial(0));
            RowArithmetic.SubtractProduct(Context, common.Polynomial(0), lease.Evaluation, share.Polynomial(0));
        }

        Complete(secret, request, binding, share);
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="common">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(CommonPolynomials common, ShareBinding binding, CollectiveShare share) => TryResend(Request(common, binding), binding, share);

    /// <summary>Makes the key.</summary>
    /// <param name="sum">The sum over all parties.</param>
    /// <param name="common">As for the shares.</param>
    /// <returns>A key like any other.</returns>
    /// <exception cref="ArgumentException">A party's share is missing.</exception>
    public PublicKey Finish(CollectiveShare sum, CommonPolynomials common)
    {
        CheckComplete(sum);
        CheckCommon(common);
        return PublicKey.FromSeed(Context, common.Seeds, sum.Polynomial(0));
    }

    private ShareRequest Request(CommonPolynomials common, ShareBinding binding)
    {
        CheckCommon(common);
        return RentRequest().ForCommon(common, binding.Transcript.Span);
    }

    private void CheckCommon(CommonPolynomials common) => common.Check(Context, Kind, 1);
}
