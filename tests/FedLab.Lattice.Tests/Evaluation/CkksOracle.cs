using System.Numerics;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests.Evaluation;

/// <summary>Plain references: big integers modulo X^N + 1, and white-box access to what the buffers hold.</summary>
internal static class CkksOracle
{
    /// <summary>Writes integer coefficients into a plaintext.</summary>
    public static unsafe void Write(CkksPlaintext target, BigInteger[] coefficients, int level, double scale)
    {
        target.Shape(level, scale);
        Write(target.Context, coefficients, target.Polynomial);
    }

    public static unsafe void Write(CkksContext context, BigInteger[] coefficients, Span<double> rows)
    {
        var degree = context.Degree;
        for (var i = 0; i < rows.Length / degree; i++)
        {
            var table = context.Tables[i];
            var row = rows.Slice(i * degree, degree);
            for (var j = 0; j < degree; j++)
                row[j] = (double)Canonical(coefficients[j], table.Prime);
            fixed (double* values = row)
            {
                context.Kernels.Forward(table, values, values);
                context.Kernels.Canonicalise(table.Modulus, values, values, degree);
            }
        }
    }

    /// <summary>The integers of (-Q/2, Q/2] that rows in evaluation form stand for.</summary>
    public static unsafe BigInteger[] Read(CkksContext context, ReadOnlySpan<double> rows)
    {
        var degree = context.Degree;
        var level = rows.Length / degree - 1;
        var modulus = context.LevelModuli[level];
        var copy = rows.ToArray();
        var result = new BigInteger[degree];
        for (var i = 0; i <= level; i++)
        {
            var table = context.Tables[i];
            Assert.All(copy[(i * degree)..((i + 1) * degree)], value => Assert.True(value >= 0 && value < table.Modulus && value == Math.Floor(value)));
            var row = copy.AsSpan(i * degree, degree);
            fixed (double* values = row)
                context.Kernels.Inverse(table, values);
            var cofactor = modulus / table.Prime;
            var factor = cofactor * NttPrimes.Inverse((ulong)(cofactor % table.Prime), table.Prime);
            for (var j = 0; j < degree; j++)
                result[j] += new BigInteger(row[j]) * factor;
        }

        for (var j = 0; j < degree; j++)
            result[j] = Centred(result[j], modulus);
        return result;
    }

    public static BigInteger Centred(BigInteger value, BigInteger modulus)
    {
        value = Canonical(value, modulus);
        return value > modulus / 2 ? value - modulus : value;
    }

    public static BigInteger Canonical(BigInteger value, BigInteger modulus)
    {
        value %= modulus;
        return value.Sign < 0 ? value + modulus : value;
    }

    /// <summary>The product of a polynomial with one that has few terms, modulo X^N + 1.</summary>
    public static BigInteger[] MultiplySparse(BigInteger[] dense, IEnumerable<(int Power, BigInteger Factor)> terms)
    {
        var degree = dense.Length;
        var product = new BigInteger[degree];
        foreach (var (power, factor) in terms)
        {
            for (var i = 0; i < degree; i++)
            {
                var position = i + power;
                product[position % degree] += position >= degree ? -factor * dense[i] : factor * dense[i];
            }
        }

        return product;
    }

    public static BigInteger[] Small(TestVectors vectors, int degree, long bound)
    {
        var result = new BigInteger[degree];
        for (var i = 0; i < degree; i++)
            result[i] = vectors.Within(bound);
        return result;
    }

    public static double Distance(BigInteger[] expected, BigInteger[] actual) =>
        (double)expected.Zip(actual, (left, right) => BigInteger.Abs(left - right)).Max();
}
