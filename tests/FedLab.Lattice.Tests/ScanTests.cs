using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public class ScanTests
{
    public static TheoryData<int, int, int, int, int, int> Scans => new()
    {
        // degree, primes, prime bits, candidates a plaintext, blocks, answer modulus bits
        { 4096, 2, 50, 8, 2, 52 },
        { 4096, 2, 50, 1, 3, 52 },
        { 4096, 2, 50, 64, 5, 48 },
        { 4096, 3, 35, 8, 2, 50 },
        { 8192, 3, 50, 8, 24, 52 },
        { 8192, 4, 50, 256, 2, 40 },
        { 2048, 1, 50, 8, 2, 0 },
    };

    [Theory]
    [MemberData(nameof(Scans))]
    public void Inner_products_are_exact_up_to_the_limits_that_the_noise_bound_allows(
        int degree,
        int primeCount,
        int primeBits,
        int candidates,
        int blocks,
        int answerModulusBits)
    {
        var context = new LatticeContext(LatticeParameters.Create(degree, primeCount, primeBits));
        using var key = SecretKey.Generate(context);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        var rowsPerBlock = degree / candidates;
        var rows = rowsPerBlock * blocks;
        var noiseBound = NoiseBound.SubsetSum((long)degree * blocks);
        var flood = NoiseBound.Flood(noiseBound, degree, 40);
        if (answerModulusBits == 0)
        {
            // One 50-bit prime has no room for the flood: that must be said, not decrypted wrongly.
            using var empty = new ProductAccumulator(context);
            Assert.Throws<ArgumentException>(() => responder.Respond(empty, noiseBound, [rowsPerBlock - 1], 40));
            return;
        }

        // Noise before rounding, in units of Q and of 2^x brought back to Q; a message step must be more than twice that.
        var modulus = (double)context.Parameters.Modulus;
        var noise = noiseBound + NoiseBound.EncryptionOfZero(degree) + flood
            + NoiseBound.ModulusSwitch(degree, primeCount) * modulus / Math.ScaleB(1, answerModulusBits);
        var smallestScale = (int)Math.Ceiling(Math.Log2(2 * noise));
        var largestSum = Math.Floor((modulus / 2 - noise) / Math.ScaleB(1, smallestScale));
        var vectors = new TestVectors((ulong)(degree + candidates));
        foreach (var (scaleBits, largest) in new[]
        {
            (smallestScale, (long)Math.Min(largestSum, 1L << 60)),
            ((int)Math.Floor(Math.Log2((modulus / 2 - noise) / rows)), rows),
            (smallestScale + 3, (long)(largestSum / 16)),
        })
        {
            var (expected, positions, sum) = Accumulate(context, key, candidates, blocks, largest / rows, scaleBits, vectors);
            using (sum)
            {
                var answer = responder.Respond(sum, noiseBound, positions, answerModulusBits);
                var actual = new long[candidates];
                var measured = new double[candidates];
                new AnswerDecryptor(key).Decrypt(answer, positions, scaleBits, actual, measured);
                Assert.Equal(expected, actual);
                var bound = noise * Math.ScaleB(1, answerModulusBits) / modulus;
                Assert.All(measured, value => Assert.True(Math.Abs(value) <= bound, $"noise {value} exceeds {bound}"));
            }
        }
    }

    [Fact]
    public void A_thousand_products_add_up_exactly_on_every_path()
    {
        var parameters = LatticeParameters.Create(2048, 1, 50);
        var prime = parameters.Primes[0];
        double[]? reference = null;
        var seed = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        foreach (var path in VectorPaths.Supported)
        {
            var context = new LatticeContext(parameters, path);
            using var first = new Ciphertext(context);
            using var second = new Ciphertext(context);
            UniformSampler.Fill(seed, 1, prime, first.First);
            UniformSampler.Fill(seed, 2, prime, first.Second);
            second.First.Fill(prime);
            second.Second.Fill(-(double)prime + 1);
            using var firstSum = new ProductAccumulator(context);
            using var secondSum = new ProductAccumulator(context);
            var plaintext = new double[context.PolynomialLength];
            var bits = new TestVectors(5).Bits(2048);
            context.TransformSmall(bits, plaintext);
            const int products = 1000;
            for (var i = 0; i < products; i++)
                ProductAccumulator.MultiplyAccumulate(plaintext, [first, second], [firstSum, secondSum]);
            for (var i = 0; i < 2048; i++)
            {
                AssertProduct(plaintext[i], first.First[i], firstSum.Sums[i]);
                AssertProduct(plaintext[i], first.Second[i], firstSum.Sums[2048 + i]);
                AssertProduct(plaintext[i], second.First[i], secondSum.Sums[i]);
                AssertProduct(plaintext[i], second.Second[i], secondSum.Sums[2048 + i]);
            }

            var all = firstSum.Sums.ToArray().Concat(secondSum.Sums.ToArray()).ToArray();
            reference ??= all;
            TransformTests.AssertSameBits(reference, all);

            firstSum.Clear();
            Assert.All(firstSum.Sums.ToArray(), value => Assert.Equal(0, value));

            void AssertProduct(double left, double right, double sum) =>
                Assert.Equal(BigInteger.Zero, (products * new BigInteger(left) * new BigInteger(right) - new BigInteger(sum)) % prime);
        }
    }

    [Fact]
    public void Threads_share_a_context_a_key_and_a_responder()
    {
        var context = new LatticeContext(LatticeParameters.Create(4096, 2, 50));
        using var key = SecretKey.Generate(context);
        var encryptor = new SymmetricEncryptor(key);
        var responder = new FunctionPrivateResponder(PublicKey.Generate(key));
        var decryptor = new AnswerDecryptor(key);
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            using var ciphertext = encryptor.Encrypt([i, 2 * i, -3 * i], 60).Expand();
            using var sum = new ProductAccumulator(context);
            var plaintext = new double[context.PolynomialLength];
            var ones = new double[4096];
            ones.AsSpan(0, 3).Fill(1);
            context.TransformSmall(ones, plaintext);
            ProductAccumulator.MultiplyAccumulate(plaintext, [ciphertext], [sum]);
            var answer = responder.Respond(sum, NoiseBound.SubsetSum(3), [2, 0], 50);
            var values = new long[2];
            decryptor.Decrypt(answer, [2, 0], 60, values);
            Assert.Equal([0L, i], values);
        });
    }

    [Fact]
    public void Objects_of_another_context_or_owner_are_refused()
    {
        var parameters = LatticeParameters.Create(4096, 2, 50);
        LatticeContext context = new(parameters), other = new(parameters);
        using var key = SecretKey.Generate(context);
        using var otherKey = SecretKey.Generate(other);
        using var sum = new ProductAccumulator(context);
        using var foreign = new SymmetricEncryptor(otherKey).Encrypt([1], 0).Expand();
        var plaintext = new double[context.PolynomialLength];
        Assert.Throws<ArgumentException>(() => ProductAccumulator.MultiplyAccumulate(plaintext, [foreign], [sum]));
        Assert.Throws<ArgumentException>(() => ProductAccumulator.MultiplyAccumulate(plaintext, [foreign], []));
        Assert.Throws<ArgumentException>(() => ProductAccumulator.MultiplyAccumulate(plaintext.AsSpan(1), [foreign], [sum]));
        var responder = new FunctionPrivateResponder(PublicKey.Generate(otherKey));
        Assert.Throws<ArgumentException>(() => responder.Respond(sum, 1, [0], 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FunctionPrivateResponder(PublicKey.Generate(key), 39));
        var own = new FunctionPrivateResponder(PublicKey.Generate(key));
        Assert.Throws<ArgumentOutOfRangeException>(() => own.Respond(sum, 1, [4096], 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => own.Respond(sum, 1, [-1], 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => own.Respond(sum, double.NaN, [0], 40));
        Assert.Throws<ArgumentOutOfRangeException>(() => own.Respond(sum, 1, [], 40));
        Assert.Throws<ArgumentException>(() => own.Respond(sum, 1e20, [0], 40));
        var answer = own.Respond(sum, 1, [0, 1], 40);
        Assert.Throws<ArgumentException>(() => new AnswerDecryptor(key).Decrypt(answer, [0], 10, new long[1]));
        Assert.Throws<ArgumentException>(() => new AnswerDecryptor(key).Decrypt(answer, [0, 1], 10, new long[1]));
        sum.Dispose();
        Assert.Throws<ObjectDisposedException>(() => own.Respond(sum, 1, [0], 40));
        using var ciphertext = new SymmetricEncryptor(key).Encrypt([1], 0).Expand();
        using var live = new ProductAccumulator(context);
        ciphertext.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ProductAccumulator.MultiplyAccumulate(plaintext, [ciphertext], [live]));
    }

    /// <summary>
    /// Candidates of 0/1 rows against values within ±<paramref name="largest"/>, ⟨candidate j⟩ at coefficient (j+1)·rowsPerBlock-1: the
    /// first candidate has all rows, and they all have the largest value in one half of the instances; the last has none.
    /// </summary>
    private static (long[] Expected, int[] Positions, ProductAccumulator Sum) Accumulate(
        LatticeContext context,
        SecretKey key,
        int candidates,
        int blocks,
        long largest,
        int scaleBits,
        TestVectors vectors)
    {
        var degree = context.Parameters.Degree;
        var rowsPerBlock = degree / candidates;
        var encryptor = new SymmetricEncryptor(key);
        var expected = new long[candidates];
        var sum = new ProductAccumulator(context);
        var plaintext = context.AllocatePolynomial();
        var extreme = (vectors.Next() & 1) == 0;
        for (var block = 0; block < blocks; block++)
        {
            var values = new long[rowsPerBlock];
            for (var i = 0; i < rowsPerBlock; i++)
                values[i] = extreme ? -largest : vectors.Within(largest);
            var bits = new double[degree];
            for (var j = 0; j < candidates; j++)
            {
                for (var i = 0; i < rowsPerBlock; i++)
                {
                    var chosen = j == 0 || ((candidates == 1 || j < candidates - 1) && (vectors.Next() & 1) != 0);
                    if (!chosen)
                        continue;
                    bits[j * rowsPerBlock + rowsPerBlock - 1 - i] = 1;
                    expected[j] += values[i];
                }
            }

            using var ciphertext = encryptor.Encrypt(values, scaleBits).Expand();
            context.TransformSmall(bits, plaintext.Span);
            ProductAccumulator.MultiplyAccumulate(plaintext.Span, [ciphertext], [sum]);
        }

        return (expected, [.. Enumerable.Range(0, candidates).Select(j => j * rowsPerBlock + rowsPerBlock - 1)], sum);
    }
}
