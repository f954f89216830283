namespace FedLab.Learning;

/// <summary>What the training party knows of the training rows.</summary>
/// <param name="Labels">0 or 1 for every row.</param>
/// <param name="RowIdentities">A number for every row by which it is sampled, the same whatever the order of the rows.</param>
public sealed record BoostingProblem(ReadOnlyMemory<byte> Labels, ReadOnlyMemory<ulong> RowIdentities);

/// <summary>
/// Trains gradient-boosted trees for a binary label by Newton steps on the logistic loss (Chen and Guestrin 2016) over any sources of
/// candidate splits. The result depends only on the rows, the settings and the sources' candidates: not on the number of threads, nor
/// on whether a source is in memory or computes its sums under encryption.
/// </summary>
public sealed class BoostingTrainer
{
    private readonly TreeParameters _parameters;

    /// <summary>A trainer with the given settings.</summary>
    /// <exception cref="LearningException">A setting is out of range.</exception>
    public BoostingTrainer(TreeParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Validate();
        _parameters = parameters;
    }

    /// <summary>The fixed point in which training on so many rows sums gradients and Hessians.</summary>
    /// <param name="rows">Number of training rows, at least 1.</param>
    /// <exception cref="LearningException">There are too many rows for their weight.</exception>
    public GradientQuantizer QuantizerFor(int rows) => GradientQuantizer.For(rows, Math.Max(1, _parameters.ScalePosWeight));

    /// <summary>Trains to the end.</summary>
    /// <param name="problem">The training rows.</param>
    /// <param name="sources">The sources; of equal gains the first source's split is taken.</param>
    /// <param name="resumeFrom">A state of the same run to go on from, or null.</param>
    /// <param name="afterTree">Awaited after every tree with the state then, to keep a checkpoint or show progress.</param>
    /// <param name="ct">Stops training; what <paramref name="afterTree"/> got remains valid.</param>
    /// <returns>The final state; with early stopping its model ends with the best tree.</returns>
    /// <exception cref="LearningException">
    /// The labels are not of two classes, the state is of another run, or a source's answer does not fit the question.
    /// </exception>
    public async Task<BoostingState> FitAsync(
        BoostingProblem problem,
        IReadOnlyList<ICandidateSource> sources,
        BoostingState? resumeFrom,
        Func<BoostingState, CancellationToken, ValueTask>? afterTree,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count is 0 or > Tree.MaximumSources)
            throw new ArgumentException($"Training takes 1 to {Tree.MaximumSources} sources.", nameof(sources));

        var rows = await TrainingRows.CreateAsync(problem, _parameters, new OwnSums(), ct).ConfigureAwait(false);
        return await FitAsync(rows, sources, gradients => new OwnNodeTotals(gradients), resumeFrom, afterTree, ct).ConfigureAwait(false);
    }

    /// <summary>Trains to the end on rows that may be one holder's of several.</summary>
    internal async Task<BoostingState> FitAsync(
        TrainingRows rows,
        IReadOnlyList<ICandidateSource> sources,
        Func<TreeGradients, INodeTotals> totals,
        BoostingState? resumeFrom,
        Func<BoostingState, CancellationToken, ValueTask>? afterTree,
        CancellationToken ct)
    {
        var quantizer = QuantizerFor(rows.AllRows);
        var state = resumeFrom is null ? rows.Start() : rows.CheckResumed(resumeFrom);
        while (!IsOver(state))
        {
            ct.ThrowIfCancellationRequested();
            var tree = state.Ensemble.Trees.Count;
            var margins = state.Margins.ToArray();
            var gradients = rows.GradientsOf(tree, margins, quantizer);
            var grown = await new TreeGrower(_parameters, sources, gradients, totals(gradients)).GrowAsync(margins, ct).ConfigureAwait(false);
            state = await rows.AdvanceAsync(state, grown, margins, ct).ConfigureAwait(false);
            if (afterTree is not null)
                await afterTree(state, ct).ConfigureAwait(false);
        }

        return Finish(state);
    }

    private bool IsOver(BoostingState state)
    {
        var trees = state.Ensemble.Trees.Count;
        return state.IsFinal
            || trees >= _parameters.Trees
            || (_parameters.EarlyStoppingRounds > 0 && trees - state.BestTreeCount >= _parameters.EarlyStoppingRounds);
    }

    private static BoostingState Finish(BoostingState state)
    {
        if (state.IsFinal)
            return state;
        return state.ValidationLosses.Count == 0
            ? new BoostingState(state.Ensemble, state.Margins, [], ReadOnlyMemory<double>.Empty, isFinal: true)
            : new BoostingState(state.Ensemble.Truncate(state.BestTreeCount), state.BestMargins, state.ValidationLosses, state.BestMargins, isFinal: true);
    }
}
