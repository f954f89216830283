namespace FedLab.Learning;

/// <summary>Loss, gradient and Hessian over all holders' rows, on the standardised scale and without the penalty.</summary>
internal sealed class LogisticObjective(
    LogisticProblem own, IReadOnlyList<DesignColumn> columns, long rows, ISummation sums, int degreeOfParallelism)
{
    private DesignMatrix? _matrix;

    /// <summary>The columns beside the intercept.</summary>
    public IReadOnlyList<DesignColumn> Columns => columns;

    /// <summary>Number of coefficients, the intercept's first.</summary>
    public int Order => columns.Count + 1;

    /// <summary>Rows of all holders.</summary>
    public long Rows => rows;

    public async ValueTask<LogisticEvaluation> EvaluateAsync(string round, double[] coefficients, bool withHessian, CancellationToken ct)
    {
        var units = PassUnits.For(rows, coefficients);
        var values = await sums.SumAsync(
            round,
            LogisticKernel.SumLength(Order, withHessian),
            token => LogisticKernel.Sum(Matrix(token), coefficients, units, withHessian, degreeOfParallelism, token),
            ct);
        return new LogisticEvaluation(
            units.Loss.Value(values[0]),
            units.Loss.Value(1 + (rows / DesignMatrix.BlockRows)),
            Array.ConvertAll(values[1..(1 + Order)], units.Gradient.Value),
            withHessian ? Array.ConvertAll(values[(1 + Order)..], units.Hessian.Value) : null);
    }

    /// <summary>
    /// How a direction moves the rows' margins: by how much in all towards their labels, and by how much away from them. A direction
    /// that moves none away is one along which the likelihood rises for ever (Albert and Anderson 1984).
    /// </summary>
    public async ValueTask<(double Towards, double Away)> MoveAsync(string round, double[] direction, CancellationToken ct)
    {
        var unit = PassUnits.For(rows, direction).Loss;
        var values = await sums.SumAsync(round, 2, token => Move(Matrix(token), direction, unit), ct);
        return (unit.Value(values[0]), unit.Value(values[1]));
    }

    private static long[] Move(DesignMatrix matrix, double[] direction, FixedPoint unit)
    {
        var moves = new long[2];
        for (var number = 0; number < matrix.BlockCount; number++)
        {
            var block = matrix.Block(number);
            for (var row = 0; row < DesignMatrix.BlockRows; row++)
            {
                var margin = 0.0;
                for (var column = 0; column < direction.Length; column++)
                    margin += direction[column] * block[(column * DesignMatrix.BlockRows) + row];
                var away = margin * block[(matrix.PaddedColumns * DesignMatrix.BlockRows) + row];
                moves[away < 0 ? 0 : 1] += unit.Round(Math.Abs(away));
            }
        }

        return moves;
    }

    // Built when it is first needed: a run that replays known sums never needs it.
    private DesignMatrix Matrix(CancellationToken ct) => _matrix ??= DesignMatrix.Build(own, columns, degreeOfParallelism, ct);
}

/// <summary>What is summed at one point.</summary>
/// <param name="Loss">−ln of the likelihood.</param>
/// <param name="LossError">The loss is off by no more than about this.</param>
/// <param name="Gradient">Of the loss.</param>
/// <param name="Hessian">Of the loss, packed; null when it was not asked for.</param>
internal sealed record LogisticEvaluation(double Loss, double LossError, double[] Gradient, double[]? Hessian);

/// <summary>Where a solver ended.</summary>
/// <param name="Coefficients">On the standardised scale, the intercept first; 0 for aliased columns.</param>
/// <param name="Evaluation">The sums at the last point that was asked for, one last, tiny step before the coefficients.</param>
/// <param name="Aliased">Columns, counted with the intercept, that are combinations of others.</param>
/// <param name="Iterations">Number of evaluations.</param>
internal sealed record LogisticOptimum(double[] Coefficients, LogisticEvaluation Evaluation, IReadOnlyList<AliasedColumn> Aliased, int Iterations);
