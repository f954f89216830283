using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Encryption;

/// <summary>The one formula of keys and symmetric ciphertexts: b = message + e - a·s with a expanded from a fresh seed.</summary>
/// <remarks>Constant time: a sampler without branches, then additions, transforms and products that are the same instructions for every message, error and secret.</remarks>
internal static class RlweSample
{
    /// <summary>
    /// Takes message coefficients (integers within ±2^52, every prime its residues) in <paramref name="polynomial"/> to canonical b in
    /// evaluation form under one of the key's secrets; the error is fresh and the mask must be. The message in the buffer is overwritten.
    /// </summary>
    public static unsafe void Complete(SecretKey key, int secret, Span<double> polynomial, ReadOnlySpan<double> uniform)
    {
        var context = key.Context;
        var degree = context.Degree;
        using var error = context.Rows.RentSecret();
        using (key.Use())
        {
            using (var stream = context.Streams.RentRandom())
                GaussianSampler.Fill(stream, error.Span);
            fixed (double* values = polynomial, errors = error.Span, a = uniform, s = key.Evaluation[(secret * context.PolynomialLength)..])
            {
                for (var i = 0; i < context.Tables.Length; i++)
                {
                    var table = context.Tables[i];
                    var row = (long)i * degree;
                    context.Kernels.Add(values + row, errors, degree);
                    context.Kernels.Reduce(table.Modulus, table.Inverse, values + row, values + row, degree);
                    context.Kernels.Forward(table, values + row, values + row);
                    context.Kernels.SubtractProduct(table.Modulus, table.Inverse, values + row, a + row, s + row, values + row, degree);
                }
            }
        }
    }
}
