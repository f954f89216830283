namespace FedLab.Learning;

/// <summary>Horizontal training as it stands after a tree: one holder's state, and the rules, which are the same at every holder. Immutable.</summary>
/// <param name="Boosting">The trees, the same at every holder, and the margins of the own rows. All splits are of the one source 0.</param>
/// <param name="Rules">The rules of the splits by record number; of the final state only those that its trees use.</param>
public sealed record HorizontalState(BoostingState Boosting, IReadOnlyList<SplitRule> Rules)
{
    /// <summary>The model line by line, see <see cref="TreeEnsemble.DescribeSplits"/>: equal models have equal lines.</summary>
    public IReadOnlyList<string> DescribeSplits() => Boosting.Ensemble.DescribeSplits([HorizontalTrainer.SourceName], [Rules]);
}

/// <summary>
/// Trains gradient-boosted trees over holders that have the same columns of different rows. Every holder runs it on its own rows; what
/// it learns of the others' are sums over all of them. The model is, split by split and leaf by leaf, the one that
/// <see cref="BoostingTrainer"/> grows on all rows together with the same bins and no minimum cohort.
/// <code>
///   counts of labels ─► base rate
///   each tree:   histograms of the root ─► split ─► histograms of the smaller children ─► split ─► … ─► leaves
///                with early stopping: loss of the validation rows
/// </code>
/// A tree of depth d takes at most d rounds, one more with early stopping. Who may go into a side is decided by the summed Hessian
/// alone (<c>min-child-weight</c>): no number of rows is known of any node.
/// </summary>
public sealed class HorizontalTrainer
{
    /// <summary>The name of the one source of splits, by which columns are sampled.</summary>
    public const string SourceName = "model";

    /// <summary>Sums of gradients are below 2^38 (see <see cref="GradientQuantizer"/>); counts and parts of losses are smaller.</summary>
    private const int MagnitudeBits = 38;

    private readonly TreeParameters _parameters;

    /// <summary>A trainer with the given settings.</summary>
    /// <exception cref="LearningException">A setting is out of range.</exception>
    public HorizontalTrainer(TreeParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Validate();
        _parameters = parameters;
    }

    /// <summary>What binning and training need of their sums.</summary>
    /// <param name="parameters">The run's settings.</param>
    /// <param name="definitions">The data dictionary.</param>
    /// <returns>The values of a round are those of the last level of a full tree, every second of whose nodes is scanned.</returns>
    public static SumCapacity CapacityFor(TreeParameters parameters, IReadOnlyList<FeatureDefinition> definitions)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(definitions);
        parameters.Validate();
        var codes = definitions.Sum(definition => 1 + Math.Min(parameters.MaxBin, definition.Categories?.Count ?? parameters.MaxBin)) * parameters.ColsampleByTree;
        var nodes = Math.ScaleB(1, Math.Max(0, parameters.MaxDepth - 2));
        return new SumCapacity(MagnitudeBits, (int)Math.Clamp(2 * codes * nodes, 1, int.MaxValue));
    }

    /// <summary>Trains to the end.</summary>
    /// <param name="own">The own training rows; there may be none, or none of a class.</param>
    /// <param name="features">The columns, coded for the own rows by the bins of <see cref="FederatedBinner"/>, the same at every holder.</param>
    /// <param name="sums">Sums over all holders.</param>
    /// <param name="resumeFrom">A state of the same run to go on from, or null.</param>
    /// <param name="afterTree">Awaited after every tree with the state then, to keep a checkpoint or show progress.</param>
    /// <param name="degreeOfParallelism">Threads to use, at least 1; it does not change any result.</param>
    /// <param name="ct">Stops training; what <paramref name="afterTree"/> got remains valid.</param>
    /// <returns>The final state; with early stopping its model ends with the best tree.</returns>
    /// <exception cref="ArgumentException">The features are not of the own rows, or a row has a missing value in a column that was binned without any.</exception>
    /// <exception cref="LearningException">
    /// All holders' labels together are not of two classes, the state is of another run, or sums cannot come from rows.
    /// </exception>
    public async Task<HorizontalState> FitAsync(
        BoostingProblem own,
        IReadOnlyList<BinnedFeature> features,
        ISummation sums,
        HorizontalState? resumeFrom,
        Func<HorizontalState, CancellationToken, ValueTask>? afterTree,
        int degreeOfParallelism,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(sums);
        Check(own, features);
        if (resumeFrom is not null && resumeFrom.Boosting.Ensemble.RecordCount(0) != resumeFrom.Rules.Count)
            throw Messages.CheckpointOfOtherRun(Messages.Detail.OtherRules(resumeFrom.Rules.Count));

        var rows = await TrainingRows.CreateAsync(own, _parameters, sums, ct).ConfigureAwait(false);
        var local = new LocalCandidateSource(SourceName, features, _parameters, minimumCohort: 0, degreeOfParallelism, resumeFrom?.Rules);
        var source = new SharedCandidateSource(local, sums);
        var state = await new BoostingTrainer(_parameters).FitAsync(
            rows,
            [source],
            _ => new SharedNodeTotals(source),
            resumeFrom?.Boosting,
            afterTree is null ? null : (after, token) => afterTree(new HorizontalState(after, [.. source.Records]), token),
            ct).ConfigureAwait(false);
        return new HorizontalState(state, [.. source.Records.Take(state.Ensemble.RecordCount(0))]);
    }

    private static void Check(BoostingProblem own, IReadOnlyList<BinnedFeature> features)
    {
        foreach (var feature in features)
        {
            if (feature.Codes.Length != own.Labels.Length)
                throw new ArgumentException($"Feature '{feature.Bins.Name}' has {feature.Codes.Length} rows, there are {own.Labels.Length} labels.", nameof(features));

            // Its row would be in no histogram.
            if (!feature.Bins.HasMissing && feature.Codes.Span.Contains(feature.Bins.MissingCode))
                throw new ArgumentException($"Feature '{feature.Bins.Name}' was binned on rows without missing values and has one.", nameof(features));
        }
    }
}
