using System.Numerics;
using FedLab.Lattice.Encoding;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests.Evaluation;

/// <summary>The kernels of CKKS against big integers, every path the same bits, at the extremes of their stated ranges.</summary>
public unsafe class ModularKernelTests
{
    private const int Count = 512;

    private delegate void Kernel(RingKernels kernels, double*[] inputs, double*[] outputs);

    public static TheoryData<int> PrimeBits => [50, 49, 35, 25, 20];

    [Theory]
    [MemberData(nameof(PrimeBits))]
    public void Pointwise_arithmetic_is_canonical_and_exact(int bits)
    {
        var prime = NttPrimes.Largest(2048, 1, bits)[0];
        double p = prime, inverse = 1.0 / prime;
        var vectors = new TestVectors(21);
        var x = Canonical(vectors, prime);
        var y = Canonical(vectors, prime);
        var signed = Within(vectors, prime - 1);
        var other = Within(vectors, prime - 1);
        var balanced = Within(vectors, prime / 2);
        foreach (var factor in new[] { 1.0, -1.0, prime / 2, -(double)(prime / 2), 12345 })
        {
            Check(prime, [signed], (k, i, o) => k.ScaleModular(p, inverse, i[0], factor, o[0], Count), v => [v[0] * (BigInteger)factor]);
            Check(prime, [x, signed], (k, i, o) => k.AddScaled(p, inverse, i[0], i[1], factor, o[0], Count), v => [v[0] + (v[1] * (BigInteger)factor)]);
            Check(prime, [signed, other], (k, i, o) => k.SubtractScaled(p, inverse, i[0], i[1], factor, o[0], Count), v => [(v[0] - v[1]) * (BigInteger)factor]);
        }

        foreach (var constant in new[] { 0.0, 1, p - 1 })
            Check(prime, [x], (k, i, o) => k.AddConstant(p, i[0], constant, o[0], Count), v => [v[0] + (BigInteger)constant]);
        Check(prime, [signed], (k, i, o) => k.Canonicalise(p, i[0], o[0], Count), v => [v[0]]);
        Check(prime, [x, y], (k, i, o) => k.AddModular(p, i[0], i[1], o[0], Count), v => [v[0] + v[1]]);
        Check(prime, [x, y], (k, i, o) => k.SubtractModular(p, i[0], i[1], o[0], Count), v => [v[0] - v[1]]);
        Check(prime, [signed, other], (k, i, o) => k.MultiplyModular(p, inverse, i[0], i[1], o[0], Count), v => [v[0] * v[1]]);
        Check(prime, [signed, other, balanced], (k, i, o) => k.MultiplyAddModular(p, inverse, i[0], i[1], i[2], o[0], Count), v => [v[0] + (v[1] * v[2])]);
        Check(
            prime,
            [x, signed, y, other],
            (k, i, o) => k.Tensor(p, inverse, i[0], i[1], i[2], i[3], o[0], o[1], o[2], Count),
            v => [v[0] * v[2], (v[0] * v[3]) + (v[1] * v[2]), v[1] * v[3]]);
    }

    [Theory]
    [MemberData(nameof(PrimeBits))]
    public void An_inner_product_is_exact_over_every_group(int bits)
    {
        var prime = NttPrimes.Largest(2048, 1, bits)[0];
        var vectors = new TestVectors(26);
        var factors = Enumerable.Range(0, 4).SelectMany(_ => Within(vectors, prime / 2)).ToArray();
        var pairs = Enumerable.Range(0, 8).SelectMany(_ => Within(vectors, prime - 1)).ToArray();
        var start = Within(vectors, prime / 2);
        foreach (var (pairCount, accumulate, reduce) in new[] { (1, false, true), (3, true, false), (4, true, true), (4, false, false) })
        {
            double[]? first = null;
            foreach (var path in VectorPaths.Supported)
            {
                var sums = start.Concat(start).ToArray();
                fixed (double* f = factors, ab = pairs, sum = sums)
                    RingKernels.For(path).InnerProduct(prime, 1.0 / prime, f, ab, 2 * Count, Count, pairCount, sum, sum + Count, Count, accumulate, reduce);
                for (var i = 0; i < 2 * Count; i++)
                {
                    var expected = accumulate ? new BigInteger(start[i % Count]) : 0;
                    for (var k = 0; k < pairCount; k++)
                        expected += new BigInteger(factors[(k * Count) + (i % Count)]) * new BigInteger(pairs[(2 * k * Count) + i]);
                    Assert.True(((expected - new BigInteger(sums[i])) % prime).IsZero);
                    Assert.True(Math.Abs(sums[i]) <= (reduce ? prime / 2 + 1 : (0.5 + (0.75 * pairCount)) * prime));
                }

                first ??= sums;
                TransformTests.AssertSameBits(first, sums);
            }
        }
    }

    [Theory]
    [MemberData(nameof(PrimeBits))]
    public void Centred_residues_are_exactly_those_of_least_magnitude(int bits)
    {
        var prime = NttPrimes.Largest(2048, 1, bits)[0];
        var half = (double)(prime / 2);
        var values = Within(new TestVectors(22), prime / 2);
        (values[0], values[1], values[2], values[3]) = (half, -half, half + 1, -half - 1);
        foreach (var path in VectorPaths.Supported)
        {
            var result = new double[Count];
            fixed (double* source = values, target = result)
                RingKernels.For(path).Centre(prime, source, target, Count);
            for (var i = 0; i < Count; i++)
                Assert.Equal((double)CkksOracle.Centred(new BigInteger(values[i]), prime), result[i]);
        }
    }

    [Theory]
    [MemberData(nameof(PrimeBits))]
    public void Coefficients_are_split_and_reduced_exactly(int bits)
    {
        var prime = NttPrimes.Largest(2048, 1, bits)[0];
        var vectors = new TestVectors(23);
        var values = new double[Count];
        for (var i = 0; i < Count; i++)
            values[i] = Math.ScaleB(vectors.Within(1L << 53), vectors.Below(90) - 45);
        values[0] = Math.ScaleB(1, 98) * (1 - Math.ScaleB(1, -53));
        values[1] = -values[0];
        values[2] = 0.5;
        values[3] = 1.5;
        var factor = NttPrimes.Power(2, 48, prime);
        var balanced = factor > prime / 2 ? -(double)(prime - factor) : factor;
        double[]? first = null;
        foreach (var path in VectorPaths.Supported)
        {
            double[] high = new double[Count], low = new double[Count], result = new double[Count];
            double largest;
            fixed (double* v = values, h = high, l = low, r = result)
            {
                largest = RingKernels.For(path).SplitScaled(1, v, h, l, Count);
                RingKernels.For(path).ReduceSplit(prime, 1.0 / prime, h, l, balanced, r, Count);
            }

            Assert.Equal(values[0], largest);
            for (var i = 0; i < Count; i++)
            {
                var expected = new BigInteger(Math.Round(values[i]));
                Assert.Equal(expected, (new BigInteger(high[i]) << 48) + new BigInteger(low[i]));
                Assert.Equal(TestVectors.Canonical(result[i], prime), (ulong)CkksOracle.Canonical(expected, prime));
                Assert.InRange(Math.Abs(result[i]), 0, prime / 2 + 1);
            }

            first ??= result;
            TransformTests.AssertSameBits(first, result);
            foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            {
                var broken = (double[])values.Clone();
                broken[300] = bad;
                fixed (double* v = broken, h = high, l = low)
                    Assert.True(double.IsNaN(RingKernels.For(path).SplitScaled(1, v, h, l, Count)));
            }
        }
    }

    [Theory]
    [InlineData(new[] { 50, 50, 50 })]
    [InlineData(new[] { 50, 30, 45, 22 })]
    [InlineData(new[] { 22, 50 })]
    public void Mixed_radix_digits_compose_the_integer_of_least_magnitude(int[] bits)
    {
        var primes = bits.Select((size, index) => NttPrimes.Largest(2048, index + 1, size)[index]).ToArray();
        var modulus = primes.Aggregate(BigInteger.One, (product, prime) => product * prime);
        var vectors = new TestVectors(24);
        var values = new BigInteger[Count];
        for (var i = 0; i < Count; i++)
        {
            var bytes = new byte[32];
            for (var j = 0; j < bytes.Length; j++)
                bytes[j] = (byte)vectors.Next();
            values[i] = CkksOracle.Centred(new BigInteger(bytes) >> vectors.Below(250), modulus);
        }

        (values[0], values[1], values[2]) = ((modulus - 1) / 2, -((modulus - 1) / 2), -1);
        double[]? first = null;
        foreach (var path in VectorPaths.Supported)
        {
            var kernels = RingKernels.For(path);
            var digits = new double[primes.Length * Count];
            var result = new double[Count];
            var moduli = primes.Select(prime => (double)prime).ToArray();
            for (var i = 0; i < primes.Length; i++)
            {
                for (var j = 0; j < Count; j++)
                    digits[(i * Count) + j] = (double)CkksOracle.Centred(values[j], primes[i]);
                var inverses = new double[primes.Length];
                for (var k = 0; k < i; k++)
                {
                    var inverse = NttPrimes.Inverse(primes[k] % primes[i], primes[i]);
                    inverses[k] = (double)CkksOracle.Centred(inverse, primes[i]);
                }

                fixed (double* rows = digits, factors = inverses)
                    kernels.MixedRadixDigit(primes[i], 1.0 / primes[i], rows, Count, factors, i, Count);
            }

            fixed (double* rows = digits, m = moduli, r = result)
                kernels.EvaluateMixedRadix(rows, Count, m, primes.Length, r, Count);
            for (var j = 0; j < Count; j++)
                Assert.True(Math.Abs(result[j] - (double)values[j]) <= Math.ScaleB(Math.Abs((double)values[j]), -50));
            first ??= result;
            TransformTests.AssertSameBits(first, result);
        }
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(4096)]
    [InlineData(32768)]
    public void The_complex_transform_is_its_inverse_and_the_same_on_every_path(int degree)
    {
        var table = new EmbeddingTable(degree);
        var vectors = new TestVectors(25);
        var input = new double[degree];
        for (var i = 0; i < degree; i++)
            input[i] = Math.ScaleB(vectors.Within(1L << 52), -52);
        double[]? first = null, back = null;
        foreach (var path in VectorPaths.Supported)
        {
            var kernels = RingKernels.For(path);
            var values = (double[])input.Clone();
            fixed (double* v = values)
                kernels.Embed(table, v, v + (degree / 2));
            first ??= (double[])values.Clone();
            TransformTests.AssertSameBits(first, values);
            fixed (double* v = values)
                kernels.Unembed(table, v, v + (degree / 2));
            for (var i = 0; i < degree; i++)
                Assert.Equal(input[i], values[i] * 2 / degree, 1e-14);
            back ??= values;
            TransformTests.AssertSameBits(back, values);
        }
    }

    private static void Check(ulong prime, double[][] inputs, Kernel kernel, Func<BigInteger[], BigInteger[]> expected)
    {
        double[][]? first = null;
        foreach (var path in VectorPaths.Supported)
        {
            double[][] results = [new double[Count], new double[Count], new double[Count]];
            fixed (double* i0 = inputs[0], i1 = inputs[^1], i2 = inputs[inputs.Length > 2 ? 2 : 0], middle = inputs[inputs.Length > 1 ? 1 : 0])
            fixed (double* o0 = results[0], o1 = results[1], o2 = results[2])
                kernel(RingKernels.For(path), [i0, middle, i2, i1], [o0, o1, o2]);
            for (var j = 0; j < Count; j++)
            {
                var wanted = expected([.. inputs.Select(input => new BigInteger(input[j]))]);
                for (var o = 0; o < wanted.Length; o++)
                {
                    Assert.Equal((double)CkksOracle.Canonical(wanted[o], prime), results[o][j]);
                    Assert.False(double.IsNegative(results[o][j]));
                }
            }

            first ??= results;
            for (var o = 0; o < results.Length; o++)
                TransformTests.AssertSameBits(first[o], results[o]);
        }
    }

    private static double[] Canonical(TestVectors vectors, ulong prime)
    {
        var values = vectors.Residues(Count, prime);
        (values[0], values[1], values[2], values[3]) = (0, prime - 1, prime - 1, 0);
        return values;
    }

    private static double[] Within(TestVectors vectors, ulong bound)
    {
        var values = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            values[i] = (i % 8) switch
            {
                0 => bound,
                1 => -(double)bound,
                2 => 0,
                3 => -1,
                _ => vectors.Within((long)bound),
            };
        }

        return values;
    }
}
