using System.Globalization;

namespace FedLab.Learning;

/// <summary>
/// The candidates of a horizontal federation, the same features at every holder: histograms of the own rows, summed over all holders,
/// and the candidates' sums from those. The root's histograms are summed when a tree begins, because its total comes with them.
/// </summary>
internal sealed class SharedCandidateSource(LocalCandidateSource own, ISummation sums) : ICandidateSource
{
    private const int ValuesOfTotal = 2;

    private CandidateHistograms? _histograms;
    private TreeGradients? _gradients;
    private GradientPair[] _root = [];
    private int _scans;

    public string Name => own.Name;

    /// <summary>The rules of the splits made so far.</summary>
    public IReadOnlyList<SplitRule> Records => own.Records;

    /// <summary>The sums over all holders' rows of the tree.</summary>
    public GradientPair Total { get; private set; }

    public async ValueTask BeginTreeAsync(TreeGradients gradients, CancellationToken ct)
    {
        await own.BeginTreeAsync(gradients, ct).ConfigureAwait(false);
        _gradients = gradients;
        _histograms = own.Histograms!;
        _scans = 0;
        ScanNode root = new(0, Enumerable.Range(0, gradients.Gradients.Length).ToArray());
        var round = string.Create(CultureInfo.InvariantCulture, $"tree.{gradients.Tree}.root");
        var values = await sums.SumAsync(
            round, ValuesOfTotal + _histograms.ValuesOfNode, token => [.. TotalOf(gradients), .. _histograms.SumByCode([root], token)], ct).ConfigureAwait(false);
        Total = new GradientPair(values[0], values[1]);
        _root = Candidates(round, values.AsSpan(ValuesOfTotal), Total);
    }

    public async ValueTask<IReadOnlyList<GradientPair[]>> SumAsync(IReadOnlyList<ScanNode> nodes, CancellationToken ct)
    {
        if (nodes is [{ Node: 0 }])
            return [_root];
        var histograms = _histograms ?? throw new InvalidOperationException("Begin a tree first.");
        var values = histograms.ValuesOfNode;
        if (values == 0)
            return [.. nodes.Select(_ => Array.Empty<GradientPair>())];
        var round = string.Create(CultureInfo.InvariantCulture, $"tree.{_gradients!.Tree}.level.{++_scans}");
        var answer = await sums.SumAsync(round, values * nodes.Count, token => histograms.SumByCode(nodes, token), ct).ConfigureAwait(false);
        return [.. Enumerable.Range(0, nodes.Count).Select(i => Candidates(round, answer.AsSpan(i * values, values), total: null))];
    }

    public ValueTask<IReadOnlyList<SplitAnswer?>> SplitAsync(IReadOnlyList<SplitRequest> requests, CancellationToken ct) => own.SplitAsync(requests, ct);

    private static long[] TotalOf(TreeGradients gradients)
    {
        var (gradient, hessian) = (0L, 0L);
        foreach (var value in gradients.Gradients.Span)
            gradient += value;
        foreach (var value in gradients.Hessians.Span)
            hessian += value;
        return [gradient, hessian];
    }

    /// <summary>The candidates' sums, after a check that the histograms can be sums of rows: every feature holds all rows of the node.</summary>
    private GradientPair[] Candidates(string round, ReadOnlySpan<long> values, GradientPair? total)
    {
        var quantizer = _gradients!.Quantizer;
        return _histograms!.FromCodes(values, quantizer.MaximumGradientSum, quantizer.MaximumHessianSum, total) ?? throw Messages.SumsImpossible(round);
    }
}
