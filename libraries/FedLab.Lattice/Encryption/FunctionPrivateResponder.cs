using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Turns a sum of products into an answer that shows the key holder the answer coefficients and nothing else. Thread-safe.</summary>
/// <remarks>
/// <code>
/// sum (c0 …, c1) ── + u·(b …, a) ── inverse transform ──┬─ each c0 at the answer coefficients + e1 + flood ──┐
///                    (u ternary)                         ├─ c1 + e2 ─────────────────────────────────────────┼─ Q → 2^x ── answer
///                                                        └─ other coefficients of c0: dropped                ┘
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
    /// <param name="answerCoefficients">Positions of 0 to N-1 whose coefficients are the answers of each message, in the order in which they are sent.</param>
    /// <param name="answerModulusBits">x, at most 52. Message and noise must stay below half of 2^x after the switch.</param>
    /// <returns>The answers of the first message, then those of the second, and so on, and the one c1.</returns>
    /// <exception cref="ArgumentException">The contexts differ, a position or the size is out of range, or the flood does not fit the modulus.</exception>
    public unsafe ScanAnswer Respond(ProductAccumulator sum, double noiseBound, ReadOnlySpan<int> answerCoefficients, int answerModulusBits)
    {
        ArgumentNullException.ThrowIfNull(sum);
        var context = _publicKey.Context;
        if (!ReferenceEquals(sum.Context, context))
            throw new ArgumentException("The sum and the public key must be of one context.", nameof(sum));
        if (sum.Messages > _publicKey.Messages)
            throw new ArgumentException($"The sum holds {sum.Messages} messages, the public key is for {_publicKey.Messages}.", nameof(sum));
        var answers = answerCoefficients.Length;
        ScanAnswer.CheckShape(context.Degree, answers, answerModulusBits);
        ScanAnswer.CheckShape(context.Degree, answers * sum.Messages, answerModulusBits);
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
        var ternary = context.Polynomials.Rent();
        var polynomial = context.Polynomials.Rent();
        var error = context.Rows.Rent();
        var whole = context.Rows.Rent();
        var fraction = context.Rows.Rent();
        var first = new double[answers * sum.Messages];
        var floods = new long[answers];
        try
        {
            using var stream = KeyedStream.CreateRandom();
            TernarySampler.Fill(stream, ternary.Span[..degree]);
            var power = Math.ScaleB(1, answerModulusBits);
            fixed (double* u = ternary.Span, values = polynomial.Span, errors = error.Span, sums = sum.Sums, b = _publicKey.B, a = _publicKey.A, out0 = whole.Span, rest = fraction.Span)
            {
                // In place, the last prime first: u stands in the first row until that is transformed too.
                for (var i = context.Tables.Length - 1; i >= 0; i--)
                    context.Kernels.Forward(context.Tables[i], u, u + ((long)i * degree));

                for (var message = 0; message < sum.Messages; message++)
                {
                    AddEncryptionOfZero(context, sums + ((long)message * length), u, b + ((long)message * length), values);
                    GaussianSampler.Fill(stream, error.Span[..answers]);
                    FloodSampler.Fill(stream, (long)flood, floods);
                    for (var j = 0; j < answers; j++)
                        floods[j] += (long)error.Span[j];
                    SwitchFirst(context, values, answerCoefficients, floods, power, out0, rest, errors);
                    whole.Span[..answers].CopyTo(first.AsSpan(message * answers));
                }

                AddEncryptionOfZero(context, sums + ((long)sum.Messages * length), u, a, values);
                GaussianSampler.Fill(stream, error.Span);
                whole.Span.Clear();
                fraction.Span.Clear();
                for (var i = 0; i < context.Tables.Length; i++)
                {
                    var table = context.Tables[i];
                    var row = values + ((long)i * degree);
                    context.Kernels.Add(row, errors, degree);
                    context.Kernels.AddScaledToPowerOfTwo(table.Modulus, table.Inverse, row, context.CofactorInverses[i], power, out0, rest, degree);
                }

                context.Kernels.RoundToPowerOfTwo(power, out0, rest, degree);
            }

            return ScanAnswer.Pack(degree, answerModulusBits, first, whole.Span);
        }
        finally
        {
            Array.Clear(floods);
            context.Polynomials.Return(ternary, wasSecret: true);
            context.Polynomials.Return(polynomial, wasSecret: true);
            context.Rows.Return(error, wasSecret: true);
            context.Rows.Return(whole, wasSecret: false);
            context.Rows.Return(fraction, wasSecret: true);
        }
    }

    /// <summary>sum + u·key as balanced coefficients, for one polynomial; u in evaluation form. The error is still to be added.</summary>
    internal static unsafe void AddEncryptionOfZero(LatticeContext context, double* sum, double* ternary, double* key, double* result)
    {
        var degree = context.Degree;
        for (var i = 0; i < context.Tables.Length; i++)
        {
            var table = context.Tables[i];
            var row = (long)i * degree;
            context.Kernels.Reduce(table.Modulus, table.Inverse, sum + row, result + row, degree);
            context.Kernels.MultiplyAccumulate(table.Modulus, table.Inverse, ternary + row, key + row, result + row, degree, reduce: true);
            context.Kernels.Inverse(table, result + row);
        }
    }

    /// <summary>Switches the answer coefficients of a c0, flooded; <paramref name="scratch"/> is overwritten.</summary>
    private static unsafe void SwitchFirst(
        LatticeContext context,
        double* first,
        ReadOnlySpan<int> answerCoefficients,
        ReadOnlySpan<long> floods,
        double power,
        double* whole,
        double* fraction,
        double* scratch)
    {
        var padded = (answerCoefficients.Length + 7) & ~7;
        new Span<double>(whole, padded).Clear();
        new Span<double>(fraction, padded).Clear();
        new Span<double>(scratch, padded).Clear();
        for (var i = 0; i < context.Tables.Length; i++)
        {
            // A flood has up to 62 bits, more than a double: it is reduced as an integer.
            var table = context.Tables[i];
            var row = first + ((long)i * context.Degree);
            var prime = (long)table.Prime;
            for (var j = 0; j < answerCoefficients.Length; j++)
                scratch[j] = row[answerCoefficients[j]] + (floods[j] % prime);
            context.Kernels.AddScaledToPowerOfTwo(table.Modulus, table.Inverse, scratch, context.CofactorInverses[i], power, whole, fraction, padded);
        }

        context.Kernels.RoundToPowerOfTwo(power, whole, fraction, padded);
    }
}
