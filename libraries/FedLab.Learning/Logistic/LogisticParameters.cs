namespace FedLab.Learning;

/// <summary>How the coefficients of a <see cref="LogisticTrainer"/> are found.</summary>
public enum LogisticSolver
{
    /// <summary>Newton up to 500 columns, L-BFGS above.</summary>
    Automatic = 0,

    /// <summary>Newton steps on summed gradients and Hessians: few rounds, standard errors.</summary>
    Newton = 1,

    /// <summary>L-BFGS on summed gradients alone: more rounds of fewer values, no standard errors.</summary>
    LimitedMemoryBfgs = 2,
}

/// <summary>The settings of logistic regression. All parties of a run hold the same values.</summary>
public sealed record LogisticParameters
{
    private const double MaximumPenalty = 1_000_000;
    private const int MaximumSteps = 1_000;
    private const int MaximumHistory = 100;

    private static readonly SettingCatalogue<LogisticParameters> Settings = new(
        [
            new NumberSetting<LogisticParameters>("ridge", 0, MaximumPenalty, ExcludesLow: false, p => p.Ridge, (p, v) => p with { Ridge = v }),
            new IntegerSetting<LogisticParameters>("iterations", 1, MaximumSteps, p => p.MaximumIterations, (p, v) => p with { MaximumIterations = v }),
            new NumberSetting<LogisticParameters>("tolerance", 1e-18, 1e-4, ExcludesLow: false, p => p.Tolerance, (p, v) => p with { Tolerance = v }),
            new NumberSetting<LogisticParameters>("winsorise", 0, 0.25, ExcludesLow: false, p => p.Winsorise, (p, v) => p with { Winsorise = v }),
            new NumberSetting<LogisticParameters>("confidence", 0.5, 0.9999, ExcludesLow: false, p => p.ConfidenceLevel, (p, v) => p with { ConfidenceLevel = v }),
            new ChoiceSetting<LogisticParameters, LogisticSolver>(
                "solver",
                [("auto", LogisticSolver.Automatic), ("newton", LogisticSolver.Newton), ("lbfgs", LogisticSolver.LimitedMemoryBfgs)],
                p => p.Solver,
                (p, v) => p with { Solver = v }),
            new IntegerSetting<LogisticParameters>("history", 1, MaximumHistory, p => p.HistoryLength, (p, v) => p with { HistoryLength = v }),
        ],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alpha"] = "ridge",
            ["l2"] = "ridge",
            ["lambda"] = "ridge",
            ["penalty"] = "ridge",
            ["epochs"] = "iterations",
            ["max-iter"] = "iterations",
            ["maxit"] = "iterations",
            ["epsilon"] = "tolerance",
            ["tol"] = "tolerance",
            ["caps"] = "winsorise",
            ["winsorize"] = "winsorise",
            ["conf-level"] = "confidence",
            ["memory"] = "history",
        });

    /// <summary>The names that <see cref="Parse"/> knows, in the order of <see cref="ToSettings"/>.</summary>
    public static IReadOnlyCollection<string> SettingNames => Settings.Names;

    /// <summary>
    /// Weight of the penalty ½·ridge·Σβ² on the standardised coefficients, the intercept excepted, 0 (none) to 1,000,000;
    /// setting <c>ridge</c>. In scikit-learn's terms 1/C on standardised columns.
    /// </summary>
    public double Ridge { get; init; }

    /// <summary>Greatest number of Newton steps, 1 to 1,000; L-BFGS may take twenty times as many; setting <c>iterations</c>.</summary>
    public int MaximumIterations { get; init; } = 50;

    /// <summary>
    /// Training ends when the squared Newton decrement gᵀH⁻¹g, in which 1 is a standard error, is at most this, 1e-18 to 1e-4; setting <c>tolerance</c>.
    /// Standard errors and deviance are of that point; the coefficients are one further step on, which needs no sum.
    /// </summary>
    public double Tolerance { get; init; } = 1e-14;

    /// <summary>
    /// Share of the rows with a number that is held to a cap at each tail, 0 (no caps) to 0.25; setting <c>winsorise</c>. The caps are
    /// part of the model. A column whose caps would coincide, as a rare flag's do, has none.
    /// </summary>
    public double Winsorise { get; init; } = 0.005;

    /// <summary>Coverage of the confidence intervals, 0.5 to 0.9999; setting <c>confidence</c>.</summary>
    public double ConfidenceLevel { get; init; } = 0.95;

    /// <summary>How coefficients are found: <c>auto</c>, <c>newton</c> or <c>lbfgs</c>; setting <c>solver</c>.</summary>
    public LogisticSolver Solver { get; init; }

    /// <summary>
    /// Number of past steps by which L-BFGS knows the curvature, 1 to 100; setting <c>history</c>. More than the usual ten: here a step costs a
    /// round of encrypted sums and the history nothing, and thirty halve the rounds.
    /// </summary>
    public int HistoryLength { get; init; } = 30;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="LearningException">A setting is out of range; the message names it and the range.</exception>
    public void Validate() => Settings.Validate(this);

    /// <summary>Reads settings by name; what is not given keeps its default.</summary>
    /// <param name="settings">Names of <see cref="SettingNames"/> with values in the invariant culture.</param>
    /// <param name="beside">Names of settings that the caller reads itself, for the message about an unknown one.</param>
    /// <exception cref="LearningException">A name is unknown (the message names the nearest known one), or a value is malformed or out of range.</exception>
    public static LogisticParameters Parse(IReadOnlyDictionary<string, string> settings, params IReadOnlyCollection<string> beside) => Settings.Parse(new LogisticParameters(), settings, beside);

    /// <summary>Every setting by name, in one spelling a value; <see cref="Parse"/> gives back an equal record.</summary>
    public IReadOnlyDictionary<string, string> ToSettings() => Settings.Write(this);
}
