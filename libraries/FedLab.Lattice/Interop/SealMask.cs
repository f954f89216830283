
namespace FedLab.Lattice.Interop;

/// <summary>Moves a fresh encryption to a mask that SEAL can expand from a seed.</summary>
/// <remarks>
/// (b, a) becomes (b - (a' - a)·s, a'), an encryption of the same with the same error. Whoever saw both would know s, so the
/// first must be fresh and is overwritten: never do this to a ciphertext or key that exists anywhere else.
/// </remarks>
internal static class SealMask
{
    /// <summary>Replaces a pair of polynomials over as many primes as they have rows, canonical before and after.</summary>
    public static unsafe void Replace(SecretKey key, SealSeed seed, Span<double> b, Span<double> a)
    {
        var context = key.Context;
        var degree = context.Degree;
        var fresh = context.Polynomials.Rent();
        seed.Expand(context, fresh.Span[..a.Length]);
        using (key.Use())
        {
            fixed (double* mask = fresh.Span, old = a, values = b, s = key.Evaluation)
            {
                for (var i = 0; i < a.Length; i++)
                    old[i] = mask[i] - old[i];
                for (var row = 0; row < a.Length / degree; row++)
                {
                    var table = context.Tables[row];
                    var start = (long)row * degree;
                    context.Kernels.SubtractProduct(table.Modulus, table.Inverse, values + start, old + start, s + start, values + start, degree);
                }
            }
        }

        fresh.Span[..a.Length].CopyTo(a);
        context.Polynomials.Return(fresh, wasSecret: false);
    }
}
