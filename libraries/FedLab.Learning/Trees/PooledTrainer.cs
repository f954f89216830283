namespace FedLab.Learning;

/// <summary>One party's data when training on pooled data.</summary>
/// <param name="Name">The party's name; of equal gains the first party's split is taken.</param>
/// <param name="Table">Its features over all rows.</param>
/// <param name="MinimumCohort">Training rows that either side of one of its splits must have.</param>
public sealed record PooledParty(string Name, Table Table, int MinimumCohort);

/// <summary>A model trained on pooled data and how it does on the test rows.</summary>
/// <param name="State">The final state of training.</param>
/// <param name="Parties">The parties' names.</param>
/// <param name="Rules">For each party the rules of its splits by record number, without those of dropped trees.</param>
/// <param name="TestProbabilities">The probability of label 1 for each test row.</param>
/// <param name="Metrics">The metrics on the test rows; null when these are not of both classes.</param>
public sealed record PooledResult(
    BoostingState State, IReadOnlyList<string> Parties, IReadOnlyList<IReadOnlyList<SplitRule>> Rules, double[] TestProbabilities, BinaryMetrics? Metrics)
{
    /// <summary>The model line by line, see <see cref="TreeEnsemble.DescribeSplits"/>: equal models have equal lines.</summary>
    public IReadOnlyList<string> DescribeSplits() => State.Ensemble.DescribeSplits(Parties, Rules);
}

/// <summary>
/// Trains on the parties' data side by side in one memory: what a federated model must equal, and the baseline it is compared with.
/// </summary>
public static class PooledTrainer
{
    /// <summary>Bins every party's features on the training rows, trains, and scores the test rows.</summary>
    /// <param name="parties">The parties, over the same rows in the same order.</param>
    /// <param name="labels">0 or 1 for every row.</param>
    /// <param name="rowIdentities">The numbers by which rows are sampled.</param>
    /// <param name="trainingRows">Rows to train on, in the order of training.</param>
    /// <param name="testRows">Rows to score; nothing is fitted on them.</param>
    /// <param name="parameters">Settings.</param>
    /// <param name="degreeOfParallelism">Threads to use, at least 1.</param>
    /// <param name="ct">Stops training.</param>
    /// <exception cref="LearningException">A setting or the labels do not allow training.</exception>
    public static async Task<PooledResult> FitAsync(
        IReadOnlyList<PooledParty> parties,
        byte[] labels,
        ulong[] rowIdentities,
        int[] trainingRows,
        int[] testRows,
        TreeParameters parameters,
        int degreeOfParallelism,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parties);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(rowIdentities);
        ArgumentNullException.ThrowIfNull(trainingRows);
        ArgumentNullException.ThrowIfNull(testRows);
        if (parties.FirstOrDefault(party => party.Table.RowCount != labels.Length) is { } other)
            throw new ArgumentException($"The table of '{other.Name}' has {other.Table.RowCount} rows, there are {labels.Length} labels.", nameof(parties));

        LocalCandidateSource[] sources = [.. parties.Select(party =>
            new LocalCandidateSource(party.Name, Bin(party.Table, trainingRows, parameters), parameters, party.MinimumCohort, degreeOfParallelism))];
        var problem = new BoostingProblem(Array.ConvertAll(trainingRows, row => labels[row]), Array.ConvertAll(trainingRows, row => rowIdentities[row]));
        var state = await new BoostingTrainer(parameters).FitAsync(problem, sources, resumeFrom: null, afterTree: null, ct).ConfigureAwait(false);

        IReadOnlyList<SplitRule>[] rules = [.. sources.Select((source, s) => source.Records.Take(state.Ensemble.RecordCount(s)).ToArray())];
        var columns = parties.Select((party, s) => rules[s].Select(rule => rule.ColumnIn(party.Table)).ToArray()).ToArray();
        var margins = state.Ensemble.PredictMargins(
            testRows.Length, (source, record, row) => rules[source][record].GoesLeft(columns[source][record], testRows[row]));
        var probabilities = Array.ConvertAll(margins, Logistic.Sigmoid);
        var testLabels = Array.ConvertAll(testRows, row => labels[row]);
        var metrics = BinaryMetrics.CanEvaluate(testLabels) ? BinaryMetrics.Evaluate(testLabels, probabilities) : null;
        return new PooledResult(state, [.. parties.Select(party => party.Name)], rules, probabilities, metrics);
    }

    /// <summary>A table's features, binned on the training rows and coded for them, as a party does before a run.</summary>
    /// <param name="table">All rows.</param>
    /// <param name="trainingRows">Rows to train on, in the order of training.</param>
    /// <param name="parameters">Settings.</param>
    public static IReadOnlyList<BinnedFeature> Bin(Table table, ReadOnlySpan<int> trainingRows, TreeParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(table);
        var features = new BinnedFeature[table.Columns.Count];
        for (var i = 0; i < features.Length; i++)
        {
            var column = table.Columns[i];
            features[i] = FeatureBinner.Fit(column, trainingRows, parameters).Encode(column.TakeRows(trainingRows));
        }

        return features;
    }
}
