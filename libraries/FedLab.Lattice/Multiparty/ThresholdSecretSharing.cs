using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>
/// t-out-of-n: every party deals a Shamir sharing of its secret to all, so that any t of them can stand in for the others in every collective protocol.
/// Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>Party i draws S_i(x) = s_i + r_1·x + … + r_(t-1)·x^(t-1) with uniform r over R_Q, all primes, and gives S_i(α_j), α_j = j + 1, to party j, sealed. Party j
/// holds S(α_j) = Σ_i S_i(α_j). For an active set A of t parties or more its summand of s is λ_j·S(α_j), λ_j = Π_(k ∈ A, k ≠ j) α_k/(α_k - α_j): the
/// Lagrange coefficient is applied to the secret, before any noise, or it would blow the noise up (Mouchet, Bertrand and Hubaux, eprint
/// 2022/780). The points are distinct integers below every prime, so their differences are invertible.</para>
/// <para>Fewer than t shares are independent of the secrets, whatever their holders compute. <b>Any t parties together hold the collective secret</b>: the promise that all
/// parties but one may pool what they saw is t = n; a smaller t trades it for being able to go on without n - t of them.</para>
/// <para>A run with another active set is a repetition for every ciphertext and label (see <see cref="IShareLedger"/>).</para>
/// <code>
/// Deal (once, to every party)  ──►  ReadShare  ──►  Aggregate, once for every dealer  ──►  ForActiveSet
/// </code>
/// </remarks>
public sealed class ThresholdSecretSharing
{
    /// <summary>Prepares a sharing.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="parties">n, 2 to 64.</param>
    /// <param name="threshold">t, 2 to n.</param>
    public ThresholdSecretSharing(LatticeContext context, int parties, int threshold)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (parties is < 2 or > PartySet.MaximumParties)
            throw new ArgumentOutOfRangeException(nameof(parties), parties, $"A secret is shared among 2 to {PartySet.MaximumParties} parties.");
        if (threshold < 2 || threshold > parties)
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, $"With {parties} parties the threshold is 2 to {parties}: with 1, every party would hold every secret.");
        (Context, PartyCount, Threshold) = (context, parties, threshold);
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>n.</summary>
    public int PartyCount { get; }

    /// <summary>t.</summary>
    public int Threshold { get; }

    /// <summary>Bytes of a written share for one party.</summary>
    public int ShareBytes => ThresholdShare.Size(Context);

    /// <summary>Deals a secret: one share for every party, the dealer's own included.</summary>
    /// <param name="key">The dealer's key of one secret; not disposed.</param>
    /// <param name="dealer">The dealer's number.</param>
    /// <returns>n secret shares, in the order of the parties; the caller sends each sealed to its party and disposes it.</returns>
    public IReadOnlyList<ThresholdShare> Deal(SecretKey key, int dealer)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!ReferenceEquals(key.Context, Context) || key.Messages != 1)
            throw new ArgumentException("A key of one secret of this ring is needed.", nameof(key));
        CheckParty(dealer, nameof(dealer));
        var shares = new ThresholdShare[PartyCount];
        for (var party = 0; party < PartyCount; party++)
            shares[party] = new ThresholdShare(this, party, dealer);
        using var coefficients = Context.Several(Threshold - 1).RentSecret();
        using (var stream = Context.Streams.RentRandom())
            DrawCoefficients(stream, coefficients.Span);
        using (key.Use())
        {
            foreach (var share in shares)
                Evaluate(key.Evaluation, coefficients.Span, share.Recipient, share.Evaluation);
        }

        return shares;
    }

    /// <summary>Reads a received share after checking its size, its header and every residue.</summary>
    /// <param name="source">Exactly <see cref="ShareBytes"/> bytes, as they came out of their seal. The caller zeroes them.</param>
    /// <param name="dealer">Who sent it.</param>
    /// <param name="recipient">Who reads it.</param>
    /// <returns>The share; the caller disposes it.</returns>
    /// <exception cref="LatticeFormatException">The bytes are not a share of this sharing from that dealer to that party.</exception>
    public ThresholdShare ReadShare(ReadOnlySpan<byte> source, int dealer, int recipient)
    {
        CheckParty(dealer, nameof(dealer));
        CheckParty(recipient, nameof(recipient));
        return ThresholdShare.Read(this, source, dealer, recipient);
    }

    /// <summary>Room for a party's sum over all dealers.</summary>
    /// <param name="recipient">The party.</param>
    /// <returns>An empty sum; the caller disposes it.</returns>
    public ThresholdShare AllocateSum(int recipient)
    {
        CheckParty(recipient, nameof(recipient));
        return new ThresholdShare(this, recipient, dealer: null);
    }

    /// <summary>Adds a dealer's share to a party's sum.</summary>
    /// <param name="share">From a dealer; not changed.</param>
    /// <param name="sum">Of the same party.</param>
    /// <exception cref="ArgumentException">The shares are of different parties or sharings, or the dealer is in the sum already.</exception>
    public void Aggregate(ThresholdShare share, ThresholdShare sum)
    {
        CheckShare(share, nameof(share));
        CheckShare(sum, nameof(sum));
        if (share.Recipient != sum.Recipient)
            throw new ArgumentException($"The share is for party {share.Recipient}, the sum of party {sum.Recipient}.", nameof(share));
        if (share.Dealers.Mask == 0 || (share.Dealers.Mask & sum.Dealers.Mask) != 0)
            throw new ArgumentException($"The dealers of the share, {share.Dealers}, are none or in the sum {sum.Dealers} already: add the share of each dealer once.", nameof(share));
        sum.Add(share);
    }

    /// <summary>A party's summand of the collective secret in a run of an active set: λ_j·S(α_j).</summary>
    /// <param name="sum">The party's sum over all n dealers; not changed.</param>
    /// <param name="active">t parties or more, the party among them.</param>
    /// <returns>What the collective protocols take in place of a key; the caller disposes it after the run.</returns>
    /// <exception cref="ArgumentException">A dealer is missing, or the active set is too small or lacks the party.</exception>
    public unsafe PartySecret ForActiveSet(ThresholdShare sum, PartySet active)
    {
        CheckShare(sum, nameof(sum));
        var all = PartySet.All(PartyCount);
        if (sum.Dealers != all)
            throw new ArgumentException($"The sum lacks the shares of the dealers {new PartySet(all.Mask & ~sum.Dealers.Mask)}.", nameof(sum));
        if ((active.Mask & ~all.Mask) != 0 || active.Count < Threshold || !active.Contains(sum.Recipient))
            throw new ArgumentException($"The active set {active} must hold at least {Threshold} of the parties 0 to {PartyCount - 1}, party {sum.Recipient} among them.", nameof(active));
        var evaluation = Context.Polynomials.Rent();
        fixed (double* source = sum.Evaluation, target = evaluation.Span)
        {
            for (var i = 0; i < Context.Tables.Length; i++)
            {
                var table = Context.Tables[i];
                var row = (long)i * Context.Degree;
                var coefficient = LagrangeCoefficient(active, sum.Recipient, table.Prime);
                Context.Kernels.Reduce(table.Modulus, table.Inverse, source + row, target + row, Context.Degree);
                Context.Kernels.CombineHalves(table.Modulus, table.Inverse, target + row, Balance(coefficient, table.Prime), target + row, 0, target + row, Context.Degree);
                Context.Kernels.Reduce(table.Modulus, table.Inverse, target + row, target + row, Context.Degree);
            }
        }

        return new PartySecret(Context, evaluation, sum.Recipient, active);
    }

    /// <summary>λ_j modulo a prime, in [0, p).</summary>
    internal static ulong LagrangeCoefficient(PartySet active, int party, ulong prime)
    {
        ulong numerator = 1, denominator = 1;
        for (var other = 0; other < PartySet.MaximumParties; other++)
        {
            if (other == party || !active.Contains(other))
                continue;
            numerator = NttPrimes.Multiply(numerator, Point(other), prime);
            denominator = NttPrimes.Multiply(denominator, (prime + Point(other) - Point(party)) % prime, prime);
        }

        return NttPrimes.Multiply(numerator, NttPrimes.Inverse(denominator, prime), prime);
    }

    /// <summary>α_j: not 0, where the secret is.</summary>
    private static ulong Point(int party) => (ulong)party + 1;

    private static double Balance(ulong residue, ulong prime) => residue > prime / 2 ? -(double)(prime - residue) : residue;

    /// <summary>r_1 … r_(t-1), uniform: in evaluation form as in any other. A rejected word tells nothing about the accepted ones.</summary>
    [SkipLocalsInit]
    private void DrawCoefficients(KeyedStream stream, Span<double> coefficients)
    {
        Span<ulong> words = stackalloc ulong[KeyedStream.BatchWords];
        for (var start = 0; start < coefficients.Length; start += Context.Degree)
        {
            var prime = Context.Tables[start / Context.Degree % Context.Tables.Length].Prime;
            var row = coefficients.Slice(start, Context.Degree);
            for (var filled = 0; filled < row.Length;)
            {
                stream.Fill(words);
                filled += UniformSampler.Accept(words, ulong.MaxValue >> BitOperations.LeadingZeroCount(prime), prime, row[filled..]);
            }
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>S_i(α_j) by Horner's rule.</summary>
    private unsafe void Evaluate(ReadOnlySpan<double> secret, ReadOnlySpan<double> coefficients, int recipient, Span<double> result)
    {
        var degree = Context.Degree;
        var point = (double)Point(recipient);
        fixed (double* s = secret, r = coefficients, target = result)
        {
            for (var i = 0; i < Context.Tables.Length; i++)
            {
                var table = Context.Tables[i];
                var row = target + ((long)i * degree);
                for (var power = Threshold - 1; power >= 0; power--)
                {
                    var addend = power == 0 ? s + ((long)i * degree) : r + (((power - 1) * (long)Context.PolynomialLength) + ((long)i * degree));
                    if (power == Threshold - 1)
                        Context.Kernels.Reduce(table.Modulus, table.Inverse, addend, row, degree);
                    else
                        Context.Kernels.AddScaled(table.Modulus, table.Inverse, addend, row, point, row, degree);
                }
            }
        }
    }

    private void CheckParty(int party, string name)
    {
        if (party < 0 || party >= PartyCount)
            throw new ArgumentOutOfRangeException(name, party, $"Parties have the numbers 0 to {PartyCount - 1}.");
    }

    private void CheckShare(ThresholdShare share, string name)
    {
        ArgumentNullException.ThrowIfNull(share, name);
        if (!ReferenceEquals(share.Context, Context) || share.PartyCount != PartyCount || share.Threshold != Threshold)
            throw new ArgumentException($"The share is of a {share.Threshold}-out-of-{share.PartyCount} sharing, not of this {Threshold}-out-of-{PartyCount} one in this ring.", name);
    }
}
