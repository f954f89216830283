using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

public unsafe class TransformTests
{
    public static TheoryData<int, int> DegreesAndPrimeBits => new()
    {
        { 2048, 50 }, { 4096, 50 }, { 8192, 50 }, { 16384, 50 }, { 32768, 50 }, { 2048, 20 }, { 4096, 35 }, { 8192, 41 }, { 32768, 21 },
    };

    [Theory]
    [MemberData(nameof(DegreesAndPrimeBits))]
    public void Forward_evaluates_at_the_documented_roots_on_every_path(int degree, int bits)
    {
        var prime = NttPrimes.Largest(degree, 1, bits)[0];
        var table = new TransformTable(degree, prime);
        var vectors = new TestVectors(1);
        var coefficients = vectors.Residues(degree, prime);
        var root = NttPrimes.LeastPrimitiveRoot(degree, prime);
        var logDegree = int.Log2(degree);
        foreach (var path in VectorPaths.Supported)
        {
            var evaluation = Forward(table, path, coefficients);
            Assert.All(evaluation, value => Assert.True(Math.Abs(value) <= prime / 2 + 1 && value == Math.Round(value)));
            foreach (var r in new[] { 0, 1, 2, 7, 8, 63, 64, 65, degree / 2, degree - 1, vectors.Below(degree) })
            {
                var point = NttPrimes.Power(root, 2 * (ulong)TransformTable.ReverseBits(r, logDegree) + 1, prime);
                ulong expected = 0;
                for (var i = degree - 1; i >= 0; i--)
                    expected = (NttPrimes.Multiply(expected, point, prime) + (ulong)coefficients[i]) % prime;
                Assert.Equal(expected, TestVectors.Canonical(evaluation[TransformTable.PositionOf(r)], prime));
            }
        }
    }

    [Theory]
    [MemberData(nameof(DegreesAndPrimeBits))]
    public void Every_path_gives_the_same_bits_and_the_inverse_returns_the_input_even_at_the_extremes(int degree, int bits)
    {
        var prime = NttPrimes.Largest(degree, 1, bits)[0];
        var table = new TransformTable(degree, prime);
        var extremes = new TestVectors(3);
        var inputs = new[]
        {
            new TestVectors(2).Residues(degree, prime),
            Enumerable.Repeat((double)(prime - 1), degree).ToArray(),
            Enumerable.Repeat(-(double)(prime - 1), degree).ToArray(),
            Enumerable.Range(0, degree).Select(_ => (extremes.Next() & 1) == 0 ? (double)prime - 1 : 1.0 - prime).ToArray(),
        };
        foreach (var input in inputs)
        {
            double[]? firstForward = null, firstInverse = null;
            foreach (var path in VectorPaths.Supported)
            {
                var forward = Forward(table, path, input);
                var back = Inverse(table, path, forward);
                for (var i = 0; i < degree; i++)
                    Assert.Equal(TestVectors.Canonical(input[i], prime), TestVectors.Canonical(back[i], prime));

                // The inverse of arbitrary extreme evaluations stresses its sums more than the inverse of a forward transform.
                var inverse = Inverse(table, path, input);
                Assert.All(inverse, value => Assert.True(Math.Abs(value) <= prime / 2 + 1));
                firstForward ??= forward;
                firstInverse ??= inverse;
                AssertSameBits(firstForward, forward);
                AssertSameBits(firstInverse, inverse);
                var again = Forward(table, path, inverse);
                for (var i = 0; i < degree; i++)
                    Assert.Equal(TestVectors.Canonical(input[i], prime), TestVectors.Canonical(again[i], prime));
            }
        }
    }

    [Theory]
    [InlineData(2048, 50)]
    [InlineData(4096, 50)]
    [InlineData(4096, 30)]
    public void The_product_of_evaluations_is_the_negacyclic_schoolbook_product(int degree, int bits)
    {
        var prime = NttPrimes.Largest(degree, 1, bits)[0];
        var table = new TransformTable(degree, prime);
        var vectors = new TestVectors(4);
        var left = vectors.Residues(degree, prime);
        var right = vectors.Residues(degree, prime);
        var expected = Schoolbook(left, right, prime);
        foreach (var path in VectorPaths.Supported)
        {
            var product = new double[2 * degree];
            var a = Forward(table, path, left);
            var b = Forward(table, path, right);
            fixed (double* x = a, y = b, sum = product)
                RingKernels.For(path).MultiplyAccumulate(table.Modulus, table.Inverse, x, y, y, sum, sum + degree, degree, reduce: true);
            var actual = Inverse(table, path, product[..degree]);
            for (var i = 0; i < degree; i++)
                Assert.Equal(expected[i], TestVectors.Canonical(actual[i], prime));
            AssertSameBits(product.AsSpan(0, degree), product.AsSpan(degree));
        }
    }

    internal static ulong[] Schoolbook(double[] left, double[] right, ulong prime)
    {
        var degree = left.Length;
        var result = new ulong[degree];
        for (var i = 0; i < degree; i++)
        {
            // At most 2^15 products below 2^100 fit 128 bits; the wrapped ones are subtracted once at the end.
            UInt128 positive = 0, negative = 0;
            for (var j = 0; j <= i; j++)
                positive += (UInt128)(ulong)left[j] * (ulong)right[i - j];
            for (var j = i + 1; j < degree; j++)
                negative += (UInt128)(ulong)left[j] * (ulong)right[degree + i - j];
            result[i] = (ulong)((positive % prime + prime - negative % prime) % prime);
        }

        return result;
    }

    private static double[] Forward(TransformTable table, VectorPath path, double[] coefficients)
    {
        var evaluation = new double[coefficients.Length];
        fixed (double* source = coefficients, destination = evaluation)
            RingKernels.For(path).Forward(table, source, destination);
        return evaluation;
    }

    private static double[] Inverse(TransformTable table, VectorPath path, double[] evaluation)
    {
        var coefficients = (double[])evaluation.Clone();
        fixed (double* values = coefficients)
            RingKernels.For(path).Inverse(table, values);
        return coefficients;
    }

    internal static void AssertSameBits(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected[i]), BitConverter.DoubleToInt64Bits(actual[i]));
    }
}
