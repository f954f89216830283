namespace FedLab.Lattice.Encoding;

/// <summary>
/// Exact integer coefficients: m becomes m·2^scaleBits modulo Q. There is no plaintext modulus; sums are exact as long as
/// their magnitude times 2^scaleBits, plus the noise, stays below Q/2, and rounding removes noise below 2^(scaleBits-1).
/// </summary>
internal static class IntegerEncoding
{
    private const int HalfBits = 32;

    /// <summary>Writes the residues of the scaled coefficients, within ±2p; the coefficients that are not given are zero.</summary>
    public static unsafe void Encode(LatticeContext context, ReadOnlySpan<long> coefficients, int scaleBits, Span<double> polynomial)
    {
        var degree = context.Degree;
        using var high = context.Rows.RentSecret();
        using var low = context.Rows.RentSecret();
        high.Span[coefficients.Length..].Clear();
        low.Span[coefficients.Length..].Clear();
        var highSpan = high.Span;
        var lowSpan = low.Span;
        for (var i = 0; i < coefficients.Length; i++)
        {
            // A 64-bit integer does not fit a double; its halves do.
            highSpan[i] = coefficients[i] >> HalfBits;
            lowSpan[i] = (uint)coefficients[i];
        }

        fixed (double* highs = highSpan, lows = lowSpan, values = polynomial)
        {
            for (var i = 0; i < context.Tables.Length; i++)
            {
                var table = context.Tables[i];
                context.Kernels.CombineHalves(
                    table.Modulus,
                    table.Inverse,
                    highs,
                    PowerOfTwo(table, scaleBits + HalfBits),
                    lows,
                    PowerOfTwo(table, scaleBits),
                    values + (long)i * degree,
                    degree);
            }
        }
    }

    private static double PowerOfTwo(Ring.TransformTable table, int exponent)
    {
        var residue = Ring.NttPrimes.Power(2, (ulong)exponent, table.Prime);
        return residue > table.Prime / 2 ? -(double)(table.Prime - residue) : residue;
    }
}
