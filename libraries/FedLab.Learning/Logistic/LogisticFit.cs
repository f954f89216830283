namespace FedLab.Learning;

/// <summary>A trained logistic regression with what a statistician asks of it.</summary>
public sealed record LogisticFit
{
    /// <summary>What every holder can score with.</summary>
    public required LogisticModel Model { get; init; }

    /// <summary>The intercept, then every column that the features became, in their order, those included that were left out.</summary>
    public required IReadOnlyList<LogisticCoefficient> Coefficients { get; init; }

    /// <summary>−2 ln of the likelihood, without the penalty.</summary>
    public required double Deviance { get; init; }

    /// <summary>The deviance of the intercept alone.</summary>
    public required double NullDeviance { get; init; }

    /// <summary>
    /// Deviance plus twice the number of estimated coefficients; with a ridge their effective number, the trace of H(H + ridge)⁻¹
    /// (Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, section 7.6). Null from L-BFGS with a ridge, which knows no H.
    /// </summary>
    public required double? AkaikeInformationCriterion { get; init; }

    /// <summary>Number of sums over all holders, those for counts, caps, means and deviations included.</summary>
    public required int Rounds { get; init; }

    /// <summary>How many of the <see cref="Rounds"/> were about gradients.</summary>
    public required int Iterations { get; init; }

    /// <summary>Rows of all holders.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows of all holders with label 1.</summary>
    public required long Positives { get; init; }

    /// <summary>The solver that was used, never <see cref="LogisticSolver.Automatic"/>.</summary>
    public required LogisticSolver Solver { get; init; }

    /// <summary>Sentences about columns that were left out, in the language of <see cref="System.Globalization.CultureInfo.CurrentUICulture"/>.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}
