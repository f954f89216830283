using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>The first round of the collective relinearisation key.</summary>
/// <remarks>
/// <para>With a fresh ternary u_i, for each data prime j: h0_ij = e_ij - a_j·u_i + P·g_j·s_i and h1_ij = e'_ij + a_j·s_i (Mouchet et al., PETS 2021,
/// protocol RelinKeyGen). The sums h0 = e - a·u + P·g·s and h1 = e' + a·s go into <see cref="RelinearisationSecondRound"/>.</para>
/// <para>Noise of each sum: Σ e_i, σ·√n. No flooding: h0_i is a ring-LWE sample under u_i, h1_i one under s_i.</para>
/// </remarks>
public sealed class RelinearisationFirstRound : CollectiveProtocol
{
    private readonly CkksContext _ckks;

    /// <summary>Prepares the round.</summary>
    /// <param name="context">The parameters; they need a special prime.</param>
    /// <param name="parties">All parties, or the active set of a t-out-of-n run; the same in the second round.</param>
    public RelinearisationFirstRound(CkksContext context, PartySet parties)
        : base(
            CollectiveGaloisKeyProtocol.RequireSpecialPrime(context),
            parties,
            CollectiveProtocolKind.RelinearisationFirstRound,
            new ShareShape(2 * context.DataPrimes, context.Tables.Length, context.Degree)) => _ckks = context;

    /// <inheritdoc/>
    public override NoiseEstimate Noise => MultipartyNoise.SumOfErrors(Parties.Count);

    private int Digits => Shape.Polynomials / 2;

    /// <summary>Room for a party's u_i.</summary>
    /// <returns>An empty mask; the caller disposes it after the second round.</returns>
    public RelinearisationMask AllocateMask() => new(Context);

    /// <summary>Expands the common a_j.</summary>
    /// <param name="common">The agreed string.</param>
    /// <param name="attempt">0, and one more for each repetition.</param>
    /// <returns>The same polynomials at every party, for both rounds.</returns>
    public CommonPolynomials SampleCommonPolynomials(CommonRandomString common, int attempt = 0) =>
        new(Context, common, new CommonLabel(Kind, Attempt: attempt), Digits);

    /// <summary>Makes a fresh share: for each data prime (e - a·u_i + P·g·s_i, e' + a·s_i).</summary>
    /// <param name="secret">The party's summand.</param>
    /// <param name="common">From <see cref="SampleCommonPolynomials"/>.</param>
    /// <param name="binding">The party's ledger and the transcript.</param>
    /// <param name="share">Takes the share.</param>
    /// <param name="mask">Takes u_i, which the second round needs, in place of what it held. If it is lost, both rounds are repeated with the next attempt.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given for this label: send the stored one, or take the next attempt.</exception>
    /// <exception cref="ArgumentException">Rings, parties or labels do not match.</exception>
    public void GenerateShare(PartySecret secret, CommonPolynomials common, ShareBinding binding, CollectiveShare share, RelinearisationMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (!ReferenceEquals(mask.Context, Context))
            throw new ArgumentException("The mask is of another ring: allocate it with this protocol's AllocateMask.", nameof(mask));
        mask.CheckUsable();
        var request = Request(common, binding);

        // Refused, it leaves the mask as it is: the share that was given needs it.
        Begin(secret, request, binding, share);
        mask.Clear();
        try
        {
            using var error = Context.Rows.RentSecret();
            using (var lease = secret.Use())
            using (var stream = Context.Streams.RentRandom())
            {
                RowArithmetic.FreshTernary(Context, stream, error.Span, mask.Evaluation);
                for (var digit = 0; digit < Digits; digit++)
                {
                    var first = share.Polynomial(2 * digit);
                    var second = share.Polynomial((2 * digit) + 1);
                    RowArithmetic.FreshError(Context, stream, error.Span, first);
                    RowArithmetic.SubtractProduct(Context, common.Polynomial(digit), mask.Evaluation, first);
                    KeySwitchKey.AddGadget(_ckks, digit, lease.Evaluation, first);
                    RowArithmetic.FreshError(Context, stream, error.Span, second);
                    RowArithmetic.AddProduct(Context, common.Polynomial(digit), lease.Evaluation, second);
                }
            }

            Complete(secret, request, binding, share);
            mask.Bind(secret.Party, common.Label.Attempt);
        }
        catch
        {
            mask.Clear();
            throw;
        }
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="common">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(CommonPolynomials common, ShareBinding binding, CollectiveShare share) => TryResend(Request(common, binding), binding, share);

    /// <summary>Refuses a sum in which a party is missing, and returns the input of the second round.</summary>
    /// <param name="sum">The sum over all parties.</param>
    /// <returns>The same sum.</returns>
    /// <exception cref="ArgumentException">A party's share is missing.</exception>
    public CollectiveShare Finish(CollectiveShare sum)
    {
        CheckComplete(sum);
        return sum;
    }

    private ShareRequest Request(CommonPolynomials common, ShareBinding binding)
    {
        ArgumentNullException.ThrowIfNull(common);
        common.Check(Context, Kind, Digits);
        return RentRequest().ForCommon(common, binding.Transcript.Span);
    }
}

/// <summary>The ternary u_i that a party keeps between the two rounds of a relinearisation key. Secret; zeroed on disposal; what a first round left serves one second round.</summary>
public sealed class RelinearisationMask : IDisposable
{
    private readonly AlignedBuffer _evaluation;
    private int _isReady;
    private bool _isDisposed;

    internal RelinearisationMask(LatticeContext context)
    {
        Context = context;
        _evaluation = new AlignedBuffer(context.PolynomialLength);
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>Whose it is.</summary>
    public int Party { get; private set; }

    /// <summary>The attempt of the first round.</summary>
    public int Attempt { get; private set; }

    /// <summary>Over all primes, balanced.</summary>
    internal Span<double> Evaluation => _evaluation.Span;

    /// <summary>Says whose u_i it holds; from here on it may be spent.</summary>
    internal void Bind(int party, int attempt)
    {
        (Party, Attempt) = (party, attempt);
        Volatile.Write(ref _isReady, 1);
    }

    /// <summary>Refuses a disposed mask.</summary>
    /// <exception cref="ObjectDisposedException">The mask is disposed.</exception>
    internal void CheckUsable() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    /// <summary>Forgets the u_i.</summary>
    internal void Clear()
    {
        Volatile.Write(ref _isReady, 0);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_evaluation.Span));
    }

    /// <summary>Takes the u_i for its one second round.</summary>
    internal void Spend() => ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _isReady, 0) == 0, this);

    /// <summary>Zeroes the mask.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Clear();
    }
}
