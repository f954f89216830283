using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

/// <summary>The pointwise kernels against integer arithmetic, every path, at the extremes of their stated ranges.</summary>
public unsafe class KernelTests
{
    private const int Count = 1024;

    public static TheoryData<int> PrimeBits => [50, 49, 41, 30, 20];

    [Theory]
    [MemberData(nameof(PrimeBits))]
    public void Accumulated_products_are_exact_and_the_same_on_every_path(int bits)
    {
        var prime = NttPrimes.Largest(2048, 1, bits)[0];
        var vectors = new TestVectors(11);
        var plaintext = Extreme(vectors, (double)prime);
        var first = Extreme(vectors, (double)prime);
        var second = Extreme(vectors, (double)prime);
        var start = Extreme(vectors, Math.Floor(6.5 * prime));
        foreach (var reduce in new[] { false, true })
        {
            double[]? reference = null;
            foreach (var path in VectorPaths.Supported)
            {
                var sums = start.Concat(start).ToArray();
                fixed (double* w = plaintext, x = first, y = second, sum = sums)
                    RingKernels.For(path).MultiplyAccumulate(prime, 1.0 / prime, w, x, y, sum, sum + Count, Count, reduce);
                for (var i = 0; i < Count; i++)
                {
                    AssertCongruent(new BigInteger(start[i]) + new BigInteger(plaintext[i]) * new BigInteger(first[i]), sums[i], prime);
                    AssertCongruent(new BigInteger(start[i]) + new BigInteger(plaintext[i]) * new BigInteger(second[i]), sums[Count + i], prime);
                    Assert.True(Math.Abs(sums[i]) <= (reduce ? prime / 2 + 1 : Math.Abs(start[i]) + 0.75 * prime));
                }

                reference ??= sums;
                TransformTests.AssertSameBits(reference, sums);
            }
        }
    }

    [Theory]
    [MemberData(nameof(PrimeBits))]
    public void Reductions_take_any_53_bit_integer_to_its_residue(int bits)
    {
        var prime = NttPrimes.Largest(2048, 1, bits)[0];
        var values = Extreme(new TestVectors(12), 1L << 53);
        double[]? reference = null;
        foreach (var path in VectorPaths.Supported)
        {
            var balanced = new double[Count];
            fixed (double* source = values, target = balanced)
                RingKernels.For(path).Reduce(prime, 1.0 / prime, source, target, Count);

            for (var i = 0; i < Count; i++)
            {
                AssertCongruent(new BigInteger(values[i]), balanced[i], prime);
                Assert.InRange(Math.Abs(balanced[i]), 0, prime / 2 + 1);
            }

            reference ??= balanced;
            TransformTests.AssertSameBits(reference, balanced);
        }
    }

    [Theory]
    [MemberData(nameof(PrimeBits))]
    public void A_subtracted_product_is_canonical_and_exact(int bits)
    {
        var prime = NttPrimes.Largest(2048, 1, bits)[0];
        var vectors = new TestVectors(13);
        var minuend = Extreme(vectors, (double)prime);
        var left = Extreme(vectors, (double)prime);
        var right = Extreme(vectors, (double)prime);
        double[]? reference = null;
        foreach (var path in VectorPaths.Supported)
        {
            var result = new double[Count];
            fixed (double* m = minuend, a = left, b = right, r = result)
                RingKernels.For(path).SubtractProduct(prime, 1.0 / prime, m, a, b, r, Count);
            for (var i = 0; i < Count; i++)
            {
                AssertCongruent(new BigInteger(minuend[i]) - new BigInteger(left[i]) * new BigInteger(right[i]), result[i], prime);
                Assert.InRange(result[i], 0, prime - 1);
                Assert.False(double.IsNegative(result[i]));
            }

            reference ??= result;
            TransformTests.AssertSameBits(reference, result);
        }
    }

    [Theory]
    [InlineData(50, 2, 52)]
    [InlineData(50, 3, 52)]
    [InlineData(50, 2, 2)]
    [InlineData(35, 3, 40)]
    [InlineData(25, 8, 51)]
    public void The_modulus_switch_rounds_every_residue_of_Q_to_the_nearest_multiple(int primeBits, int primeCount, int powerBits)
    {
        var context = new LatticeContext(LatticeParameters.Create(8192, primeCount, primeBits));
        var modulus = context.Parameters.Modulus;
        var vectors = new TestVectors(14);
        var values = new BigInteger[Count];
        for (var i = 0; i < Count; i++)
        {
            var bytes = new byte[60];
            for (var j = 0; j < bytes.Length; j++)
                bytes[j] = (byte)vectors.Next();
            values[i] = i switch
            {
                0 => 0,
                1 => 1,
                2 => modulus - 1,
                3 => modulus / 2,
                4 => modulus / 2 + 1,
                _ => new BigInteger(bytes, isUnsigned: true) % modulus,
            };
        }

        double[]? reference = null;
        foreach (var path in VectorPaths.Supported)
        {
            double[] whole = new double[Count], fraction = new double[Count];
            var power = Math.ScaleB(1, powerBits);
            for (var p = 0; p < primeCount; p++)
            {
                var table = context.Tables[p];
                var residues = values.Select(value => (double)(value % table.Prime)).ToArray();
                fixed (double* r = residues, w = whole, f = fraction)
                    RingKernels.For(path).AddScaledToPowerOfTwo(table.Modulus, table.Inverse, r, context.CofactorInverses[p], power, w, f, Count);
            }

            fixed (double* w = whole, f = fraction)
                RingKernels.For(path).RoundToPowerOfTwo(power, w, f, Count);
            for (var i = 0; i < Count; i++)
            {
                // whole·Q - value·2^x, modulo Q·2^x, is the rounding error times Q: at most half of Q but for 2^-40.
                Assert.InRange(whole[i], 0, power - 1);
                var period = modulus << powerBits;
                var error = (new BigInteger(whole[i]) * modulus - (values[i] << powerBits)) % period;
                if (error > period / 2)
                    error -= period;
                if (error < -period / 2)
                    error += period;
                Assert.True(BigInteger.Abs(error) <= modulus / 2 + (modulus >> 40) + 1);
            }

            reference ??= whole;
            TransformTests.AssertSameBits(reference, whole);
        }
    }

    [Fact]
    public void Coefficients_that_are_not_small_integers_are_refused()
    {
        var context = new LatticeContext(LatticeParameters.Create(2048, 1, 50));
        var evaluation = new double[context.PolynomialLength];
        foreach (var bad in new[] { 0.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, LatticeContext.SmallBound, -LatticeContext.SmallBound, 1e300, 1e-300 })
        {
            foreach (var position in new[] { 0, 1, 1000, 2047 })
            {
                var coefficients = new double[2048];
                coefficients[position] = bad;
                foreach (var path in VectorPaths.Supported)
                    Assert.Throws<ArgumentException>(() => new LatticeContext(context.Parameters, path).TransformSmall(coefficients, evaluation));
            }
        }

        var largest = new double[2048];
        largest[5] = LatticeContext.SmallBound - 1;
        context.TransformSmall(largest, evaluation);
        Assert.Throws<ArgumentException>(() => context.TransformSmall(new double[2047], evaluation));
        Assert.Throws<ArgumentException>(() => context.TransformSmall(largest, new double[2047]));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(30)]
    public void Small_coefficients_are_transformed_modulo_every_prime_the_same_on_every_path(int primeBits)
    {
        var parameters = LatticeParameters.Create(4096, 2, primeBits);
        var vectors = new TestVectors(15);
        var coefficients = new double[4096];
        for (var i = 0; i < coefficients.Length; i++)
            coefficients[i] = vectors.Within((1L << 40) - 1);
        double[]? reference = null;
        foreach (var path in VectorPaths.Supported)
        {
            var context = new LatticeContext(parameters, path);
            var evaluation = new double[context.PolynomialLength];
            context.TransformSmall(coefficients, evaluation);
            reference ??= (double[])evaluation.Clone();
            TransformTests.AssertSameBits(reference, evaluation);
            context.Inverse(evaluation);
            for (var i = 0; i < coefficients.Length; i++)
                Assert.Equal(new BigInteger(coefficients[i]), context.Compose([evaluation[i], evaluation[4096 + i]]));
        }
    }

    [Fact]
    public void Lanes_are_eight_four_and_one()
    {
        // A machine without the wide paths would make the comparisons above hold trivially; say so where it happens.
        Assert.Equal(8, Lanes512.Count);
        Assert.Equal(4, Lanes256.Count);
        if (!VectorPaths.IsSupported(VectorPath.Vector256))
            Assert.Skip("This machine has no vector path to compare with the scalar one.");
        Assert.NotEqual(VectorPath.Scalar, VectorPaths.Best);
    }

    /// <summary>Random integers within ±bound, some exactly at the bounds and at zero.</summary>
    private static double[] Extreme(TestVectors vectors, double bound)
    {
        var values = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            values[i] = (i % 8) switch
            {
                0 => bound,
                1 => -bound,
                2 => 0,
                _ => vectors.Within((long)bound),
            };
        }

        return values;
    }

    private static void AssertCongruent(BigInteger expected, double actual, ulong prime) =>
        Assert.Equal(BigInteger.Zero, (expected - new BigInteger(actual)) % prime);
}
