using System.Runtime.CompilerServices;

namespace FedLab.Learning;

/// <summary>
/// One pass over a holder's rows: loss, gradient and Hessian at a point. A block's sums are doubles in a fixed order, then integers
/// in fixed point, so that neither the number of threads nor the width of registers shows in the result.
/// <code>
///   margin = x·β,  q = probability of the other label:  loss = −ln(1 − q),  gradient = ±q·x,  Hessian = q(1 − q)·x·xᵀ
/// </code>
/// </summary>
internal static class LogisticKernel
{
    private const int Rows = DesignMatrix.BlockRows;
    private const int Group = DesignMatrix.ColumnGroup;
    private const int Lanes = 8;

    /// <summary>e to this power is the least odds that are told from 0; a row's loss is not.</summary>
    private const double LeastExponent = -700;

    /// <summary>Number of values for so many columns.</summary>
    public static int SumLength(int columns, bool withHessian) => 1 + columns + (withHessian ? SymmetricMatrix.PackedLength(columns) : 0);

    /// <summary>The sums over all rows: the loss, the gradient, and the lower triangle of the Hessian row by row.</summary>
    /// <param name="matrix">The rows.</param>
    /// <param name="coefficients">A coefficient for each column.</param>
    /// <param name="units">Fixed point of the three.</param>
    /// <param name="withHessian">Whether the Hessian is wanted.</param>
    /// <param name="degreeOfParallelism">Greatest number of threads.</param>
    /// <param name="ct">Ends the pass between parts.</param>
    public static long[] Sum(
        DesignMatrix matrix, ReadOnlyMemory<double> coefficients, PassUnits units, bool withHessian, int degreeOfParallelism, CancellationToken ct) =>
        EightLanes512.IsSupported ? Sum<EightLanes512>(matrix, coefficients, units, withHessian, degreeOfParallelism, ct)
        : EightLanes256.IsSupported ? Sum<EightLanes256>(matrix, coefficients, units, withHessian, degreeOfParallelism, ct)
        : Sum<EightLanes128>(matrix, coefficients, units, withHessian, degreeOfParallelism, ct);

    internal static long[] Sum<T>(
        DesignMatrix matrix, ReadOnlyMemory<double> coefficients, PassUnits units, bool withHessian, int degreeOfParallelism, CancellationToken ct)
        where T : struct, IEightLanes<T>
    {
        var total = new long[SumLength(matrix.Columns, withHessian)];
        BlockLoop.Run(matrix.BlockCount, degreeOfParallelism, (first, last) =>
        {
            var part = new long[total.Length];
            var scratch = new double[(2 + matrix.PaddedColumns) * Rows];
            for (var block = first; block < last; block++)
            {
                AddMargins<T>(matrix.Block(block), coefficients.Span, matrix.PaddedColumns, units.Loss, scratch, part);
                AddGradient<T>(matrix.Block(block), matrix.Columns, units.Gradient, scratch, part.AsSpan(1));
                if (withHessian)
                    AddHessian<T>(matrix.Block(block), matrix.Columns, units.Hessian, scratch, part.AsSpan(1 + matrix.Columns));
            }

            lock (total)
            {
                for (var i = 0; i < total.Length; i++)
                    total[i] += part[i];
            }
        }, ct);
        return total;
    }

    /// <summary>The loss of a block; residuals and weights of its rows go to the first two columns of the scratch.</summary>
    private static void AddMargins<T>(ReadOnlySpan<double> block, ReadOnlySpan<double> coefficients, int paddedColumns, FixedPoint unit, Span<double> scratch, Span<long> loss)
        where T : struct, IEightLanes<T>
    {
        var one = T.Broadcast(1);
        var least = T.Broadcast(LeastExponent);
        var linear = T.Broadcast(0);
        var product = one;
        for (var row = 0; row < Rows; row += Lanes)
        {
            var margin = T.Broadcast(0);
            for (var column = 0; column < coefficients.Length; column++)
                margin = T.MultiplyAdd(T.Broadcast(coefficients[column]), T.Load(block, (column * Rows) + row), margin);

            // The sign is 0 in rows that only fill the block: their odds, weight, residual and loss are 0.
            var sign = T.Load(block, (paddedColumns * Rows) + row);
            var odds = T.Exp(T.Max(T.NegativeAbs(margin), least)) * (sign * sign);
            var wrong = sign * margin;
            var sum = one + odds;
            var likelier = one / sum;
            var lessLikely = odds * likelier;
            (sign * T.WhereNotNegative(wrong, likelier, lessLikely)).Store(scratch, row);
            (likelier * lessLikely).Store(scratch, Rows + row);

            // loss = max(wrong, 0) + ln(1 + e^−|wrong|); of the 256 logarithms only that of their product is taken, at most 2^256.
            linear += T.Max(wrong, T.Broadcast(0));
            product *= sum;
        }

        loss[0] += unit.Round(linear.Sum() + Math.Log(product.Product()));
    }

    private static void AddGradient<T>(ReadOnlySpan<double> block, int columns, FixedPoint unit, ReadOnlySpan<double> residuals, Span<long> gradient)
        where T : struct, IEightLanes<T>
    {
        for (var column = 0; column < columns; column += Group)
        {
            var (sum0, sum1, sum2, sum3) = (T.Broadcast(0), T.Broadcast(0), T.Broadcast(0), T.Broadcast(0));
            var values = block.Slice(column * Rows, Group * Rows);
            for (var row = 0; row < Rows; row += Lanes)
            {
                var residual = T.Load(residuals, row);
                sum0 = T.MultiplyAdd(residual, T.Load(values, row), sum0);
                sum1 = T.MultiplyAdd(residual, T.Load(values, Rows + row), sum1);
                sum2 = T.MultiplyAdd(residual, T.Load(values, (2 * Rows) + row), sum2);
                sum3 = T.MultiplyAdd(residual, T.Load(values, (3 * Rows) + row), sum3);
            }

            AddLine(gradient[column..], columns - column, unit, sum0, sum1, sum2, sum3);
        }
    }

    /// <summary>Weighted columns are made once a block; then tiles of 4 by 4 sums stay in registers over the block's rows.</summary>
    private static void AddHessian<T>(ReadOnlySpan<double> block, int columns, FixedPoint unit, Span<double> scratch, Span<long> hessian)
        where T : struct, IEightLanes<T>
    {
        var weights = scratch.Slice(Rows, Rows);
        var weighted = scratch[(2 * Rows)..];
        for (var column = 0; column < columns; column++)
        {
            for (var row = 0; row < Rows; row += Lanes)
                (T.Load(weights, row) * T.Load(block, (column * Rows) + row)).Store(weighted, (column * Rows) + row);
        }

        for (var left = 0; left < columns; left += Group)
        {
            for (var right = 0; right <= left; right += Group)
            {
                for (var half = 0; half < Group; half += 2)
                    AddTile<T>(weighted.Slice((left + half) * Rows, 2 * Rows), block.Slice(right * Rows, Group * Rows), left + half, right, columns, unit, hessian);
            }
        }
    }

    private static void AddTile<T>(ReadOnlySpan<double> left, ReadOnlySpan<double> right, int line, int column, int columns, FixedPoint unit, Span<long> hessian)
        where T : struct, IEightLanes<T>
    {
        var (sum00, sum01, sum02, sum03) = (T.Broadcast(0), T.Broadcast(0), T.Broadcast(0), T.Broadcast(0));
        var (sum10, sum11, sum12, sum13) = (T.Broadcast(0), T.Broadcast(0), T.Broadcast(0), T.Broadcast(0));
        for (var row = 0; row < Rows; row += Lanes)
        {
            var (left0, left1) = (T.Load(left, row), T.Load(left, Rows + row));
            var value = T.Load(right, row);
            sum00 = T.MultiplyAdd(left0, value, sum00);
            sum10 = T.MultiplyAdd(left1, value, sum10);
            value = T.Load(right, Rows + row);
            sum01 = T.MultiplyAdd(left0, value, sum01);
            sum11 = T.MultiplyAdd(left1, value, sum11);
            value = T.Load(right, (2 * Rows) + row);
            sum02 = T.MultiplyAdd(left0, value, sum02);
            sum12 = T.MultiplyAdd(left1, value, sum12);
            value = T.Load(right, (3 * Rows) + row);
            sum03 = T.MultiplyAdd(left0, value, sum03);
            sum13 = T.MultiplyAdd(left1, value, sum13);
        }

        if (line < columns)
            AddLine(hessian[(SymmetricMatrix.PackedLength(line) + column)..], line + 1 - column, unit, sum00, sum01, sum02, sum03);
        if (line + 1 < columns)
            AddLine(hessian[(SymmetricMatrix.PackedLength(line + 1) + column)..], line + 2 - column, unit, sum10, sum11, sum12, sum13);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddLine<T>(Span<long> target, int count, FixedPoint unit, T sum0, T sum1, T sum2, T sum3)
        where T : struct, IEightLanes<T>
    {
        if (count > 0)
            target[0] += unit.Round(sum0.Sum());
        if (count > 1)
            target[1] += unit.Round(sum1.Sum());
        if (count > 2)
            target[2] += unit.Round(sum2.Sum());
        if (count > 3)
            target[3] += unit.Round(sum3.Sum());
    }
}

/// <summary>The fixed points of a pass.</summary>
internal readonly record struct PassUnits(FixedPoint Loss, FixedPoint Gradient, FixedPoint Hessian)
{
    /// <summary>
    /// Standardised columns have a sum of squares of at most the number of rows, so by Cauchy and Schwarz Σ|xⱼ| and Σ|xⱼxₖ| are at most that;
    /// a residual is at most 1, a weight a quarter, and a row's loss ln 2 + |x·β|. Twice the bound leaves room for rounding.
    /// </summary>
    /// <param name="rows">Rows of all holders.</param>
    /// <param name="coefficients">The point that all holders know.</param>
    public static PassUnits For(long rows, ReadOnlySpan<double> coefficients)
    {
        var size = 1.0;
        foreach (var coefficient in coefficients)
            size += Math.Abs(coefficient);
        return new PassUnits(FixedPoint.For(2.0 * rows * size), FixedPoint.For(2.0 * rows), FixedPoint.For(0.5 * rows));
    }
}
