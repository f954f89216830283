using System.Numerics;
using FedLab.Lattice.Encoding;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Evaluation;

/// <summary>Between slots and plaintext polynomials: m with m(ζ^(3^k)) = scale·slot_k, ζ = exp(iπ/N), coefficients rounded. Thread-safe.</summary>
/// <remarks>
/// Rounding moves a slot by at most about √(N/12)·4/scale. The time depends on the number of slots and primes only, not on
/// the values, but for the refusal of values that do not fit.
/// </remarks>
public sealed class CkksEncoder
{
    /// <summary>Largest coefficient that the exact conversion to residues takes: 2^98.</summary>
    private const double CoefficientBound = 316912650057057350374175801344.0;

    private const int HighBits = 48;

    private readonly CkksContext _context;
    private readonly EmbeddingTable _table;
    private readonly double[] _highFactors;
    private readonly double[] _moduli;
    private readonly double[] _inverses;

    /// <summary>Builds the roots of unity.</summary>
    /// <param name="context">The parameters.</param>
    public CkksEncoder(CkksContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _table = new EmbeddingTable(context.Degree);
        var primes = context.Lattice.Parameters.Primes;
        _highFactors = [.. primes.Select(prime => CkksContext.Balance(NttPrimes.Power(2, HighBits, prime), prime))];
        _moduli = [.. primes.Select(prime => (double)prime)];
        _inverses = new double[context.DataPrimes * context.DataPrimes];
        for (var i = 0; i < context.DataPrimes; i++)
        {
            for (var k = 0; k < i; k++)
                _inverses[(i * context.DataPrimes) + k] = context.InverseOf(k, i);
        }
    }

    /// <summary>Encodes real numbers.</summary>
    /// <param name="slots">Up to N/2 values; the slots that are not given are zero.</param>
    /// <param name="target">Takes the polynomial.</param>
    /// <param name="scale">Positive factor; about 2^30 to 2^50 keep seven to twelve decimal places.</param>
    /// <param name="level">Data primes of the plaintext, less one.</param>
    /// <exception cref="ArgumentException">There are too many values, one is not finite or too large for the level's modulus, or scale or level are out of range.</exception>
    public void Encode(ReadOnlySpan<double> slots, CkksPlaintext target, double scale, int level)
    {
        CheckTarget(slots.Length, target, scale, level);
        using var coefficients = _context.Lattice.Rows.RentSecret();
        coefficients.Span.Clear();
        var real = coefficients.Span;
        var positions = _table.Slots.AsSpan(0, slots.Length);
        for (var k = 0; k < positions.Length; k++)
            real[positions[k]] = slots[k];
        Encode(coefficients.Span, target, scale, level);
    }

    /// <summary>Encodes complex numbers.</summary>
    /// <param name="slots">Up to N/2 values; the slots that are not given are zero.</param>
    /// <param name="target">Takes the polynomial.</param>
    /// <param name="scale">Positive factor.</param>
    /// <param name="level">Data primes of the plaintext, less one.</param>
    /// <exception cref="ArgumentException">There are too many values, one is not finite or too large for the level's modulus, or scale or level are out of range.</exception>
    public void Encode(ReadOnlySpan<Complex> slots, CkksPlaintext target, double scale, int level)
    {
        CheckTarget(slots.Length, target, scale, level);
        using var coefficients = _context.Lattice.Rows.RentSecret();
        coefficients.Span.Clear();
        var real = coefficients.Span[.._table.Points];
        var imaginary = coefficients.Span[_table.Points..];
        var positions = _table.Slots.AsSpan(0, slots.Length);
        for (var k = 0; k < positions.Length; k++)
        {
            var slot = slots[k];
            real[positions[k]] = slot.Real;
            imaginary[positions[k]] = k % 2 == 0 ? slot.Imaginary : -slot.Imaginary;
        }

        Encode(coefficients.Span, target, scale, level);
    }

    /// <summary>Decodes the real parts of the first slots.</summary>
    /// <param name="plaintext">The polynomial; not changed.</param>
    /// <param name="slots">Takes up to N/2 values.</param>
    /// <exception cref="ArgumentException">The context differs or there are more than N/2 values.</exception>
    public void Decode(CkksPlaintext plaintext, Span<double> slots)
    {
        using var coefficients = Embed(plaintext, slots.Length);
        var real = coefficients.Span[.._table.Points];
        var positions = _table.Slots.AsSpan(0, slots.Length);
        for (var k = 0; k < positions.Length; k++)
            slots[k] = real[positions[k]] / plaintext.Scale;
    }

    /// <summary>Decodes the first slots.</summary>
    /// <param name="plaintext">The polynomial; not changed.</param>
    /// <param name="slots">Takes up to N/2 values.</param>
    /// <exception cref="ArgumentException">The context differs or there are more than N/2 values.</exception>
    public void Decode(CkksPlaintext plaintext, Span<Complex> slots)
    {
        using var coefficients = Embed(plaintext, slots.Length);
        var real = coefficients.Span[.._table.Points];
        var imaginary = coefficients.Span[_table.Points..];
        var positions = _table.Slots.AsSpan(0, slots.Length);
        for (var k = 0; k < positions.Length; k++)
        {
            var position = positions[k];
            slots[k] = new Complex(real[position] / plaintext.Scale, (k % 2 == 0 ? imaginary[position] : -imaginary[position]) / plaintext.Scale);
        }
    }

    /// <summary>The coefficients of a plaintext, each the double nearest to it but for 2^-50 of its size. <paramref name="coefficients"/> takes N.</summary>
    internal unsafe void Coefficients(CkksPlaintext plaintext, Span<double> coefficients)
    {
        var context = _context;
        var degree = context.Degree;
        using var digits = context.Polynomials(1).RentSecret();
        var rows = digits.Span[..((plaintext.Level + 1) * degree)];
        plaintext.Polynomial.CopyTo(rows);
        fixed (double* values = rows, moduli = _moduli, inverses = _inverses, result = coefficients)
        {
            for (var i = 0; i <= plaintext.Level; i++)
            {
                var table = context.Tables[i];
                context.Kernels.Inverse(table, values + ((long)i * degree));
                context.Kernels.MixedRadixDigit(table.Modulus, table.Inverse, values, degree, inverses + (i * context.DataPrimes), i, degree);
            }

            context.Kernels.EvaluateMixedRadix(values, degree, moduli, plaintext.Level + 1, result, degree);
        }
    }

    private void CheckTarget(int count, CkksPlaintext target, double scale, int level)
    {
        ArgumentNullException.ThrowIfNull(target);
        Misuse.CheckContext(_context, target.Context, nameof(target));
        CheckCount(count);
        _context.CheckLevel(level);
        CkksContext.CheckScale(scale);
    }

    private void CheckCount(int count)
    {
        if (count > _table.Points)
            throw new ArgumentException($"{count} values do not fit {_table.Points} slots: take a larger degree or several plaintexts.", nameof(count));
    }

    private unsafe void Encode(Span<double> coefficients, CkksPlaintext target, double scale, int level)
    {
        var context = _context;
        var degree = context.Degree;
        using var high = context.Lattice.Rows.RentSecret();
        using var low = context.Lattice.Rows.RentSecret();
        fixed (double* values = coefficients, highs = high.Span, lows = low.Span)
        {
            context.Kernels.Unembed(_table, values, values + _table.Points);
            var largest = context.Kernels.SplitScaled(scale / _table.Points, values, highs, lows, degree);
            var bound = Math.Min(context.LevelModulus[level] / 2, CoefficientBound);
            if (double.IsNaN(largest))
                throw new ArgumentException("Every value must be finite.", nameof(target));
            if (!(largest < bound))
                throw new ArgumentException($"A coefficient of 2^{Math.Log2(largest):F1} at scale 2^{Math.Log2(scale):F1} exceeds 2^{Math.Log2(bound):F1}, what level {level} can hold: take a smaller scale, smaller values or a higher level.", nameof(scale));
            target.Shape(level, scale);
            fixed (double* rows = target.Polynomial)
            {
                for (var i = 0; i <= level; i++)
                {
                    var table = context.Tables[i];
                    var row = rows + ((long)i * degree);
                    context.Kernels.ReduceSplit(table.Modulus, table.Inverse, highs, lows, _highFactors[i], row, degree);
                    context.Kernels.Forward(table, row, row);
                    context.Kernels.Canonicalise(table.Modulus, row, row, degree);
                }
            }
        }
    }

    /// <summary>The values at the slots' positions, scaled; the caller disposes the row.</summary>
    private unsafe SecretBuffer Embed(CkksPlaintext plaintext, int count)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        Misuse.CheckContext(_context, plaintext.Context, nameof(plaintext));
        CheckCount(count);
        var coefficients = _context.Lattice.Rows.RentSecret();
        Coefficients(plaintext, coefficients.Span);
        fixed (double* values = coefficients.Span)
            _context.Kernels.Embed(_table, values, values + _table.Points);
        return coefficients;
    }
}
