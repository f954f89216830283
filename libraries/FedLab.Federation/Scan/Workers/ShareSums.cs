using System.Buffers;
using System.Collections.Concurrent;
using FedLab.Federation.Wire;
using FedLab.Lattice;

namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// The sums over a share of a scan's blocks, all in memory: a polynomial for each group of candidates and mask. Shares of different
/// blocks add up, exactly, modulo each prime. The memory is used again from scan to scan.
/// </summary>
/// <param name="plan">The scan.</param>
/// <param name="lattice">Its ring.</param>
internal sealed class ShareSums(ScanPlan plan, LatticeContext lattice) : IBareSums
{
    private readonly List<ProductAccumulator> _spare = [];
    private readonly ConcurrentBag<ScanScratch> _idle = [];
    private ProductAccumulator[] _products = [];
    private FirstSums[] _first = [];
    private TreeCandidates _candidates = TreeCandidates.None;
    private int _masks;

    /// <summary>Begins anew with zero.</summary>
    /// <param name="candidates">The candidates of the tree.</param>
    /// <param name="nodes">Number of nodes.</param>
    public void Reset(TreeCandidates candidates, int nodes)
    {
        var masks = plan.Masks(nodes).ToArray();
        if (_candidates != candidates || !masks.Select(mask => 2 * mask).SequenceEqual(_first.Select(first => first.Messages)))
        {
            _first = [.. masks.Select(mask => new FirstSums(plan, lattice, 2 * mask, candidates.Count))];
        }
        else
        {
            foreach (var first in _first) first.Clear();
        }
        (_candidates, _masks) = (candidates, masks.Length);
        while (_spare.Count < candidates.Groups * _masks) _spare.Add(new ProductAccumulator(lattice, messages: 0));
        _products = [.. _spare.Take(candidates.Groups * _masks)];
        foreach (var product in _products) product.Clear();
    }

    /// <summary>Adds blocks.</summary>
    /// <param name="blocks">Their candidates.</param>
    /// <param name="ciphertexts">Their ciphertexts.</param>
    /// <param name="advanced">Called whenever some of the work is done, by any thread.</param>
    /// <param name="options">Threads and the token.</param>
    public void Add(CandidateBlocks blocks, ExpandedBlocks ciphertexts, Action advanced, ParallelOptions options)
    {
        for (var mask = 0; mask < _masks; mask++)
        {
            blocks.AddFirst(ciphertexts.Of(mask), _first[mask], options);
            advanced();
        }
        var masks = ciphertexts.Products(0, _masks);
        Parallel.For(0, _candidates.Groups, options, group =>
        {
            var scratch = _idle.TryTake(out var idle) ? idle : new ScanScratch(lattice);
            blocks.AddProducts(masks, group, scratch, _products.AsSpan(group * _masks, _masks));
            _idle.Add(scratch);
            advanced();
        });
    }

    /// <summary>Adds the sums over other blocks that <see cref="Write"/> wrote.</summary>
    /// <param name="bytes">Exactly <see cref="WorkerProtocol.SumsLength"/> bytes.</param>
    /// <param name="options">Threads and the token.</param>
    /// <exception cref="ProtocolException">A residue is wrong; the sums are then of no use.</exception>
    public void Add(ReadOnlySequence<byte> bytes, ParallelOptions options)
    {
        var reader = new MessageReader(bytes, nameof(ShareSums));
        foreach (var first in _first) first.Add(ref reader);
        var size = ProductAccumulator.SerializedSize(lattice, messages: 0);
        var products = reader.Slice((long)_products.Length * size);
        reader.End();
        try
        {
            Parallel.For(0, _products.Length, options, index => _products[index].Add(products.Slice((long)index * size, size)));
        }
        catch (AggregateException e) when (e.InnerException is LatticeFormatException)
        {
            throw ProtocolErrors.WorkerSumInvalid();
        }
    }

    /// <summary>Writes the sums for another process of the same institution.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        foreach (var first in _first) first.Write(new MessageWriter(output));
        foreach (var product in _products) product.Write(output);
    }

    /// <inheritdoc/>
    public FirstSums First(int mask) => _first[mask];

    /// <inheritdoc/>
    public SumsLease Of(int group, int firstMask, int masks) => new(_products.AsMemory((group * _masks) + firstMask, masks), release: null);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var product in _spare) product.Dispose();
        foreach (var scratch in _idle) scratch.Dispose();
        _spare.Clear();
        _idle.Clear();
    }
}
