using System.Numerics;

namespace FedLab.Lattice.Tests;

/// <summary>What the key holder, who knows the key, the seeds and the errors of its own ciphertexts, learns of the responder's plaintext.</summary>
public class FunctionPrivacyTests
{
    private const int Degree = 4096;
    private const int AnswerModulusBits = 52;
    private static readonly LatticeContext Context = new(LatticeParameters.Create(Degree, 2, 50));

    [Fact]
    public void A_bare_product_hands_over_the_candidate()
    {
        using var key = SecretKey.Generate(Context);
        using var ciphertext = new SymmetricEncryptor(key).Encrypt([], 0).Expand();
        var candidate = new TestVectors(61).Bits(Degree);
        using var sum = Product(ciphertext, candidate);

        // c1 of the product is candidate·a with a known: one division in evaluation form.
        var second = sum.CopyCoefficients().AsSpan(Context.PolynomialLength).ToArray();
        Context.Forward(second);
        var quotient = WhiteBox.Divide(Context, second, ciphertext.Second);
        Context.Inverse(quotient);
        Assert.Equal(candidate.Select(bit => new BigInteger(bit)), WhiteBox.Compose(Context, quotient));
    }

    [Fact]
    public void Even_after_the_modulus_switch_a_product_without_rerandomisation_would_confirm_a_guess()
    {
        // The attack of the next test must work where the defence is missing, or that test would prove nothing.
        using var key = SecretKey.Generate(Context);
        using var ciphertext = new SymmetricEncryptor(key).Encrypt([], 0).Expand();
        var vectors = new TestVectors(62);
        var (right, wrong) = (vectors.Bits(Degree), vectors.Bits(Degree));
        using var sum = Product(ciphertext, right);
        var modulus = Context.Parameters.Modulus;
        var second = WhiteBox.Compose(Context, sum.CopyCoefficients().AsSpan(Context.PolynomialLength).ToArray())
            .Select(value => (long)((value << AnswerModulusBits) / modulus)).ToArray();
        Assert.True(Residual(second, ciphertext, right).All(value => Math.Abs(value) <= 2));
        Assert.False(Residual(second, ciphertext, wrong).All(value => Math.Abs(value) <= 2));
    }

    [Fact]
    public void A_response_divides_to_garbage_and_fits_no_guess_better_than_another()
    {
        using var key = SecretKey.Generate(Context);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        using var ciphertext = new SymmetricEncryptor(key).Encrypt([], 0).Expand();
        var vectors = new TestVectors(63);
        var (right, wrong) = (vectors.Bits(Degree), vectors.Bits(Degree));
        using var sum = Product(ciphertext, right);
        const int responses = 8;
        var rightCells = new double[64];
        var wrongCells = new double[64];
        var quotientCells = new double[64];
        for (var i = 0; i < responses; i++)
        {
            var second = Second(responder.Respond(sum, NoiseBound.SubsetSum(Degree), [Degree - 1], AnswerModulusBits));
            Count(Residual(second, ciphertext, right), rightCells);
            Count(Residual(second, ciphertext, wrong), wrongCells);

            // The division that recovered the candidate above, on the answer scaled back to Q.
            var modulus = Context.Parameters.Modulus;
            var scaled = new double[Context.PolynomialLength];
            for (var j = 0; j < Degree; j++)
            {
                var value = (new BigInteger(second[j]) * modulus) >> AnswerModulusBits;
                for (var p = 0; p < 2; p++)
                    scaled[p * Degree + j] = (double)(value % Context.Parameters.Primes[p]);
            }

            Context.Forward(scaled);
            var quotient = WhiteBox.Divide(Context, scaled, ciphertext.Second);
            Context.Inverse(quotient);
            var composed = WhiteBox.Compose(Context, quotient);

            // 32,768 values uniform modulo 2^100: one so small comes with a chance of 2^-34.
            Assert.DoesNotContain(composed, value => BigInteger.Abs(value) < BigInteger.Pow(2, 50));
            Count(composed.Select(value => (long)((value << AnswerModulusBits) / modulus)), quotientCells);
        }

        // Uniform under the right guess as under the wrong one.
        foreach (var cells in new[] { rightCells, wrongCells, quotientCells })
            ChiSquare.AssertUniform(cells);

        static void Count(IEnumerable<long> values, double[] cells)
        {
            foreach (var value in values)
                cells[(int)((value & ((1L << AnswerModulusBits) - 1)) >> (AnswerModulusBits - 6))]++;
        }
    }

    [Fact]
    public void The_noise_of_answers_does_not_tell_two_candidates_apart()
    {
        using var key = SecretKey.Generate(Context);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        var decryptor = new AnswerDecryptor(key);
        using var ciphertext = new SymmetricEncryptor(key).Encrypt([], 0).Expand();
        var errors = WhiteBox.Phase(key, ciphertext.First, ciphertext.Second);

        // The heaviest candidate keeps every error that is positive at the answer, the lightest none: the key holder can compute the
        // first one's noise in advance, some twelve times σ·√N.
        var heavy = new double[Degree];
        for (var i = 0; i < Degree; i++)
            heavy[Degree - 1 - i] = errors[i].Sign > 0 ? 1 : 0;
        var light = new double[Degree];
        using var heavySum = Product(ciphertext, heavy);
        using var lightSum = Product(ciphertext, light);
        var length = Context.PolynomialLength;
        var bareNoise = WhiteBox.Phase(key, heavySum.Sums[..length], heavySum.Sums[length..])[Degree - 1];
        Assert.Equal(errors.Where(error => error.Sign > 0).Aggregate(BigInteger.Zero, BigInteger.Add), bareNoise);
        Assert.True(bareNoise > 4000);

        // The bound must cover what is hidden: every error at its tail, as this candidate is chosen against the errors.
        const int samples = 4000;
        var heavyNoise = Noise(heavySum);
        var lightNoise = Noise(lightSum);

        // Two-sample Kolmogorov-Smirnov: the statistic exceeds c·√(2/n) with probability 2·exp(-2c²), 2·10^-10 at c = 3.4.
        Array.Sort(heavyNoise);
        Array.Sort(lightNoise);
        double distance = 0;
        for (int i = 0, j = 0; i < samples && j < samples;)
        {
            if (heavyNoise[i] <= lightNoise[j])
                i++;
            else
                j++;
            distance = Math.Max(distance, Math.Abs(i - j) / (double)samples);
        }

        Assert.True(distance < 3.4 * Math.Sqrt(2.0 / samples), $"distance {distance}");

        // And the means, whose difference would be the bare noise, by the standard error of a uniform flood: beyond 6.5 of them with a chance of 10^-10.
        var unit = (double)Context.Parameters.Modulus / Math.ScaleB(1, AnswerModulusBits);
        var flood = NoiseBound.Flood(Degree * 29.0, Degree, 40) / unit;
        Assert.InRange(Math.Abs(heavyNoise.Average() - lightNoise.Average()), 0, 6.5 * flood / Math.Sqrt(3) * Math.Sqrt(2.0 / samples));
        Assert.True(heavyNoise.Max() > 0.9 * flood);

        double[] Noise(ProductAccumulator sum)
        {
            var noise = new double[samples];
            var value = new long[1];
            for (var i = 0; i < samples; i++)
            {
                decryptor.Decrypt(responder.Respond(sum, Degree * 29.0, [Degree - 1], AnswerModulusBits), [Degree - 1], 70, value, noise.AsSpan(i, 1));
                Assert.Equal(0, value[0]);
            }

            return noise;
        }
    }

    [Fact]
    public void Two_responses_to_one_sum_share_nothing()
    {
        using var key = SecretKey.Generate(Context);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        using var sum = new ProductAccumulator(Context);
        var first = Second(responder.Respond(sum, 1, [0], AnswerModulusBits));
        var second = Second(responder.Respond(sum, 1, [0], AnswerModulusBits));
        Assert.True(first.Zip(second).Count(pair => pair.First == pair.Second) < 2);
    }

    [Fact]
    public void Only_the_answer_coefficients_of_the_first_polynomial_travel()
    {
        using var key = SecretKey.Generate(Context);
        using var sum = new ProductAccumulator(Context);
        var answer = new FunctionPrivateResponder(PublicKey.Generate(key)).Respond(sum, 1, [3, 9], AnswerModulusBits);
        Assert.Equal(2, answer.AnswerCount);
        Assert.Equal((Degree + 2) * AnswerModulusBits / 8, WireTests.Bytes(answer.Write).Length);
    }

    private static ProductAccumulator Product(Ciphertext ciphertext, double[] candidate)
    {
        var sum = new ProductAccumulator(Context);
        var plaintext = new double[Context.PolynomialLength];
        Context.TransformSmall(candidate, plaintext);
        ProductAccumulator.MultiplyAccumulate(plaintext, [ciphertext], [sum]);
        return sum;
    }

    private static long[] Second(ScanAnswer answer)
    {
        var second = new long[Degree];
        answer.Unpack(new long[answer.AnswerCount], second);
        return second;
    }

    /// <summary>c1 less guess·a switched to the answer's modulus, centred: rounding if the guess is right and nothing was added.</summary>
    private static long[] Residual(long[] second, Ciphertext ciphertext, double[] guess)
    {
        using var product = Product(ciphertext, guess);
        var modulus = Context.Parameters.Modulus;
        const int unused = 64 - AnswerModulusBits;
        return [.. WhiteBox.Compose(Context, product.CopyCoefficients().AsSpan(Context.PolynomialLength).ToArray())
            .Zip(second, (expected, actual) => (actual - (long)((expected << AnswerModulusBits) / modulus)) << unused >> unused)];
    }
}
