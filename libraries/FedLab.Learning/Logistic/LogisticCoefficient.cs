namespace FedLab.Learning;

/// <summary>What a coefficient is of.</summary>
public enum LogisticColumnKind
{
    /// <summary>The constant.</summary>
    Intercept = 0,

    /// <summary>A number.</summary>
    Value = 1,

    /// <summary>Whether a number or a category is missing; a value outside the dictionary is missing too.</summary>
    Missing = 2,

    /// <summary>Whether the value is one category.</summary>
    Category = 3,
}

/// <summary>Why a column has no coefficient of its own.</summary>
public enum LogisticColumnState
{
    /// <summary>It has one.</summary>
    Estimated = 0,

    /// <summary>It is the category that the others of its feature are compared with.</summary>
    Reference = 1,

    /// <summary>It has one value in all rows of all holders.</summary>
    Constant = 2,

    /// <summary>It is a linear combination of columns before it.</summary>
    Collinear = 3,

    /// <summary>All rows in which it is set have one label, so that its coefficient would be infinite. They count as the reference.</summary>
    Separated = 4,
}

/// <summary>One line of the coefficients' table, on the feature's own scale.</summary>
public sealed record LogisticCoefficient
{
    /// <summary>The feature's name; empty for the intercept.</summary>
    public required string Feature { get; init; }

    /// <summary>What the coefficient is of.</summary>
    public required LogisticColumnKind Kind { get; init; }

    /// <summary>The category where <see cref="Kind"/> is <see cref="LogisticColumnKind.Category"/>.</summary>
    public string? Category { get; init; }

    /// <summary>Whether it was estimated and, if not, why.</summary>
    public required LogisticColumnState State { get; init; }

    /// <summary>The names of the columns that give a <see cref="LogisticColumnState.Collinear"/> one.</summary>
    public IReadOnlyList<string> CollinearWith { get; init; } = [];

    /// <summary>Change of the log-odds per unit; 0 unless <see cref="LogisticColumnState.Estimated"/>.</summary>
    public required double Estimate { get; init; }

    /// <summary>
    /// Its standard error, from the inverse of the Hessian; with a ridge from (H + ridge)⁻¹ H (H + ridge)⁻¹ (le Cessie and van Houwelingen 1992),
    /// which does not count the bias that a ridge brings. Null where it was not estimated, and from L-BFGS.
    /// </summary>
    public double? StandardError { get; init; }

    /// <summary>Wald's z, the estimate in standard errors.</summary>
    public double? WaldZ { get; init; }

    /// <summary>Two-sided p-value of z under the normal distribution.</summary>
    public double? PValue { get; init; }

    /// <summary>Lower end of the confidence interval.</summary>
    public double? Lower { get; init; }

    /// <summary>Upper end of the confidence interval.</summary>
    public double? Upper { get; init; }

    /// <summary>How tables call it: <c>(intercept)</c>, <c>income</c>, <c>income [missing]</c>, <c>grade = A</c>.</summary>
    public string Name => NameOf(Kind, Feature, Category);

    internal static string NameOf(LogisticColumnKind kind, string feature, string? category) => kind switch
    {
        LogisticColumnKind.Intercept => "(intercept)",
        LogisticColumnKind.Missing => feature + " [missing]",
        LogisticColumnKind.Category => feature + " = " + category,
        _ => feature,
    };
}
