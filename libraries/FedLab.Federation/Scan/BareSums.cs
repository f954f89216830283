using FedLab.Lattice;

namespace FedLab.Federation.Scan;

/// <summary>
/// Adds up encrypted vectors over a source's candidates: the work of a scan that grows with the rows. It is done here
/// (<see cref="LocalSummation"/>) or by the institution's scan workers (<see cref="Workers.WorkerSummation"/>), with the same sums
/// modulo Q. What it gives is bare: <see cref="CandidateScanner"/> makes of it what may leave.
/// </summary>
internal interface IBlockSummation : IAsyncDisposable
{
    /// <summary>Takes the candidates of a tree.</summary>
    void BeginTree(TreeCandidates candidates);

    /// <summary>The sums of the candidates of the tree over the vectors of a request.</summary>
    /// <param name="request">The encrypted vectors; they must outlive the sums.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ProtocolException">A ciphertext is wrong.</exception>
    ValueTask<IBareSums> SumAsync(ScanRequest request, CancellationToken cancellationToken);
}

/// <summary>The sums of a scan; a summation has one at a time.</summary>
internal interface IBareSums : IDisposable
{
    /// <summary>The c0 of every candidate under a mask.</summary>
    FirstSums First(int mask);

    /// <summary>The sums of a group of candidates times some of the masks. Several threads may ask at the same time.</summary>
    SumsLease Of(int group, int firstMask, int masks);
}

/// <summary>Sums that are in use; disposing gives their memory back.</summary>
/// <param name="sums">One for each mask.</param>
/// <param name="release">What is done in the end, or null.</param>
internal readonly struct SumsLease(ReadOnlyMemory<ProductAccumulator> sums, Action? release) : IDisposable
{
    /// <summary>One for each mask.</summary>
    public ReadOnlySpan<ProductAccumulator> Sums => sums.Span;

    /// <inheritdoc/>
    public void Dispose() => release?.Invoke();
}
