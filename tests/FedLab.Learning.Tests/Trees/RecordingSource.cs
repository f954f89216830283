namespace FedLab.Learning.Tests.Trees;

/// <summary>Passes everything on to another source, keeps what it was asked, and may change what it answers.</summary>
internal sealed class RecordingSource(ICandidateSource inner) : ICandidateSource
{
    public List<TreeGradients> Trees { get; } = [];

    public List<IReadOnlyList<ScanNode>> Scans { get; } = [];

    public List<IReadOnlyList<SplitRequest>> Splits { get; } = [];

    private List<(int Tree, SplitRequest Request)> Requests { get; } = [];

    public Func<IReadOnlyList<GradientPair[]>, IReadOnlyList<GradientPair[]>> ChangeSums { get; init; } = sums => sums;

    public Func<IReadOnlyList<SplitAnswer?>, IReadOnlyList<SplitAnswer?>> ChangeAnswers { get; init; } = answers => answers;

    public Action<IReadOnlyList<SplitRequest>> BeforeSplit { get; init; } = _ => { };

    /// <summary>Awaited before every answer.</summary>
    public Func<CancellationToken, Task> Before { get; init; } = _ => Task.CompletedTask;

    public IEnumerable<SplitRequest> RequestsOf(int tree) => Requests.Where(entry => entry.Tree == tree).Select(entry => entry.Request);

    public string Name => inner.Name;

    public ValueTask BeginTreeAsync(TreeGradients gradients, CancellationToken ct)
    {
        Trees.Add(gradients);
        return inner.BeginTreeAsync(gradients, ct);
    }

    public async ValueTask<IReadOnlyList<GradientPair[]>> SumAsync(IReadOnlyList<ScanNode> nodes, CancellationToken ct)
    {
        Scans.Add(nodes);
        await Before(ct);
        return ChangeSums(await inner.SumAsync(nodes, ct));
    }

    public async ValueTask<IReadOnlyList<SplitAnswer?>> SplitAsync(IReadOnlyList<SplitRequest> requests, CancellationToken ct)
    {
        Splits.Add(requests);
        Requests.AddRange(requests.Select(request => (Trees[^1].Tree, request)));
        BeforeSplit(requests);
        await Before(ct);
        return ChangeAnswers(await inner.SplitAsync(requests, ct));
    }
}
