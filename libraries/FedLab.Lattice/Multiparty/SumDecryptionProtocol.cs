using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>
/// Decrypts the sum of all parties' integers towards whoever is given every share, and of each ciphertext only the coefficients that hold a value. A share is
/// as long as the values; it travels sealed to those who may read the sum. One round.
/// </summary>
/// <remarks>
/// <para>h_i = (s_i·c1 + e*_i) at the coefficients of the values; c0 + Σ h_i = 2^s·sum + noise, and rounding removes the noise: sums are exact.</para>
/// <para>Flooding: e*_i is uniform on [-2^k, 2^k), 40 bits or more above the noise of all contributions in all N coefficients together. The other coefficients of
/// s_i·c1 leave the party as little as its other secrets.</para>
/// </remarks>
public sealed class SumDecryptionProtocol : CollectiveProtocol
{
    private readonly CollectiveSumPlan _plan;

    /// <summary>Prepares the decryption of sums of one length.</summary>
    /// <param name="context">The plan's ring.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="parties">All parties, or the active set of a t-out-of-n run.</param>
    /// <param name="values">Values of the ciphertexts, 1 to N.</param>
    /// <exception cref="ArgumentException">The context is of another ring, or there are more parties than the plan is for.</exception>
    public SumDecryptionProtocol(LatticeContext context, CollectiveSumPlan plan, PartySet parties, int values)
        : base(RequireRing(context, plan), parties, CollectiveProtocolKind.SumDecryption, new ShareShape(1, context.Tables.Length, RequireValues(context, values)))
    {
        if (parties.Count > plan.Parties)
            throw new ArgumentException($"The plan is for {plan.Parties} parties, there are {parties.Count}.", nameof(parties));
        _plan = plan;
    }

    /// <summary>Values of the ciphertexts.</summary>
    public int Values => Shape.Values;

    /// <inheritdoc/>
    public override NoiseEstimate Noise => _plan.Flooding.Total(Parties.Count);

    /// <summary>Makes a fresh share.</summary>
    /// <param name="secret">The party's summand.</param>
    /// <param name="ciphertext">The sum of the contributions.</param>
    /// <param name="binding">The party's ledger and the transcript.</param>
    /// <param name="share">Takes the share.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given for this ciphertext.</exception>
    /// <exception cref="ArgumentException">Rings, parties or numbers of values do not match.</exception>
    public unsafe void GenerateShare(PartySecret secret, SumCiphertext ciphertext, ShareBinding binding, CollectiveShare share)
    {
        var request = Request(ciphertext, binding);
        Begin(secret, request, binding, share);
        using var high = Context.Rows.RentSecret();
        using var low = Context.Rows.RentSecret();
        using var product = Context.Rows.RentSecret();
        var padded = Shape.PaddedValues;
        var h = share.Polynomial(0);
        using (var lease = secret.Use())
        {
            using (var stream = Context.Streams.RentRandom())
                WideFloodSampler.Fill(Context, stream, _plan.Flooding.WidthBits, Shape.Primes, high.Span[..padded], low.Span[..padded], h);
            fixed (double* s = lease.Evaluation, c1 = ciphertext.Second, products = product.Span, shares = h)
            {
                for (var i = 0; i < Shape.Primes; i++)
                {
                    var table = Context.Tables[i];
                    var row = shares + ((long)i * padded);
                    Context.Kernels.MultiplyModular(table.Modulus, table.Inverse, c1 + ((long)i * Context.Degree), s + ((long)i * Context.Degree), products, Context.Degree);
                    Context.Kernels.Inverse(table, products);
                    Context.Kernels.Canonicalise(table.Modulus, products, products, padded);
                    Context.Kernels.Canonicalise(table.Modulus, row, row, padded);
                    Context.Kernels.AddModular(table.Modulus, row, products, row, padded);
                    new Span<double>(row + Shape.Values, padded - Shape.Values).Clear();
                }
            }
        }

        Complete(secret, request, binding, share);
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="ciphertext">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(SumCiphertext ciphertext, ShareBinding binding, CollectiveShare share) => TryResend(Request(ciphertext, binding), binding, share);

    /// <summary>Reads the sums.</summary>
    /// <param name="ciphertext">As for the shares.</param>
    /// <param name="sum">The sum over all parties.</param>
    /// <param name="values">Takes <see cref="Values"/> sums.</param>
    /// <returns>False when a coefficient is no sum within its noise: a contribution was not made under the collective key. <paramref name="values"/> is zeroed then.</returns>
    /// <exception cref="ArgumentException">A party's share is missing, or lengths differ.</exception>
    public bool TryFinish(SumCiphertext ciphertext, CollectiveShare sum, Span<long> values)
    {
        CheckCiphertext(ciphertext);
        CheckComplete(sum);
        if (values.Length != Shape.Values)
            throw new ArgumentException($"There are {Shape.Values} sums and room for {values.Length}.", nameof(values));
        var padded = Shape.PaddedValues;
        var first = ciphertext.First;
        var shares = sum.Polynomial(0);
        var reader = new ScaledIntegerReader(Context, _plan.ScaleBits, _plan.NoiseBound, _plan.SumBound);
        for (var j = 0; j < values.Length; j++)
        {
            if (reader.TryRead(first[j] + shares[j], first[padded + j] + shares[padded + j], first[(2 * padded) + j] + shares[(2 * padded) + j], out values[j]))
                continue;
            values.Clear();
            return false;
        }

        return true;
    }

    internal static LatticeContext RequireRing(LatticeContext context, CollectiveSumPlan plan)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(plan);
        if (context.Degree != plan.Parameters.Degree || !context.Parameters.Primes.SequenceEqual(plan.Parameters.Primes))
            throw new ArgumentException("The context must be of the plan's parameters.", nameof(context));
        return context;
    }

    private static int RequireValues(LatticeContext context, int values)
    {
        if (values < 1 || values > context.Degree)
            throw new ArgumentOutOfRangeException(nameof(values), values, $"A ciphertext holds 1 to {context.Degree} values.");
        return values;
    }

    private ShareRequest Request(SumCiphertext ciphertext, ShareBinding binding)
    {
        CheckCiphertext(ciphertext);
        return RentRequest().ForMasks(ciphertext.Second[..Context.Degree], Context.Degree, binding.Transcript.Span);
    }

    private void CheckCiphertext(SumCiphertext ciphertext)
    {
        ArgumentNullException.ThrowIfNull(ciphertext);
        if (!ReferenceEquals(ciphertext.Context, Context) || ciphertext.Values != Shape.Values)
            throw new ArgumentException($"The ciphertext has {ciphertext.Values} values, the protocol was prepared for {Shape.Values} in its own ring.", nameof(ciphertext));
    }
}
