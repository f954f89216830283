using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>Turns a sum of products into an answer that shows the key holder the answer coefficients and nothing else. Thread-safe.</summary>
/// <remarks>
/// <code>
/// c0 of every message at the answer coefficients ── + (u·b) there, a dot product ── + e1 + flood ──┬─ Q → 2^x ── answer
///                              (u ternary)                                                          │
/// c1 ── + u·a ── inverse transform ── + e2 ─────────────────────────────────────────────────────────┘
/// </code>
/// The fresh encryption of zero makes c1 independent of the plaintexts (ring learning with errors under the public key); the flood hides
/// what the noise of the sum tells about them. Coefficients of c0 that are not asked for are never sent: without them the rest
/// of the polynomial cannot be decrypted. The time depends on shapes and, through rejected words, on the generator, never on the sum, the mask, the errors or
/// the floods, all of which stay in pinned scratch that is zeroed on every way out.
/// </remarks>
public sealed class FunctionPrivateResponder
{
    /// <summary>Least statistical distance, in bits, between the noise of any two answers.</summary>
    public const int MinimumStatisticalBits = 40;

    /// <summary>Terms of a dot product between reductions: u is ternary, and balanced residues are below 2^49.</summary>
    private const int MaximumTerms = 1 << 12;

    private readonly PublicKey _publicKey;
    private readonly int _statisticalBits;

    /// <summary>For each message and prime 2N integers R with Σ u[i]·R[N-1-t+i] = coefficient t of b·u: b reversed, then its negative.</summary>
    private readonly long[] _rotations;

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
        _rotations = Rotations(publicKey);
    }

    /// <summary>Re-randomises, floods, switches to 2^<paramref name="answerModulusBits"/> and keeps only the answer coefficients.</summary>
    /// <param name="sum">The sum, with the c0 of every message; not changed.</param>
    /// <param name="noiseBound">Bound on the noise of <paramref name="sum"/>, from <see cref="NoiseBound.SubsetSum"/>.</param>
    /// <param name="answerCoefficients">Positions of 0 to N-1 whose coefficients are the answers of each message, in the order in which they are sent.</param>
    /// <param name="answerModulusBits">x, at most 52. Message and noise must stay below half of 2^x after the switch.</param>
    /// <returns>The answers of the first message, then those of the second, and so on, and the one c1.</returns>
    /// <exception cref="ArgumentException">The contexts differ, a position or the size is out of range, or the flood does not fit the modulus.</exception>
    public ScanAnswer Respond(ProductAccumulator sum, double noiseBound, ReadOnlySpan<int> answerCoefficients, int answerModulusBits)
    {
        ArgumentNullException.ThrowIfNull(sum);
        Check(sum, sum.Messages, answerCoefficients);
        var context = _publicKey.Context;
        var primes = context.Tables.Length;
        var length = context.PolynomialLength;
        using var residues = context.Polynomials.RentSecret();
        using var scratch = context.Polynomials.RentSecret();
        var first = residues.Integers[..(sum.Messages * answerCoefficients.Length * primes)];
        for (var message = 0; message < sum.Messages; message++)
        {
            sum.Sums.Slice(message * length, length).CopyTo(scratch.Span);
            context.Reduce(scratch.Span);
            context.Inverse(scratch.Span);
            for (var j = 0; j < answerCoefficients.Length; j++)
            {
                for (var i = 0; i < primes; i++)
                    first[(((message * answerCoefficients.Length) + j) * primes) + i] = (long)scratch.Span[(i * context.Degree) + answerCoefficients[j]];
            }
        }

        return Respond(sum, sum.Messages, first, noiseBound, answerCoefficients, answerModulusBits);
    }

    /// <summary>As <see cref="Respond(ProductAccumulator, double, ReadOnlySpan{int}, int)"/> where the c0 were added up without products.</summary>
    /// <param name="mask">The sum of plaintext times mask.</param>
    /// <param name="messages">How many messages share the mask.</param>
    /// <param name="first">
    /// For each message and answer coefficient the residue of c0 modulo each prime, integers within ±2^62 (from <see cref="CoefficientHistogram"/>).
    /// </param>
    /// <param name="noiseBound">Bound on the noise of the whole sum, from <see cref="NoiseBound.SubsetSum"/>.</param>
    /// <param name="answerCoefficients">The positions at which <paramref name="first"/> stands.</param>
    /// <param name="answerModulusBits">x, at most 52.</param>
    /// <returns>The answers of the first message, then those of the second, and so on, and the one c1.</returns>
    /// <exception cref="ArgumentException">The contexts or lengths differ, a position or the size is out of range, or the flood does not fit the modulus.</exception>
    public ScanAnswer Respond(ProductAccumulator mask, int messages, ReadOnlySpan<long> first, double noiseBound, ReadOnlySpan<int> answerCoefficients, int answerModulusBits)
    {
        ScanAnswer.CheckShape(_publicKey.Context.Degree, answerCoefficients.Length * Math.Max(1, messages), answerModulusBits);
        using var randomised = Randomise(mask, messages, first, noiseBound, answerCoefficients);
        return randomised.Switch(answerModulusBits);
    }

    /// <summary>Re-randomises and floods, and leaves the modulus as it is: for <see cref="AnswerPacker"/>.</summary>
    /// <param name="mask">The sum of plaintext times mask.</param>
    /// <param name="messages">How many messages share the mask.</param>
    /// <param name="first">For each message and answer coefficient the residue of c0 modulo each prime, integers within ±2^62.</param>
    /// <param name="noiseBound">Bound on the noise of the whole sum, from <see cref="NoiseBound.SubsetSum"/>.</param>
    /// <param name="answerCoefficients">The positions at which <paramref name="first"/> stands.</param>
    /// <returns>What may leave; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The contexts or lengths differ, a position is out of range, or the flood does not fit the modulus.</exception>
    public RandomisedAnswer Randomise(ProductAccumulator mask, int messages, ReadOnlySpan<long> first, double noiseBound, ReadOnlySpan<int> answerCoefficients)
    {
        ArgumentNullException.ThrowIfNull(mask);
        Check(mask, messages, answerCoefficients);
        var context = _publicKey.Context;
        var primes = context.Tables.Length;
        if (first.Length != messages * answerCoefficients.Length * primes)
            throw new ArgumentException($"{messages} messages, {answerCoefficients.Length} positions and {primes} primes take {messages * answerCoefficients.Length * primes} residues, not {first.Length}.", nameof(first));
        var flood = NoiseBound.Flood(noiseBound, context.Degree, _statisticalBits);
        if (flood > FloodSampler.MaximumBound || 2 * Math.BitIncrement(flood) > (double)context.Parameters.Modulus)
            throw new ArgumentException($"A flood of 2^{Math.Log2(flood):F1} does not fit 2^62 and half the modulus of 2^{context.Parameters.ModulusBits:F1}.", nameof(noiseBound));

        using var ternary = context.Polynomials.RentSecret();
        using var signs = context.Rows.RentSecret();
        using var stream = KeyedStream.CreateRandom();
        TernarySampler.Fill(stream, ternary.Span[..context.Degree]);
        var u = signs.Integers;
        for (var i = 0; i < u.Length; i++)
            u[i] = (long)ternary.Span[i];
        var answer = new RandomisedAnswer(context, messages, answerCoefficients.Length);
        RandomiseFirst(stream, u, first, answerCoefficients, (long)flood, answer.First);
        RandomiseSecond(stream, ternary.Span, mask.Sums[(mask.Messages * context.PolynomialLength)..], answer.Second);
        return answer;
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

    /// <summary>Coefficient <paramref name="position"/> of b·u modulo one prime; b is the message's half of the public key, u ternary.</summary>
    internal long KeyTimesTernary(int message, int prime, int position, ReadOnlySpan<long> ternary)
    {
        var degree = ternary.Length;
        var rotation = _rotations.AsSpan((2 * degree * ((message * _publicKey.Context.Tables.Length) + prime)) + degree - 1 - position, degree);
        var reduction = _publicKey.Context.Reductions[prime];
        long sum = 0;
        for (var start = 0; start < degree; start += MaximumTerms)
        {
            var terms = Math.Min(MaximumTerms, degree - start);
            sum = reduction.Reduce(sum + SecretDot.Of(rotation.Slice(start, terms), ternary.Slice(start, terms)));
        }

        return sum;
    }

    private static unsafe long[] Rotations(PublicKey key)
    {
        var context = key.Context;
        var degree = context.Degree;
        var rotations = new long[2 * key.B.Length];
        var scratch = context.Rows.Rent();
        for (var row = 0; row < key.B.Length / degree; row++)
        {
            var coefficients = scratch.Span;
            key.B.Slice(row * degree, degree).CopyTo(coefficients);
            fixed (double* values = coefficients)
                context.Kernels.Inverse(context.Tables[row % context.Tables.Length], values);
            var rotation = rotations.AsSpan(2 * row * degree, 2 * degree);
            for (var i = 0; i < degree; i++)
            {
                rotation[degree - 1 - i] = (long)coefficients[i];
                rotation[(2 * degree) - 1 - i] = -(long)coefficients[i];
            }
        }

        context.Rows.Return(scratch, wasSecret: false);
        return rotations;
    }

    private void Check(ProductAccumulator sum, int messages, ReadOnlySpan<int> answerCoefficients)
    {
        var context = _publicKey.Context;
        if (!ReferenceEquals(sum.Context, context))
            throw new ArgumentException("The sum and the public key must be of one context.", nameof(sum));
        if (messages < 1 || messages > _publicKey.Messages)
            throw new ArgumentException($"The sum holds {messages} messages, the public key is for {_publicKey.Messages}.", nameof(messages));
        if (answerCoefficients.IsEmpty || (long)messages * answerCoefficients.Length > context.Degree)
            throw new ArgumentOutOfRangeException(nameof(answerCoefficients), answerCoefficients.Length, $"There are 1 to {context.Degree} answer coefficients, all messages together.");
        foreach (var coefficient in answerCoefficients)
        {
            if ((uint)coefficient >= (uint)context.Degree)
                throw new ArgumentOutOfRangeException(nameof(answerCoefficients), coefficient, $"Positions are 0 to {context.Degree - 1}.");
        }
    }

    /// <summary>c0 + u·b + e + flood at the answer coefficients of every message: residues in [0, p), prime by prime.</summary>
    private void RandomiseFirst(KeyedStream stream, ReadOnlySpan<long> ternary, ReadOnlySpan<long> first, ReadOnlySpan<int> answerCoefficients, long flood, Span<double> target)
    {
        var context = _publicKey.Context;
        var primes = context.Tables.Length;
        var count = first.Length / primes;
        var width = target.Length / primes;
        using var errorRow = context.Rows.RentSecret();
        using var floodRow = context.Rows.RentSecret();
        var errors = errorRow.Span[..count];
        var floods = floodRow.Integers[..count];
        GaussianSampler.Fill(stream, errors);
        FloodSampler.Fill(stream, flood, floods);
        for (var i = 0; i < count; i++)
            floods[i] += (long)errors[i];
        for (var i = 0; i < primes; i++)
        {
            var reduction = context.Reductions[i];
            for (var j = 0; j < count; j++)
            {
                var product = KeyTimesTernary(j / answerCoefficients.Length, i, answerCoefficients[j % answerCoefficients.Length], ternary);
                target[(i * width) + j] = reduction.Reduce(product + reduction.Reduce(first[(j * primes) + i]) + reduction.Reduce(floods[j]));
            }
        }
    }

    /// <summary>c1 + u·a + e, whole, as coefficients: integers below 2p. <paramref name="ternary"/> is transformed in place.</summary>
    private unsafe void RandomiseSecond(KeyedStream stream, Span<double> ternary, ReadOnlySpan<double> mask, Span<double> target)
    {
        var context = _publicKey.Context;
        var degree = context.Degree;
        using var error = context.Rows.RentSecret();
        GaussianSampler.Fill(stream, error.Span);
        fixed (double* u = ternary, values = target, errors = error.Span, sums = mask, a = _publicKey.A)
        {
            // In place, the last prime first: u stands in the first row until that is transformed too.
            for (var i = context.Tables.Length - 1; i >= 0; i--)
                context.Kernels.Forward(context.Tables[i], u, u + ((long)i * degree));
            AddEncryptionOfZero(context, sums, u, a, values);
            for (var i = 0; i < context.Tables.Length; i++)
                context.Kernels.Add(values + ((long)i * degree), errors, degree);
        }
    }
}
