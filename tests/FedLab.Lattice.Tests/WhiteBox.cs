using System.Numerics;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests;

/// <summary>What a key holder can compute with the key and unlimited curiosity; the product itself never decrypts whole ciphertexts.</summary>
internal static class WhiteBox
{
    /// <summary>c0 + c1·s as integers of (-Q/2, Q/2], from evaluation form.</summary>
    public static unsafe BigInteger[] Phase(SecretKey key, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var context = key.Context;
        var degree = context.Parameters.Degree;
        var phase = first.ToArray();
        var unused = new double[phase.Length];
        var factor = second.ToArray();
        using (key.Use())
        {
            fixed (double* sum = phase, ignored = unused, c1 = factor, s = key.Evaluation)
            {
                for (var i = 0; i < context.Tables.Length; i++)
                {
                    var table = context.Tables[i];
                    var row = i * degree;
                    context.Kernels.Reduce(table.Modulus, table.Inverse, c1 + row, c1 + row, degree);
                    context.Kernels.MultiplyAccumulate(table.Modulus, table.Inverse, s + row, c1 + row, c1 + row, sum + row, ignored + row, degree, reduce: true);
                }
            }
        }

        context.Inverse(phase);
        return Compose(context, phase);
    }

    public static BigInteger[] Compose(LatticeContext context, double[] coefficients)
    {
        var degree = context.Parameters.Degree;
        var residues = new double[context.Tables.Length];
        var result = new BigInteger[degree];
        for (var j = 0; j < degree; j++)
        {
            for (var i = 0; i < residues.Length; i++)
                residues[i] = coefficients[i * degree + j];
            result[j] = context.Compose(residues);
        }

        return result;
    }

    /// <summary>The secret as -1, 0, 1.</summary>
    public static long[] Secret(SecretKey key)
    {
        var degree = key.Context.Parameters.Degree;
        var secret = new long[degree];
        for (var i = 0; i < degree; i++)
            secret[i] = key.Rotations[degree - 1 - i];
        return secret;
    }

    /// <summary>Residue by residue quotient in evaluation form, canonical; a zero divisor gives zero.</summary>
    public static double[] Divide(LatticeContext context, ReadOnlySpan<double> dividend, ReadOnlySpan<double> divisor)
    {
        var degree = context.Parameters.Degree;
        var quotient = new double[dividend.Length];
        for (var i = 0; i < quotient.Length; i++)
        {
            var prime = context.Tables[i / degree].Prime;
            var inverse = NttPrimes.Inverse(TestVectors.Canonical(divisor[i], prime), prime);
            quotient[i] = NttPrimes.Multiply(TestVectors.Canonical(dividend[i], prime), inverse, prime);
        }

        return quotient;
    }
}
