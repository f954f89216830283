namespace FedLab.Learning;

/// <summary>
/// A source whose features are in memory: the training party's own, each party's when training on pooled data, and, to answer split
/// requests, a data source's. Completes every call before it returns. One caller at a time.
/// </summary>
public sealed class LocalCandidateSource : ICandidateSource
{
    private readonly BinnedFeature[] _features;
    private readonly TreeParameters _parameters;
    private readonly int _minimumCohort;
    private readonly int _degreeOfParallelism;
    private readonly IReadOnlyList<SplitCandidate> _catalogue;
    private readonly List<SplitRule> _records;
    private readonly int _rowCount;
    private int _tree = -1;
    private IReadOnlyList<SplitCandidate> _candidates = [];
    private CandidateHistograms? _histograms;

    /// <summary>A source of the given features.</summary>
    /// <param name="name">The party's name.</param>
    /// <param name="features">The party's features in its order, over the same rows; there may be none.</param>
    /// <param name="parameters">The run's settings.</param>
    /// <param name="minimumCohort">Rows that either side of a split must have, at least 0.</param>
    /// <param name="degreeOfParallelism">Threads to use, at least 1; it does not change any result.</param>
    /// <param name="records">The records made so far, when training is resumed.</param>
    /// <exception cref="LearningException">There are more than <see cref="CandidateCatalogue.MaximumFeatures"/> features, or a setting is out of range.</exception>
    public LocalCandidateSource(
        string name, IReadOnlyList<BinnedFeature> features, TreeParameters parameters, int minimumCohort, int degreeOfParallelism, IReadOnlyList<SplitRule>? records = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumCohort);
        ArgumentOutOfRangeException.ThrowIfLessThan(degreeOfParallelism, 1);
        parameters.Validate();
        if (features.Count > CandidateCatalogue.MaximumFeatures)
            throw Messages.TooManyFeatures(name, features.Count, CandidateCatalogue.MaximumFeatures);

        Name = name;
        _features = [.. features];
        _rowCount = _features.Length == 0 ? 0 : _features[0].Codes.Length;
        if (_features.Any(feature => feature.Codes.Length != _rowCount))
            throw new ArgumentException("All features must have the same rows.", nameof(features));
        _parameters = parameters;
        _minimumCohort = minimumCohort;
        _degreeOfParallelism = degreeOfParallelism;
        _catalogue = CandidateCatalogue.Enumerate([.. _features.Select(feature => feature.Bins)]);
        _records = [.. records ?? []];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The rules of the splits made so far; a rule's position is its record number.</summary>
    public IReadOnlyList<SplitRule> Records => _records;

    /// <summary>The histograms of the tree that was begun with gradients, or null.</summary>
    internal CandidateHistograms? Histograms => _histograms;

    /// <summary>
    /// The candidates that a tree may use, in catalogue order: those of the features that are sampled by seed, tree and this source's
    /// name, so that the party and the pooled trainer sample alike.
    /// </summary>
    /// <param name="tree">Number of the tree, from 0.</param>
    public IReadOnlyList<SplitCandidate> CandidatesOf(int tree)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tree);
        var columns = Sampling.TreeColumns(_parameters, tree, Name, _features.Length);
        if (columns.Length == _features.Length)
            return _catalogue;
        var taken = new bool[_features.Length];
        foreach (var column in columns)
            taken[column] = true;
        return [.. _catalogue.Where(candidate => taken[candidate.FeatureIndex])];
    }

    /// <summary>Starts a tree for a source that only makes splits and has no gradients.</summary>
    /// <param name="tree">Number of the tree, from 0.</param>
    public void BeginTree(int tree)
    {
        _candidates = CandidatesOf(tree);
        _tree = tree;
        _histograms = null;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The gradients are not of the features' rows.</exception>
    public ValueTask BeginTreeAsync(TreeGradients gradients, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (_features.Length > 0 && (gradients.Gradients.Length != _rowCount || gradients.Hessians.Length != _rowCount))
            throw new ArgumentException($"Source '{Name}' has {_rowCount} rows.", nameof(gradients));
        BeginTree(gradients.Tree);
        _histograms = new CandidateHistograms(_features, _candidates, gradients, _degreeOfParallelism);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No tree was begun with gradients.</exception>
    public ValueTask<IReadOnlyList<GradientPair[]>> SumAsync(IReadOnlyList<ScanNode> nodes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var histograms = _histograms ?? throw new InvalidOperationException("Begin a tree with its gradients first.");
        return ValueTask.FromResult<IReadOnlyList<GradientPair[]>>(histograms.Sum(nodes, ct));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No tree was begun.</exception>
    /// <exception cref="LearningException">A request names no candidate, an unknown one, or rows that are not ascending rows of the table.</exception>
    public ValueTask<IReadOnlyList<SplitAnswer?>> SplitAsync(IReadOnlyList<SplitRequest> requests, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (_tree < 0)
            throw new InvalidOperationException("Begin a tree first.");

        // All requests are checked before the first record is made, so that a bad one leaves no trace.
        foreach (var request in requests)
            Check(request);
        var answers = new SplitAnswer?[requests.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            ct.ThrowIfCancellationRequested();
            answers[i] = Split(requests[i]);
        }

        return ValueTask.FromResult<IReadOnlyList<SplitAnswer?>>(answers);
    }

    private SplitAnswer? Split(SplitRequest request)
    {
        var rows = request.Rows.Span;

        // Positions in this tree's order are positions in the catalogue's order.
        foreach (var candidate in request.Candidates.Order().Select(position => _candidates[position]))
        {
            var codes = _features[candidate.FeatureIndex].Codes.Span;
            var left = new bool[rows.Length];
            var leftCount = 0;
            for (var i = 0; i < left.Length; i++)
            {
                left[i] = candidate.GoesLeft(codes[rows[i]]);
                leftCount += left[i] ? 1 : 0;
            }

            if (leftCount < _minimumCohort || rows.Length - leftCount < _minimumCohort)
                continue;
            _records.Add(candidate.ToRule(_features[candidate.FeatureIndex].Bins));
            return new SplitAnswer(_records.Count - 1, left);
        }

        return null;
    }

    private void Check(SplitRequest request)
    {
        if (request.Candidates.Count == 0 || request.Candidates.Any(position => (uint)position >= (uint)_candidates.Count))
            throw Messages.SplitRequestMalformed(Name, Messages.Detail.RequestCandidates(_candidates.Count));
        var previous = -1;
        foreach (var row in request.Rows.Span)
        {
            if (row <= previous || row >= _rowCount)
                throw Messages.SplitRequestMalformed(Name, Messages.Detail.RequestRows(_rowCount));
            previous = row;
        }
    }
}
