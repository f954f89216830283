using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>Takes single numbers out of ciphertexts, at no cost in noise and without keys. Stateless, thread-safe.</summary>
/// <remarks>
/// Coefficient t of c0 + c1·s is c0[t] + Σ_(j≤t) c1[t-j]·s_j - Σ_(j>t) c1[N+t-j]·s_j. Of the message m the values at all primitive roots ζ^e (e odd),
/// slots and conjugates, sum to N·m_0, since every other power of X sums to zero: the real part of the sum of the slots is N/2·m_0/scale.
/// </remarks>
/// <param name="context">The parameters.</param>
public sealed class LweExtraction(CkksContext context)
{
    private readonly CkksContext _context = context ?? throw new ArgumentNullException(nameof(context));

    /// <summary>Extracts one coefficient of the message polynomial.</summary>
    /// <param name="source">Two polynomials.</param>
    /// <param name="coefficient">0 to N - 1.</param>
    /// <param name="target">Takes the sample, at the ciphertext's level and scale.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit, or there is no such coefficient.</exception>
    public void Extract(CkksCiphertext source, int coefficient, LweSample target)
    {
        Check(source, target);
        Extract(source.Polynomial(0), source.Polynomial(1), coefficient, source.Level, source.Scale, target);
    }

    /// <summary>Extracts the real part of the sum of all slots: the constant coefficient, N/2 times smaller.</summary>
    /// <param name="source">Two polynomials.</param>
    /// <param name="target">Takes the sample, at the ciphertext's level and 2/N of its scale.</param>
    /// <exception cref="ArgumentException">Contexts or sizes do not fit.</exception>
    public void ExtractSum(CkksCiphertext source, LweSample target)
    {
        Check(source, target);
        Extract(source.Polynomial(0), source.Polynomial(1), 0, source.Level, source.Scale / _context.SlotCount, target);
    }

    /// <summary>From two polynomials in evaluation form, level + 1 rows each, residues within ±p: under CKKS or integer encoding.</summary>
    internal unsafe void Extract(ReadOnlySpan<double> first, ReadOnlySpan<double> second, int coefficient, int level, double scale, LweSample target)
    {
        var degree = _context.Degree;
        if ((uint)coefficient >= (uint)degree)
            throw new ArgumentOutOfRangeException(nameof(coefficient), coefficient, $"Coefficients are 0 to {degree - 1}.");
        target.Shape(level, scale);
        var row = _context.Lattice.Rows.Rent();
        fixed (double* values = row.Span, a = target.A)
        {
            for (var i = 0; i <= level; i++)
            {
                var table = _context.Tables[i];
                first.Slice(i * degree, degree).CopyTo(row.Span);
                _context.Kernels.Inverse(table, values);
                _context.Kernels.Canonicalise(table.Modulus, values, values, degree);
                target.B[i] = values[coefficient];
                second.Slice(i * degree, degree).CopyTo(row.Span);
                _context.Kernels.Inverse(table, values);
                _context.Kernels.Canonicalise(table.Modulus, values, values, degree);
                Reverse(values, coefficient, table, a + ((long)i * degree));
            }
        }

        _context.Lattice.Rows.Return(row, wasSecret: false);
    }

    private static unsafe void Reverse(double* values, int coefficient, TransformTable table, double* target)
    {
        for (var j = 0; j <= coefficient; j++)
            target[j] = values[coefficient - j];
        for (var j = coefficient + 1; j < table.Degree; j++)
        {
            var value = values[table.Degree + coefficient - j];
            target[j] = value == 0 ? 0 : table.Modulus - value;
        }
    }

    private void Check(CkksCiphertext source, LweSample target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Misuse.CheckContext(_context, source.Context, nameof(source));
        Misuse.CheckContext(_context, target.Context, nameof(target));
        Misuse.CheckSize(2, source.Size, "relinearise it first");
    }
}
