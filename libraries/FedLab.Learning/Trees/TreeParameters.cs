namespace FedLab.Learning;

/// <summary>
/// The settings of gradient-boosted trees, under XGBoost's names and with its meanings. All parties of a run hold the same values.
/// </summary>
public sealed partial record TreeParameters
{
    /// <summary>Number of trees, 1 to 5,000; setting <c>trees</c>.</summary>
    public int Trees { get; init; } = 50;

    /// <summary>Greatest number of splits from the root to a leaf, 1 to 12; setting <c>depth</c>.</summary>
    public int MaxDepth { get; init; } = 4;

    /// <summary>Factor on every leaf weight, above 0 and at most 1; setting <c>learning-rate</c>.</summary>
    public double LearningRate { get; init; } = 0.3;

    /// <summary>Greatest number of bins of a feature, missing values not counted, 2 to 254; setting <c>bins</c>.</summary>
    public int MaxBin { get; init; } = 32;

    /// <summary>λ, the L2 penalty on leaf weights, 0 to 1,000,000; setting <c>lambda</c>.</summary>
    public double Lambda { get; init; } = 1;

    /// <summary>γ, what the gain of a split must exceed, 0 to 1,000,000; setting <c>gamma</c>. Compared as XGBoost does, see <see cref="SplitGain"/>.</summary>
    public double Gamma { get; init; }

    /// <summary>Least sum of Hessians on each side of a split, 0 to 1,000,000; setting <c>min-child-weight</c>.</summary>
    public double MinChildWeight { get; init; } = 1;

    /// <summary>Share of the rows that a tree is grown on, above 0 and at most 1; setting <c>subsample</c>.</summary>
    public double Subsample { get; init; } = 1;

    /// <summary>Share of each party's features that a tree may use, above 0 and at most 1; setting <c>colsample</c>.</summary>
    public double ColsampleByTree { get; init; } = 1;

    /// <summary>Weight of the rows with label 1, 0.001 to 1,000; setting <c>scale-pos-weight</c>.</summary>
    public double ScalePosWeight { get; init; } = 1;

    /// <summary>Stop after this many trees without a better log loss on the validation rows, 0 (never) to 5,000; setting <c>early-stopping-rounds</c>.</summary>
    public int EarlyStoppingRounds { get; init; }

    /// <summary>Share of the training rows kept apart for early stopping, above 0 and at most 0.5, unused without early stopping; setting <c>validation-fraction</c>.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>A category with fewer training rows is merged with the other rare ones, 1 to 1,000,000; setting <c>min-category-count</c>.</summary>
    public int MinimumCategoryCount { get; init; } = 10;

    /// <summary>Seed of row, column and validation sampling; setting <c>seed</c>. It protects nothing and need not be secret.</summary>
    public ulong Seed { get; init; }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="LearningException">A setting is out of range; the message names it and the range.</exception>
    public void Validate() => Settings.Validate(this);

    /// <summary>Reads settings by name; what is not given keeps its default.</summary>
    /// <param name="settings">Names of <see cref="SettingNames"/> with values in the invariant culture.</param>
    /// <param name="beside">Names of settings that the caller reads itself, for the message about an unknown one.</param>
    /// <exception cref="LearningException">A name is unknown (the message names the nearest known one), or a value is malformed or out of range.</exception>
    public static TreeParameters Parse(IReadOnlyDictionary<string, string> settings, params IReadOnlyCollection<string> beside) => Settings.Parse(new TreeParameters(), settings, beside);

    /// <summary>Every setting by name, in one spelling a value; <see cref="Parse"/> gives back an equal record.</summary>
    public IReadOnlyDictionary<string, string> ToSettings() => Settings.Write(this);
}
