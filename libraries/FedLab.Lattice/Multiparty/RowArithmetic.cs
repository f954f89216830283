using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>What shares are made of: fresh small polynomials in evaluation form, and sums of rows.</summary>
internal static unsafe class RowArithmetic
{
    /// <summary>A fresh error, the same integers modulo each of the first primes, in evaluation form; <paramref name="scratch"/> holds the secret coefficients after.</summary>
    public static void FreshError(LatticeContext context, KeyedStream stream, Span<double> scratch, Span<double> rows)
    {
        GaussianSampler.Fill(stream, scratch);
        Transform(context, scratch, rows);
    }

    /// <summary>A fresh uniform ternary polynomial, as <see cref="FreshError"/>.</summary>
    public static void FreshTernary(LatticeContext context, KeyedStream stream, Span<double> scratch, Span<double> rows)
    {
        TernarySampler.Fill(stream, scratch);
        Transform(context, scratch, rows);
    }

    /// <summary>A fresh flood uniform on [-2^widthBits, 2^widthBits), as <see cref="FreshError"/> with two rows of scratch.</summary>
    public static void FreshFlood(LatticeContext context, KeyedStream stream, int widthBits, Span<double> high, Span<double> low, Span<double> rows)
    {
        WideFloodSampler.Fill(context, stream, widthBits, rows.Length / context.Degree, high, low, rows);
        fixed (double* values = rows)
        {
            for (var i = 0; i < rows.Length / context.Degree; i++)
                context.Kernels.Forward(context.Tables[i], values + ((long)i * context.Degree), values + ((long)i * context.Degree));
        }
    }

    /// <summary>Balanced rows to [0, p).</summary>
    public static void Canonicalise(LatticeContext context, Span<double> rows)
    {
        fixed (double* values = rows)
        {
            for (var i = 0; i < rows.Length / context.Degree; i++)
            {
                var row = values + ((long)i * context.Degree);
                context.Kernels.Canonicalise(context.Tables[i].Modulus, row, row, context.Degree);
            }
        }
    }

    /// <summary><c>sum += addend</c> modulo each of the first primes, all in [0, p); rows of any multiple of 8.</summary>
    public static void Add(LatticeContext context, int values, ReadOnlySpan<double> addend, Span<double> sum)
    {
        fixed (double* left = addend, right = sum)
        {
            for (var (row, start) = (0, 0); start < sum.Length; row++, start += values)
                context.Kernels.AddModular(context.Tables[row].Modulus, left + start, right + start, right + start, values);
        }
    }

    /// <summary><c>b = e - a·s</c> over as many primes as <paramref name="b"/> has rows: e is there, balanced, and b comes out in [0, p).</summary>
    public static void SubtractProduct(LatticeContext context, ReadOnlySpan<double> a, ReadOnlySpan<double> secret, Span<double> b)
    {
        fixed (double* left = a, right = secret, target = b)
        {
            for (var i = 0; i < b.Length / context.Degree; i++)
            {
                var row = (long)i * context.Degree;
                context.Kernels.SubtractProduct(context.Tables[i].Modulus, context.Tables[i].Inverse, target + row, left + row, right + row, target + row, context.Degree);
            }
        }
    }

    /// <summary><c>b = e + a·s</c>, as <see cref="SubtractProduct"/>.</summary>
    public static void AddProduct(LatticeContext context, ReadOnlySpan<double> a, ReadOnlySpan<double> secret, Span<double> b)
    {
        fixed (double* left = a, right = secret, target = b)
        {
            for (var i = 0; i < b.Length / context.Degree; i++)
            {
                var row = (long)i * context.Degree;
                context.Kernels.MultiplyAddModular(context.Tables[i].Modulus, context.Tables[i].Inverse, target + row, left + row, right + row, target + row, context.Degree);
            }
        }
    }

    private static void Transform(LatticeContext context, Span<double> coefficients, Span<double> rows)
    {
        fixed (double* source = coefficients, values = rows)
        {
            for (var i = 0; i < rows.Length / context.Degree; i++)
                context.Kernels.Forward(context.Tables[i], source, values + ((long)i * context.Degree));
        }
    }
}
