using System.Collections.Concurrent;
using FedLab.Federation.Runs;
using FedLab.Lattice;

namespace FedLab.Federation.Scan;

/// <summary>
/// Adds up in this process. Sums are made when they are asked for, group by group in the memory of the thread that asks: the sums of all
/// groups at once would take a polynomial for each group and mask.
/// </summary>
internal sealed class LocalSummation : IBlockSummation
{
    private readonly LatticeContext _lattice;
    private readonly CandidateBlocks _blocks;
    private readonly ScanPlan _plan;
    private readonly PartySettings _settings;
    private readonly ConcurrentBag<ScanScratch> _idle = [];
    private TreeCandidates _candidates = TreeCandidates.None;

    /// <summary>Prepares the sums of a run.</summary>
    /// <param name="plan">The scan.</param>
    /// <param name="lattice">Its ring.</param>
    /// <param name="features">Own features over the training rows of the common order.</param>
    /// <param name="settings">Threads and memory.</param>
    public LocalSummation(ScanPlan plan, LatticeContext lattice, IReadOnlyList<FeatureCodes> features, PartySettings settings)
    {
        (_plan, _lattice, _settings) = (plan, lattice, settings);
        _blocks = new CandidateBlocks(plan, lattice, features, new TransformMemory(settings.MemoryLimit));
    }

    /// <inheritdoc/>
    public void BeginTree(TreeCandidates candidates)
    {
        _candidates = candidates;
        _blocks.BeginTree(candidates);
    }

    /// <inheritdoc/>
    public ValueTask<IBareSums> SumAsync(ScanRequest request, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = _settings.DegreeOfParallelism, CancellationToken = cancellationToken };
        return new(new Sums(this, request.Expand(0, _plan.Blocks, options), options));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var scratch in _idle) scratch.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class Sums(LocalSummation owner, ExpandedBlocks ciphertexts, ParallelOptions options) : IBareSums
    {
        private readonly ConcurrentDictionary<(int First, int Count), Ciphertext[][]> _products = [];

        public FirstSums First(int mask)
        {
            var sums = new FirstSums(owner._plan, owner._lattice, ciphertexts.Of(mask)[0].Messages, owner._candidates.Count);
            owner._blocks.AddFirst(ciphertexts.Of(mask), sums, options);
            return sums;
        }

        public SumsLease Of(int group, int firstMask, int masks)
        {
            var scratch = owner._idle.TryTake(out var idle) ? idle : new ScanScratch(owner._lattice);
            var sums = scratch.Sums(masks);
            var blocks = _products.GetOrAdd((firstMask, masks), static (range, all) => all.Products(range.First, range.Count), ciphertexts);
            owner._blocks.AddProducts(blocks, group, scratch, sums);
            return new SumsLease(sums, () => owner._idle.Add(scratch));
        }

        public void Dispose() => ciphertexts.Dispose();
    }
}
