using System.Security.Cryptography;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>The second round of the collective relinearisation key, on the sums of the first.</summary>
/// <remarks>
/// <para>For each data prime: b_i = s_i·h0 + (u_i - s_i)·h1 + e''_i; the key is (Σ b_i, h1), as Σ b_i + h1·s = s·h0 + u·h1 + e'' = P·g·s² + s·e + u·e' + e''
/// (Mouchet et al., PETS 2021, protocol RelinKeyGen).</para>
/// <para>Noise of each pair: s·e + u·e' + e'', σ·√(n·(4nN/3 + 1)). No flooding: b_i is masked by a ring-LWE sample under s_i and u_i.</para>
/// </remarks>
public sealed class RelinearisationSecondRound : CollectiveProtocol
{
    private readonly CkksContext _ckks;
    private readonly RelinearisationFirstRound _first;
    private readonly int _secrets;

    /// <summary>Prepares the round.</summary>
    /// <param name="context">The parameters of the first round.</param>
    /// <param name="first">The first round.</param>
    /// <param name="secrets">Number of secrets whose sum the key is for; 0 for as many as there are parties (n-out-of-n).</param>
    public RelinearisationSecondRound(CkksContext context, RelinearisationFirstRound first, int secrets = 0)
        : base(
            CollectiveGaloisKeyProtocol.RequireSpecialPrime(context),
            (first ?? throw new ArgumentNullException(nameof(first))).Parties,
            CollectiveProtocolKind.RelinearisationSecondRound,
            new ShareShape(context.DataPrimes, context.Tables.Length, context.Degree))
    {
        if (!ReferenceEquals(context.Lattice, first.Context))
            throw new ArgumentException("The first round is of another context.", nameof(first));
        ArgumentOutOfRangeException.ThrowIfNegative(secrets);
        (_ckks, _first, _secrets) = (context, first, secrets == 0 ? Parties.Count : secrets);
    }

    /// <inheritdoc/>
    public override NoiseEstimate Noise => MultipartyNoise.RelinearisationKey(Context.Degree, Parties.Count, _secrets);

    /// <summary>Makes a fresh share: for each data prime s_i·h0 + (u_i - s_i)·h1 + e''.</summary>
    /// <param name="secret">The party's summand, as in the first round.</param>
    /// <param name="mask">u_i from the first round; spent by this call.</param>
    /// <param name="common">As in the first round.</param>
    /// <param name="firstSum">The complete sum of the first round.</param>
    /// <param name="binding">The party's ledger and the transcript.</param>
    /// <param name="share">Takes the share.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given for this label: send the stored one, or repeat both rounds with the next attempt.</exception>
    /// <exception cref="ArgumentException">Rings, parties or attempts do not match.</exception>
    /// <exception cref="ObjectDisposedException">The mask is disposed, or holds nothing: it served a second round already.</exception>
    public void GenerateShare(PartySecret secret, RelinearisationMask mask, CommonPolynomials common, CollectiveShare firstSum, ShareBinding binding, CollectiveShare share)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var request = Request(common, firstSum, binding);
        CheckSecret(secret);
        if (!ReferenceEquals(mask.Context, Context) || mask.Party != secret.Party || mask.Attempt != common.Label.Attempt)
            throw new ArgumentException($"The mask is of party {mask.Party}, attempt {mask.Attempt}; the share is for party {secret.Party}, attempt {common.Label.Attempt}.", nameof(mask));
        mask.Spend();
        Begin(secret, request, binding, share);
        using var error = Context.Rows.RentSecret();
        using var difference = Context.Polynomials.RentSecret();
        using (var lease = secret.Use())
        using (var stream = Context.Streams.RentRandom())
        {
            SubtractSecret(mask.Evaluation, lease.Evaluation, difference.Span);
            for (var digit = 0; digit < Shape.Polynomials; digit++)
            {
                var b = share.Polynomial(digit);
                RowArithmetic.FreshError(Context, stream, error.Span, b);
                RowArithmetic.AddProduct(Context, firstSum.Polynomial(2 * digit), lease.Evaluation, b);
                RowArithmetic.AddProduct(Context, firstSum.Polynomial((2 * digit) + 1), difference.Span, b);
            }
        }

        Complete(secret, request, binding, share);
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="common">As for <see cref="GenerateShare"/>.</param>
    /// <param name="firstSum">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(CommonPolynomials common, CollectiveShare firstSum, ShareBinding binding, CollectiveShare share) =>
        TryResend(Request(common, firstSum, binding), binding, share);

    /// <summary>Makes the key.</summary>
    /// <param name="firstSum">The complete sum of the first round.</param>
    /// <param name="sum">The sum of this round over all parties.</param>
    /// <returns>A key like any other.</returns>
    /// <exception cref="ArgumentException">A party's share is missing.</exception>
    public RelinearisationKey Finish(CollectiveShare firstSum, CollectiveShare sum)
    {
        _first.Finish(firstSum);
        CheckComplete(sum);
        var key = new KeySwitchKey(_ckks);
        for (var digit = 0; digit < key.Digits; digit++)
        {
            sum.Polynomial(digit).CopyTo(key.B(digit));
            firstSum.Polynomial((2 * digit) + 1).CopyTo(key.A(digit));
        }

        return new RelinearisationKey(key);
    }

    /// <summary>u_i - s_i.</summary>
    private unsafe void SubtractSecret(ReadOnlySpan<double> mask, ReadOnlySpan<double> secret, Span<double> difference)
    {
        fixed (double* u = mask, s = secret, target = difference)
        {
            for (var i = 0; i < Context.Tables.Length; i++)
            {
                var row = (long)i * Context.Degree;
                Context.Kernels.AddScaled(Context.Tables[i].Modulus, Context.Tables[i].Inverse, u + row, s + row, -1, target + row, Context.Degree);
            }
        }
    }

    /// <summary>The label is spent once for this round, and the session names the first round's.</summary>
    private ShareRequest Request(CommonPolynomials common, CollectiveShare firstSum, ShareBinding binding)
    {
        ArgumentNullException.ThrowIfNull(common);
        common.Check(Context, CollectiveProtocolKind.RelinearisationFirstRound, Shape.Polynomials);
        _first.Finish(firstSum);
        Span<byte> both = stackalloc byte[2 * ShareRequest.HashBytes];
        if (binding.Transcript.Length != ShareRequest.HashBytes)
            throw new ArgumentException($"A transcript hash has {ShareRequest.HashBytes} bytes, not {binding.Transcript.Length}.", nameof(binding));
        binding.Transcript.Span.CopyTo(both);
        firstSum.Session.CopyTo(both[ShareRequest.HashBytes..]);
        Span<byte> transcript = stackalloc byte[ShareRequest.HashBytes];
        SHA256.HashData(both, transcript);
        return RentRequest().ForCommon(common, transcript);
    }
}
