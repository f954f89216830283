using System.Numerics;
using FedLab.Lattice.Ring;
using FsCheck.Fluent;

namespace FedLab.Lattice.Tests;

/// <summary>c0 of an answer by additions alone: the same residues as the product has, modulo every prime.</summary>
public sealed class SubsetSumTests
{
    private const int Degree = 4096;
    private const int Codes = 7;

    private static readonly LatticeContext Context = new(LatticeParameters.Create(Degree, 2, 50));

    [Fact]
    public void Integers_reduce_to_the_residues_that_big_integers_have()
    {
        ulong[] primes = [.. Context.Parameters.Primes, NttPrimes.Largest(2048, 1, 36)[0], 17];
        Prop.ForAll(ArbMap.Default.ArbFor<long>(), value =>
        {
            // Every size up to the bound, both signs, and the neighbours of the multiples of the prime.
            foreach (var prime in primes)
            {
                var reduction = new IntegerReduction(prime);
                long multiple = (long)((ulong)Math.Abs(value % IntegerReduction.Bound) / prime * prime);
                foreach (var x in (long[])[value % IntegerReduction.Bound, value >> 40, multiple, multiple - 1, -multiple, -multiple + 1, IntegerReduction.Bound, -IntegerReduction.Bound])
                {
                    var expected = (long)(((BigInteger)x % prime + prime) % prime);
                    if (reduction.Reduce(x) != expected) return false;
                }
            }
            return true;
        }).Search();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 2)]
    [InlineData(8, 64)]
    public void Sums_by_code_give_the_c0_of_every_candidate_of_a_group(int messages, int segments)
    {
        using var key = SecretKey.Generate(Context, messages);
        var rowsPerBlock = Degree / segments;
        const int blocks = 2;
        var random = new TestVectors((ulong)segments);
        var candidates = Enumerable.Range(0, segments).Select(_ => (Codes: RandomCodes(random, blocks * rowsPerBlock), Left: Enumerable.Range(0, Codes).Select(_ => random.Below(2) == 0).ToArray())).ToArray();
        using var product = new ProductAccumulator(Context, messages);
        var histograms = candidates.Select(_ => Enumerable.Range(0, segments).Select(_ => new CoefficientHistogram(Context, messages, Codes)).ToArray()).ToArray();
        var plaintext = new double[Context.PolynomialLength];
        for (var block = 0; block < blocks; block++)
        {
            var sent = new SymmetricEncryptor(key).EncryptTogether([.. Enumerable.Range(0, messages).Select(_ => new ReadOnlyMemory<long>([1, 2, 3]))], 20);
            using var whole = sent.Expand();
            using var scan = sent.ExpandForScan();
            Assert.Equal(whole.Second.ToArray(), scan.Mask.Second.ToArray());
            var bits = new double[Degree];
            for (var j = 0; j < segments; j++)
            {
                var codes = candidates[j].Codes.AsSpan(block * rowsPerBlock, rowsPerBlock);
                for (var row = 0; row < rowsPerBlock; row++) bits[j * rowsPerBlock + rowsPerBlock - 1 - row] = candidates[j].Left[codes[row]] ? 1 : 0;
                for (var segment = 0; segment < segments; segment++) histograms[j][segment].Add(scan, segment * rowsPerBlock, codes);
            }
            Context.TransformSmall(bits, plaintext);
            ProductAccumulator.MultiplyAccumulate(plaintext, [whole], [product]);
        }

        var coefficients = product.CopyCoefficients();
        var sums = new long[messages * Context.Tables.Length];
        for (var j = 0; j < segments; j++)
        {
            var answer = new BigInteger[sums.Length];
            for (var i = 0; i < segments; i++)
            {
                histograms[i][i <= j ? j - i : segments + j - i].Select(candidates[i].Left, sums);
                for (var word = 0; word < sums.Length; word++) answer[word] += i <= j ? sums[word] : -sums[word];
            }
            for (var word = 0; word < sums.Length; word++)
            {
                var prime = Context.Tables[word % Context.Tables.Length].Prime;
                var expected = coefficients[(word * Degree) + ((j + 1) * rowsPerBlock) - 1];
                Assert.Equal(TestVectors.Canonical(expected, prime), (ulong)((answer[word] % prime + prime) % prime));
            }
        }
    }

    [Fact]
    public void Re_randomisation_at_one_coefficient_is_that_coefficient_of_the_ring_product()
    {
        using var key = SecretKey.Generate(Context, 2);
        var publicKey = PublicKey.Generate(key);
        var responder = new FunctionPrivateResponder(publicKey);
        var random = new TestVectors(5);
        long[] ternary = [.. Enumerable.Range(0, Degree).Select(_ => random.Within(1))];
        foreach (var (message, prime) in ((int, int)[])[(0, 0), (0, 1), (1, 0), (1, 1)])
        {
            var b = publicKey.B.Slice((message * Context.PolynomialLength) + (prime * Degree), Degree).ToArray();
            var whole = new double[Context.PolynomialLength];
            b.CopyTo(whole, prime * Degree);
            Context.Inverse(whole);
            var coefficients = whole.AsSpan(prime * Degree, Degree);
            foreach (var position in (int[])[0, 1, 63, 1023, 2048, Degree - 1])
            {
                BigInteger expected = 0;
                for (var i = 0; i < Degree; i++) expected += ternary[i] * (i <= position ? (BigInteger)coefficients[position - i] : -(BigInteger)coefficients[Degree + position - i]);
                var modulus = Context.Tables[prime].Prime;
                Assert.Equal((long)((expected % modulus + modulus) % modulus), responder.KeyTimesTernary(message, prime, position, ternary));
            }
        }
    }

    [Fact]
    public void What_does_not_fit_the_histogram_is_refused()
    {
        using var key = SecretKey.Generate(Context, 2);
        using var scan = new SymmetricEncryptor(key).EncryptTogether([new long[1], new long[1]], 20).ExpandForScan();
        var histogram = new CoefficientHistogram(Context, 2, Codes);

        Assert.Throws<ArgumentException>(() => histogram.Add(scan, 0, [0, Codes]));
        Assert.Throws<ArgumentException>(() => histogram.Add(scan, Degree - 1, [0, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => histogram.Add(scan, -1, [0]));
        Assert.Throws<ArgumentException>(() => new CoefficientHistogram(Context, 1, Codes).Add(scan, 0, [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CoefficientHistogram(Context, 2, 257));
        Assert.Throws<ArgumentException>(() => histogram.Select(new bool[Codes + 1], new long[4]));
        Assert.Throws<ArgumentException>(() => histogram.Select(new bool[Codes], new long[3]));
        using var mask = new ProductAccumulator(Context, messages: 0);
        Assert.Throws<ArgumentException>(() => new FunctionPrivateResponder(PublicKey.Generate(key)).Respond(mask, 2, new long[3], 1, [0], 40));
        scan.Dispose();
        Assert.Throws<ObjectDisposedException>(() => histogram.Add(scan, 0, [0]));
    }

    private static byte[] RandomCodes(TestVectors random, int rows) => [.. Enumerable.Range(0, rows).Select(_ => (byte)random.Below(Codes))];
}
