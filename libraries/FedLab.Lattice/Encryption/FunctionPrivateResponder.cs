using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Turns a sum of products into an answer that shows the key holder the answer coefficients and nothing else. Thread-safe.</summary>
/// <remarks>
/// <code>
/// sum (c0, c1) ── + u·(b, a) ── inverse transform ──┬─ c0 at the answer coefficients + e1 + flood ──┐
///                (u ternary)                         ├─ c1 + e2 ────────────────────────────────────┼─ Q → 2^x ── answer
///                                                    └─ other coefficients of c0: dropped           ┘
/// </code>
/// The fresh encryption of zero makes c1 independent of the plaintexts (ring learning with errors under the public key); the flood hides
/// what the noise of the sum tells about them. Coefficients of c0 that are not asked for are never sent: without them the rest
/// of the polynomial cannot be decrypted.
/// </remarks>
public sealed class FunctionPrivateResponder
{
    /// <summary>Least statistical distance, in bits, between the noise of any two answers.</summary>
    public const int MinimumStatisticalBits = 40;

    private readonly PublicKey _publicKey;
    private readonly int _statisticalBits;

    /// <summary>Prepares answers for the holder of a key.</summary>
    /// <param name="publicKey">Of the party that will decrypt.</param>
    /// <param name="statisticalBits">How many bits the flood exceeds the noise by; at least 40.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 40 bits.</exception>
    public FunctionPrivateResponder(PublicKey publicKey, int statisticalBits = MinimumStatisticalBits)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        ArgumentOutOfRangeException.ThrowIfLessThan(statisticalBits, MinimumStatisticalBits);
        _publicKey = publicKey;
        _statisticalBits = statisticalBits;
    }

    /// <summary>Re-randomises, floods, switches to 2^<paramref name="answerModulusBits"/> and keeps only the answer coefficients.</summary>
    /// <param name="sum">The sum; not changed.</param>
    /// <param name="noiseBound">Bound on the noise of <paramref name="sum"/>, from <see cref="NoiseBound.SubsetSum"/>.</param>
    /// <param name="answerCoefficients">Positions of 0 to N-1 whose coefficients are the answers, in the order in which they are sent.</param>
    /// <param name="answerModulusBits">x, at most 52. Message and noise must stay below half of 2^x after the switch.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="ArgumentException">The contexts differ, a position or the size is out of range, or the flood does not fit the modulus.</exception>
    public unsafe ScanAnswer Respond(ProductAccumulator sum, double noiseBound, ReadOnlySpan<int> answerCoefficients, int answerModulusBits)
    {
        ArgumentNullException.ThrowIfNull(sum);
        var context = _publicKey.Context;
        if (!ReferenceEquals(sum.Context, context))
            throw new ArgumentException("The sum and the public key must be of one context.", nameof(sum));
        ScanAnswer.CheckShape(context.Degree, answerCoefficients.Length, answerModulusBits);
        foreach (var coefficient in answerCoefficients)
        {
            if ((uint)coefficient >= (uint)context.Degree)
                throw new ArgumentOutOfRangeException(nameof(answerCoefficients), coefficient, $"Positions are 0 to {context.Degree - 1}.");
        }

        var flood = NoiseBound.Flood(noiseBound, context.Degree, _statisticalBits);
        if (flood > FloodSampler.MaximumBound || 2 * Math.BitIncrement(flood) > (double)context.Parameters.Modulus)
            throw new ArgumentException($"A flood of 2^{Math.Log2(flood):F1} does not fit 2^62 and half the modulus of 2^{context.Parameters.ModulusBits:F1}.", nameof(noiseBound));

        var degree = context.Degree;
        var length = context.PolynomialLength;
        var pair = context.Pairs.Rent();
        var mask = context.Polynomials.Rent();
        var error = context.Rows.Rent();
        var whole0 = context.Rows.Rent();
        var whole1 = context.Rows.Rent();
        var fraction = context.Rows.Rent();
        try
        {
            var answers = answerCoefficients.Length;
            var paddedAnswers = (answers + 7) & ~7;
            Span<long> floods = answers <= 256 ? stackalloc long[answers] : new long[answers];
            using (var stream = KeyedStream.CreateRandom())
            {
                TernarySampler.Fill(stream, mask.Span[..degree]);
                GaussianSampler.Fill(stream, error.Span[..answers]);
                FloodSampler.Fill(stream, (long)flood, floods);
                for (var j = 0; j < answers; j++)
                    floods[j] += (long)error.Span[j];
                GaussianSampler.Fill(stream, error.Span);
            }

            fixed (double* first = pair.Span, ternary = mask.Span, errors = error.Span, sums = sum.Sums, b = _publicKey.B, a = _publicKey.A)
            {
                AddEncryptionOfZero(context, sums, ternary, b, a, first);
                fixed (double* out0 = whole0.Span, out1 = whole1.Span, rest = fraction.Span)
                {
                    var power = Math.ScaleB(1, answerModulusBits);
                    SwitchFirst(context, first, answerCoefficients, floods, paddedAnswers, power, out0, rest, ternary);
                    var second = first + length;
                    new Span<double>(out1, degree).Clear();
                    new Span<double>(rest, degree).Clear();
                    for (var i = 0; i < context.Tables.Length; i++)
                    {
                        var table = context.Tables[i];
                        var row = second + (long)i * degree;
                        context.Kernels.Add(row, errors, degree);
                        context.Kernels.AddScaledToPowerOfTwo(table.Modulus, table.Inverse, row, context.CofactorInverses[i], power, out1, rest, degree);
                    }

                    context.Kernels.RoundToPowerOfTwo(power, out1, rest, degree);
                }
            }

            floods.Clear();
            return ScanAnswer.Pack(degree, answerModulusBits, whole0.Span[..answers], whole1.Span);
        }
        finally
        {
            context.Pairs.Return(pair, wasSecret: true);
            context.Polynomials.Return(mask, wasSecret: true);
            context.Rows.Return(error, wasSecret: true);
            context.Rows.Return(whole0, wasSecret: false);
            context.Rows.Return(whole1, wasSecret: false);
            context.Rows.Return(fraction, wasSecret: true);
        }
    }

    /// <summary>sum + u·(b, a) as balanced coefficients; u stands in the first row of <paramref name="ternary"/> and is transformed there. The errors e1 and e2 are still to be added.</summary>
    internal static unsafe void AddEncryptionOfZero(LatticeContext context, double* sums, double* ternary, double* b, double* a, double* pair)
    {
        var degree = context.Degree;
        var length = context.PolynomialLength;
        for (var i = context.Tables.Length - 1; i >= 0; i--)
        {
            var table = context.Tables[i];
            var row = (long)i * degree;
            context.Kernels.Forward(table, ternary, ternary + row);
            context.Kernels.Reduce(table.Modulus, table.Inverse, sums + row, pair + row, degree);
            context.Kernels.Reduce(table.Modulus, table.Inverse, sums + length + row, pair + length + row, degree);
            context.Kernels.MultiplyAccumulate(
                table.Modulus,
                table.Inverse,
                ternary + row,
                b + row,
                a + row,
                pair + row,
                pair + length + row,
                degree,
                reduce: true);
            context.Kernels.Inverse(table, pair + row);
            context.Kernels.Inverse(table, pair + length + row);
        }
    }

    /// <summary>Switches the answer coefficients of c0, flooded; <paramref name="scratch"/> is overwritten.</summary>
    private static unsafe void SwitchFirst(
        LatticeContext context,
        double* first,
        ReadOnlySpan<int> answerCoefficients,
        ReadOnlySpan<long> floods,
        int paddedAnswers,
        double power,
        double* whole,
        double* fraction,
        double* scratch)
    {
        new Span<double>(whole, paddedAnswers).Clear();
        new Span<double>(fraction, paddedAnswers).Clear();
        new Span<double>(scratch, paddedAnswers).Clear();
        for (var i = 0; i < context.Tables.Length; i++)
        {
            // A flood has up to 62 bits, more than a double: it is reduced as an integer.
            var table = context.Tables[i];
            var row = first + (long)i * context.Degree;
            var prime = (long)table.Prime;
            for (var j = 0; j < answerCoefficients.Length; j++)
                scratch[j] = row[answerCoefficients[j]] + floods[j] % prime;
            context.Kernels.AddScaledToPowerOfTwo(table.Modulus, table.Inverse, scratch, context.CofactorInverses[i], power, whole, fraction, paddedAnswers);
        }

        context.Kernels.RoundToPowerOfTwo(power, whole, fraction, paddedAnswers);
    }
}
