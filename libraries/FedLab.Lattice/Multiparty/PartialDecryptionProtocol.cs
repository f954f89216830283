using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Noise;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>Decryption of LWE samples towards whoever holds them: each party answers one scalar a sample, sealed for that holder. One round.</summary>
/// <remarks>
/// <para>h_i = ⟨a, s_i⟩ + e*_i for each sample (b, a); the holder reads b + Σ h_i = scale·message + noise.</para>
/// <para>Added noise: Σ e*_i. Flooding: e*_i is uniform on [-2^k, 2^k), 40 bits or more above the noise of the samples, all samples of a request together.
/// The holder's result is rounded to the precision that the floods leave before it is given out.</para>
/// <para>Samples are to be extracted from a re-randomised ciphertext (<see cref="Rerandomisation"/>): their a would otherwise tell the parties what was
/// computed, and several samples of one c1 are shares for one polynomial. The ledger knows each a, not the c1 that it came from.</para>
/// </remarks>
public sealed class PartialDecryptionProtocol : CollectiveProtocol
{
    private readonly CkksContext _ckks;

    /// <summary>Prepares the decryption of a number of samples at one level.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="parties">All parties, or the active set of a t-out-of-n run.</param>
    /// <param name="level">Level of the samples.</param>
    /// <param name="samples">Samples of one request, 1 to N.</param>
    /// <param name="noiseBound">Bound on the noise of the samples.</param>
    /// <param name="messageBound">Largest magnitude of scale·message.</param>
    /// <param name="statisticalBits">Of the flooding, at least 40.</param>
    /// <exception cref="ArgumentException">Message and flooded noise do not fit the modulus of the level.</exception>
    public PartialDecryptionProtocol(
        CkksContext context,
        PartySet parties,
        int level,
        int samples,
        double noiseBound,
        double messageBound,
        int statisticalBits = Flooding.MinimumStatisticalBits)
        : base(KeySwitchToPublicKeyProtocol.RequireLevel(context, level), parties, CollectiveProtocolKind.PartialDecryption, new ShareShape(1, level + 1, RequireSamples(context, samples)))
    {
        (_ckks, Level) = (context, level);
        Flooding = new Flooding(noiseBound, samples, statisticalBits);
        Flooding.EnsureFits(context.LevelModulus[level], messageBound, Noise);
    }

    /// <summary>Level of the samples.</summary>
    public int Level { get; }

    /// <summary>Samples of one request.</summary>
    public int SampleCount => Shape.Values;

    /// <summary>The width of each party's flood.</summary>
    public Flooding Flooding { get; }

    /// <inheritdoc/>
    public override NoiseEstimate Noise => Flooding.Total(Parties.Count);

    /// <summary>The power of two, in units of scale·message, to which results are rounded: at least the worst case of the floods.</summary>
    public double Precision => Math.ScaleB(1, Flooding.WidthBits + System.Numerics.BitOperations.Log2((uint)Parties.Count - 1) + (Parties.Count > 1 ? 1 : 0));

    /// <summary>Makes a fresh share: ⟨a, s_i⟩ + e*_i for every sample.</summary>
    /// <param name="secret">The party's summand.</param>
    /// <param name="samples"><see cref="SampleCount"/> samples at the level; their b is not used.</param>
    /// <param name="binding">The party's ledger and the transcript.</param>
    /// <param name="share">Takes the share.</param>
    /// <exception cref="ShareAlreadyGivenException">A share was given for one of the samples: send the stored one, or extract from a re-randomised ciphertext.</exception>
    /// <exception cref="ArgumentException">Rings, parties or levels do not match, or two samples are the same.</exception>
    public unsafe void GenerateShare(PartySecret secret, IReadOnlyList<LweSample> samples, ShareBinding binding, CollectiveShare share)
    {
        var request = Request(samples, binding);
        Begin(secret, request, binding, share);
        using var high = Context.Rows.RentSecret();
        using var low = Context.Rows.RentSecret();
        using var coefficients = Context.Rows.RentSecret();
        var padded = Shape.PaddedValues;
        var h = share.Polynomial(0);
        using (var lease = secret.Use())
        {
            using (var stream = Context.Streams.RentRandom())
                WideFloodSampler.Fill(Context, stream, Flooding.WidthBits, Shape.Primes, high.Span[..padded], low.Span[..padded], h);
            fixed (double* s = lease.Evaluation, secretRow = coefficients.Span, products = low.Span, sums = high.Span, shares = h)
            {
                for (var i = 0; i < Shape.Primes; i++)
                {
                    var table = Context.Tables[i];
                    var row = shares + ((long)i * padded);
                    new ReadOnlySpan<double>(s + ((long)i * Context.Degree), Context.Degree).CopyTo(coefficients.Span);
                    Context.Kernels.Inverse(table, secretRow);
                    new Span<double>(sums, padded).Clear();
                    for (var j = 0; j < samples.Count; j++)
                    {
                        fixed (double* a = samples[j].A[(i * Context.Degree)..])
                            sums[j] = InnerProduct(table, a, secretRow, products);
                    }

                    Context.Kernels.Reduce(table.Modulus, table.Inverse, sums, sums, padded);
                    Context.Kernels.Canonicalise(table.Modulus, sums, sums, padded);
                    Context.Kernels.Canonicalise(table.Modulus, row, row, padded);
                    Context.Kernels.AddModular(table.Modulus, row, sums, row, padded);
                    new Span<double>(row + Shape.Values, padded - Shape.Values).Clear();
                }
            }
        }

        Complete(secret, request, binding, share);
    }

    /// <summary>Loads the stored share of the same request, to be sent again.</summary>
    /// <param name="samples">As for <see cref="GenerateShare"/>.</param>
    /// <param name="binding">As for <see cref="GenerateShare"/>.</param>
    /// <param name="share">Takes the share.</param>
    /// <returns>False when there is none.</returns>
    public bool TryResendShare(IReadOnlyList<LweSample> samples, ShareBinding binding, CollectiveShare share) => TryResend(Request(samples, binding), binding, share);

    /// <summary>Reads the messages: (b + Σ h_i)/scale, rounded to <see cref="Precision"/>.</summary>
    /// <param name="samples">As for the shares.</param>
    /// <param name="sum">The sum over all parties.</param>
    /// <param name="values">Takes one number a sample.</param>
    /// <exception cref="ArgumentException">A party's share is missing, or lengths differ.</exception>
    public void Finish(IReadOnlyList<LweSample> samples, CollectiveShare sum, Span<double> values)
    {
        CheckSamples(samples);
        CheckComplete(sum);
        if (values.Length != samples.Count)
            throw new ArgumentException($"There are {samples.Count} samples and room for {values.Length} values.", nameof(values));
        for (var j = 0; j < values.Length; j++)
            values[j] = Math.Round(Phase(samples[j], sum, j) / Precision) * Precision / samples[j].Scale;
    }

    /// <summary>b + Σ h_i as the nearest double to the integer of (-q/2, q/2].</summary>
    internal double Phase(LweSample sample, CollectiveShare sum, int index)
    {
        Span<double> residues = stackalloc double[Shape.Primes];
        for (var i = 0; i < residues.Length; i++)
        {
            var total = sample.B[i] + sum.Polynomial(0)[(i * Shape.PaddedValues) + index];
            residues[i] = total < Context.Tables[i].Modulus ? total : total - Context.Tables[i].Modulus;
        }

        return sample.Compose(residues);
    }

    private static int RequireSamples(CkksContext context, int samples)
    {
        if (samples < 1 || samples > context.Degree)
            throw new ArgumentOutOfRangeException(nameof(samples), samples, $"A request has 1 to {context.Degree} samples.");
        return samples;
    }

    /// <summary>Σ a_j·s_j as an integer below 8p that is right modulo p: products folded in halves down to one vector. The same instructions for every secret.</summary>
    private unsafe double InnerProduct(TransformTable table, double* a, double* secret, double* products)
    {
        Context.Kernels.MultiplyModular(table.Modulus, table.Inverse, a, secret, products, Context.Degree);
        const int vector = 8;
        for (var half = Context.Degree / 2; half >= vector; half /= 2)
            Context.Kernels.AddModular(table.Modulus, products, products + half, products, half);
        var sum = products[0];
        for (var lane = 1; lane < vector; lane++)
            sum += products[lane];
        return sum;
    }

    private ShareRequest Request(IReadOnlyList<LweSample> samples, ShareBinding binding)
    {
        CheckSamples(samples);
        return RentRequest().ForSamples(samples, Context.Degree, binding.Transcript.Span);
    }

    private void CheckSamples(IReadOnlyList<LweSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count != SampleCount)
            throw new ArgumentException($"The protocol was prepared for {SampleCount} samples, not {samples.Count}.", nameof(samples));
        for (var j = 0; j < samples.Count; j++)
        {
            Misuse.CheckContext(_ckks, samples[j].Context, nameof(samples));
            if (samples[j].Level != Level)
                throw new ArgumentException($"Sample {j} is at level {samples[j].Level}, the protocol was prepared for level {Level}.", nameof(samples));
        }
    }
}
