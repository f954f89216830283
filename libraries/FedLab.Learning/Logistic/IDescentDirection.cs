namespace FedLab.Learning;

/// <summary>Proposes where to go next; the only difference between Newton's method and L-BFGS.</summary>
internal interface IDescentDirection
{
    /// <summary>First part of the rounds' names.</summary>
    string RoundName { get; }

    bool NeedsHessian { get; }

    /// <summary>Whether the decrement falls to the square of itself near the optimum, so that one that no longer falls is rounding.</summary>
    bool IsQuadratic { get; }

    /// <summary>Columns, counted with the intercept, that were found to be combinations of others and stay where they are.</summary>
    IReadOnlyList<AliasedColumn> Aliased { get; }

    /// <summary>The full step from a point that has been accepted; the gradient is of the penalised loss.</summary>
    double[] Next(double[] point, double[] gradient, LogisticEvaluation evaluation);
}
