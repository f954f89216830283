using System.Globalization;

namespace FedLab.Learning;

/// <summary>
/// From the intercept alone to the optimum of the penalised loss: a direction, the sums at the end of the step, half the step where it went
/// too far. Everything follows from sums, so every holder does the same. Coefficients are not followed to infinity: separation is refused.
/// </summary>
internal sealed class LogisticDescent(
    LogisticObjective objective,
    LogisticParameters parameters,
    Func<IEnumerable<int>, string> namesOf,
    Func<LogisticRound, CancellationToken, ValueTask>? afterRound)
{
    /// <summary>When the total loss is below ln 2 (here less what fixed point may err), each row's is, so that each is on its label's side: complete separation.</summary>
    private const double SeparatedLoss = 0.69;

    /// <summary>Armijo's constant (Nocedal and Wright, Numerical Optimization, section 3.1).</summary>
    private const double SufficientDecrease = 1e-4;

    private const double LeastStep = 1e-9;

    /// <summary>A decrement that no longer falls is rounding only when it is below this: a ten-thousandth of a standard error.</summary>
    private const double LargestRounding = 1e-8;

    /// <summary>Within a hundredth of a standard error of the optimum…</summary>
    private const double NearDecrement = 1e-4;

    /// <summary>… margins that still move by this much, over the width of the columns, are a sign of quasi-complete separation.</summary>
    private const double SuspiciousMove = 0.5;

    /// <summary>Of a direction of separation moves away from the labels are only what other coefficients still have to settle.</summary>
    private const double LargestAwayShare = 0.01;

    /// <summary>A column is named when it moves margins by this share of what the first one does.</summary>
    private const double NamedShare = 0.1;

    private const int LimitedMemoryFactor = 20;

    /// <summary>L-BFGS only estimates the decrement, and falls by a factor a step; a hundredth of the tolerance is as near as Newton's last step comes.</summary>
    private const double LimitedMemoryTolerance = 0.01;

    /// <summary>Steps of L-BFGS without a smaller decrement, after which it is rounding that moves.</summary>
    private const int Patience = 15;

    /// <param name="start">The intercept that the labels alone have.</param>
    /// <param name="direction">Newton's or that of L-BFGS.</param>
    /// <param name="ct">Ends the descent.</param>
    /// <exception cref="LearningException">Separation, or more iterations than allowed.</exception>
    public async Task<LogisticOptimum> DescendAsync(double start, IDescentDirection direction, CancellationToken ct)
    {
        var limit = parameters.MaximumIterations * (direction.IsQuadratic ? 1 : LimitedMemoryFactor);
        var point = new double[objective.Order];
        var step = new double[objective.Order];
        point[0] = start;
        var (loss, decrement, length) = (double.PositiveInfinity, double.PositiveInfinity, 1.0);
        var (least, sinceLeast) = (double.PositiveInfinity, 0);
        var tolerance = parameters.Tolerance * (direction.IsQuadratic ? 1 : LimitedMemoryTolerance);
        for (var iteration = 0; iteration < limit; iteration++)
        {
            var round = direction.RoundName + "." + iteration.ToString(CultureInfo.InvariantCulture);
            var candidate = Move(point, length, step);
            var evaluation = await objective.EvaluateAsync(round, candidate, direction.NeedsHessian, ct);
            if (parameters.Ridge == 0 && evaluation.Loss < SeparatedLoss)
                throw Messages.SeparatedCompletely(NamesOfLargest(candidate));

            var candidateLoss = evaluation.Loss + Penalty(candidate);
            var wanted = iteration == 0 ? double.PositiveInfinity : loss - (SufficientDecrease * length * decrement) + (2 * evaluation.LossError);
            if (candidateLoss > wanted && length > LeastStep)
            {
                length /= 2;
                await ReportAsync(new LogisticRound(round, iteration, 2 * evaluation.Loss, null), ct);
                continue;
            }

            (point, loss, length) = (candidate, candidateLoss, 1);
            var gradient = Penalised(evaluation.Gradient, point);
            step = direction.Next(point, gradient, evaluation);
            var previous = decrement;
            decrement = -VectorProduct.Of(gradient, step);
            await ReportAsync(new LogisticRound(round, iteration, 2 * evaluation.Loss, decrement), ct);

            (least, sinceLeast) = decrement < least ? (decrement, 0) : (least, sinceLeast + 1);
            var isRounding = decrement <= LargestRounding && (iteration == limit - 1 || (direction.IsQuadratic ? decrement >= previous / 4 : sinceLeast >= Patience));
            if (decrement <= tolerance || isRounding)
                return new LogisticOptimum(Move(point, 1, step), evaluation, direction.Aliased, iteration + 1);
            if (parameters.Ridge == 0 && decrement <= NearDecrement)
                await RefuseSeparationAsync("separation." + iteration.ToString(CultureInfo.InvariantCulture), step, ct);
        }

        throw Messages.NotConverged(limit);
    }

    private async ValueTask RefuseSeparationAsync(string round, double[] step, CancellationToken ct)
    {
        var move = 0.0;
        for (var column = 1; column < step.Length; column++)
            move += MarginMove(step, column);
        if (move < SuspiciousMove)
            return;
        var (towards, away) = await objective.MoveAsync(round, step, ct);
        if (towards > SuspiciousMove && away <= LargestAwayShare * towards)
            throw Messages.SeparatedPartly(NamesOfLargest(step));
    }

    private string NamesOfLargest(double[] direction)
    {
        var moves = Enumerable.Range(1, direction.Length - 1).Select(column => (Column: column, Move: MarginMove(direction, column))).ToArray();
        var largest = moves.Max(move => move.Move);
        return namesOf(moves.Where(move => move.Move >= NamedShare * largest).OrderByDescending(move => move.Move).Select(move => move.Column));
    }

    /// <summary>By how much a column's part of the direction moves margins at most.</summary>
    private double MarginMove(double[] direction, int column) => Math.Abs(direction[column]) * objective.Columns[column - 1].StandardisedWidth;

    private double Penalty(double[] point)
    {
        var squares = 0.0;
        for (var column = 1; column < point.Length; column++)
            squares += point[column] * point[column];
        return 0.5 * parameters.Ridge * squares;
    }

    private double[] Penalised(double[] gradient, double[] point)
    {
        var penalised = new double[point.Length];
        penalised[0] = gradient[0];
        for (var column = 1; column < point.Length; column++)
            penalised[column] = gradient[column] + (parameters.Ridge * point[column]);
        return penalised;
    }

    private static double[] Move(double[] point, double length, double[] step)
    {
        var moved = new double[point.Length];
        for (var i = 0; i < moved.Length; i++)
            moved[i] = point[i] + (length * step[i]);
        return moved;
    }

    private ValueTask ReportAsync(LogisticRound round, CancellationToken ct) => afterRound is null ? ValueTask.CompletedTask : afterRound(round, ct);
}
