namespace FedLab.Learning;

/// <summary>
/// Cholesky's factor of those rows and columns of a positive semidefinite matrix that are not combinations of earlier ones, which is how
/// R's glm leaves out aliased columns. A library's factorisation stops at the first such column and does not say of what it is a combination;
/// and every holder must get the same bits, which a numerical provider chosen by the environment does not promise.
/// </summary>
internal sealed class CholeskyFactor
{
    private readonly double[][] _rows;

    private CholeskyFactor(int[] kept, double[][] rows, IReadOnlyList<AliasedColumn> aliased) => (Kept, _rows, Aliased) = (kept, rows, aliased);

    /// <summary>Positions of the columns that the factor is of, ascending.</summary>
    public IReadOnlyList<int> Kept { get; }

    /// <summary>The others, each with the combination of kept columns that it is.</summary>
    public IReadOnlyList<AliasedColumn> Aliased { get; }

    /// <param name="packed">The matrix.</param>
    /// <param name="candidates">The rows and columns to take, ascending.</param>
    /// <param name="tolerance">A column is aliased when what earlier ones leave of its diagonal element is at most this share.</param>
    public static CholeskyFactor Of(ReadOnlySpan<double> packed, IReadOnlyList<int> candidates, double tolerance)
    {
        List<int> kept = [];
        List<double[]> rows = [];
        List<AliasedColumn> aliased = [];
        foreach (var candidate in candidates)
        {
            var row = new double[kept.Count + 1];
            for (var i = 0; i < kept.Count; i++)
                row[i] = SymmetricMatrix.At(packed, candidate, kept[i]);
            SolveLower(rows, row);
            var diagonal = SymmetricMatrix.At(packed, candidate, candidate);
            var rest = diagonal;
            for (var i = 0; i < kept.Count; i++)
                rest -= row[i] * row[i];
            if (rest > tolerance * diagonal)
            {
                row[^1] = Math.Sqrt(rest);
                rows.Add(row);
                kept.Add(candidate);
            }
            else
            {
                SolveUpper(rows, row);
                aliased.Add(new AliasedColumn(candidate, [.. kept.Select((column, i) => (column, row[i]))]));
            }
        }

        return new CholeskyFactor([.. kept], [.. rows], aliased);
    }

    /// <summary>The solution x of A·x = b over the kept columns.</summary>
    /// <param name="right">b, a value for each kept column.</param>
    public double[] Solve(ReadOnlySpan<double> right)
    {
        var solution = right.ToArray();
        SolveLower(_rows, solution);
        SolveUpper(_rows, solution);
        return solution;
    }

    /// <summary>The inverse of the matrix over the kept columns, row by row.</summary>
    public double[][] Invert()
    {
        var inverse = new double[_rows.Length][];
        var unit = new double[_rows.Length];
        for (var i = 0; i < unit.Length; i++)
        {
            unit[i] = 1;
            inverse[i] = Solve(unit);
            unit[i] = 0;
        }

        return inverse;
    }

    private static void SolveLower(IReadOnlyList<double[]> rows, Span<double> values)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, sum) = (rows[i], values[i]);
            for (var k = 0; k < i; k++)
                sum -= row[k] * values[k];
            values[i] = sum / row[i];
        }
    }

    private static void SolveUpper(IReadOnlyList<double[]> rows, Span<double> values)
    {
        for (var i = rows.Count - 1; i >= 0; i--)
        {
            var row = rows[i];
            values[i] /= row[i];
            for (var k = 0; k < i; k++)
                values[k] -= row[k] * values[i];
        }
    }
}

/// <summary>A column that is a combination of others.</summary>
/// <param name="Column">Its position.</param>
/// <param name="Combination">Positions and coefficients of the others.</param>
internal sealed record AliasedColumn(int Column, IReadOnlyList<(int Column, double Coefficient)> Combination);
