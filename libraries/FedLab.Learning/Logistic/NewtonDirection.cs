namespace FedLab.Learning;

/// <summary>Newton's step −H⁻¹g, by Cholesky's factor. Columns that are aliased at the first point are left out from then on.</summary>
/// <param name="order">Number of coefficients, the intercept's first.</param>
/// <param name="ridge">Weight of the penalty.</param>
/// <param name="refuse">The exception for columns without which the Hessian would not have lost its rank.</param>
internal sealed class NewtonDirection(int order, double ridge, Func<IEnumerable<int>, LearningException> refuse) : IDescentDirection
{
    /// <summary>
    /// A column of which the others explain all but this share of the weighted squares is left out; its standard error would be more
    /// than thirty thousand times that of an uncorrelated one, and its coefficient no longer the same to six digits.
    /// R's glm does the same at a smaller share, from a QR factorisation of rows that nobody has here.
    /// </summary>
    private const double AliasTolerance = 1e-9;

    /// <summary>Below this share the rest of a diagonal element is rounding.</summary>
    private const double RankTolerance = 1e-13;

    private int[]? _kept;

    public string RoundName => "newton";

    public bool NeedsHessian => true;

    public bool IsQuadratic => true;

    public IReadOnlyList<AliasedColumn> Aliased { get; private set; } = [];

    public double[] Next(double[] point, double[] gradient, LogisticEvaluation evaluation)
    {
        var factor = CholeskyFactor.Of(Penalise(evaluation.Hessian!, order, ridge), _kept ?? [.. Enumerable.Range(0, order)], _kept is null ? AliasTolerance : RankTolerance);
        if (_kept is null)
            (_kept, Aliased) = ([.. factor.Kept], factor.Aliased);
        else if (factor.Aliased.Count > 0)
            throw refuse(factor.Aliased.Select(column => column.Column));

        var solution = factor.Solve(Array.ConvertAll(_kept, column => -gradient[column]));
        var step = new double[order];
        for (var i = 0; i < solution.Length; i++)
            step[_kept[i]] = solution[i];
        return step;
    }

    /// <summary>A copy with the ridge on the diagonal, the intercept excepted.</summary>
    public static double[] Penalise(double[] hessian, int order, double ridge)
    {
        var penalised = (double[])hessian.Clone();
        for (var column = 1; column < order; column++)
            penalised[SymmetricMatrix.PackedLength(column) + column] += ridge;
        return penalised;
    }
}
