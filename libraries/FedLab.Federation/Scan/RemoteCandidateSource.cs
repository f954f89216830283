using FedLab.Federation.Channels;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>Another party's candidates, as the active party's trainer sees them: encrypted sums in, sealed splits back.</summary>
/// <param name="name">The source.</param>
/// <param name="maximumCandidates">Number of candidates that it announced.</param>
/// <param name="channel">The network.</param>
/// <param name="scan">The active party's key and requests.</param>
internal sealed class RemoteCandidateSource(string name, int maximumCandidates, IPartyChannel channel, GradientScan scan) : ICandidateSource
{
    /// <inheritdoc/>
    public string Name => name;

    /// <summary>Number of trees in the source's durable checkpoint, as it last said.</summary>
    public int StoredTrees { get; private set; }

    /// <inheritdoc/>
    public ValueTask BeginTreeAsync(TreeGradients gradients, CancellationToken ct)
    {
        scan.BeginTree(gradients);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<GradientPair[]>> SumAsync(IReadOnlyList<ScanNode> nodes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        if (nodes.Count == 0) return [];
        await channel.SendAsync(name, Steps.ScanRequest, await scan.RequestAsync(nodes, ct).ConfigureAwait(false), ct).ConfigureAwait(false);
        using var answer = await channel.ReceiveAsync(name, Steps.ScanAnswer, ct).ConfigureAwait(false);
        var (sums, storedTrees) = scan.Decrypt(name, nodes.Count, maximumCandidates, answer.AsSequence(), ct);
        StoredTrees = storedTrees;
        return sums;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SplitAnswer?>> SplitAsync(IReadOnlyList<SplitRequest> requests, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(requests);
        await channel.SendAsync(name, Steps.SplitRequest, SplitMessages.Write(requests, scan.Plan.Rows), ct).ConfigureAwait(false);
        using var answer = await channel.ReceiveAsync(name, Steps.SplitAnswer, ct).ConfigureAwait(false);
        return SplitMessages.ReadAnswers(answer.AsSequence(), requests, scan.Plan.Rows, name);
    }
}
