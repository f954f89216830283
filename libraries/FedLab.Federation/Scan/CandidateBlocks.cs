using FedLab.Lattice;

namespace FedLab.Federation.Scan;

/// <summary>
/// A source's candidates over a range of its blocks of rows: the transforms of their bits, kept while a tree lasts as far as memory
/// allows, and the sums for which they are needed. Groups may be computed at the same time, each by one thread.
/// </summary>
internal sealed class CandidateBlocks
{
    private readonly ScanPlan _plan;
    private readonly LatticeContext _lattice;
    private readonly IReadOnlyList<FeatureCodes> _features;
    private readonly TransformMemory _memory;
    private readonly int _rows;
    private TreeCandidates _candidates = TreeCandidates.None;
    private double[]?[] _kept = [];
    private bool[] _isReady = [];

    /// <summary>Takes the rows.</summary>
    /// <param name="plan">The scan.</param>
    /// <param name="lattice">Its ring.</param>
    /// <param name="features">The features over the rows of these blocks; only the last block of a scan is not full.</param>
    /// <param name="memory">Where transforms are kept.</param>
    public CandidateBlocks(ScanPlan plan, LatticeContext lattice, IReadOnlyList<FeatureCodes> features, TransformMemory memory)
    {
        (_plan, _lattice, _features, _memory) = (plan, lattice, features, memory);
        _rows = features.Count == 0 ? 0 : features[0].Codes.Length;
    }

    /// <summary>Number of blocks.</summary>
    public int Blocks => (_rows + _plan.RowsPerBlock - 1) / _plan.RowsPerBlock;

    /// <summary>Takes the candidates of a tree; the transforms of the tree before are void.</summary>
    public void BeginTree(TreeCandidates candidates)
    {
        foreach (var kept in _kept)
        {
            if (kept is not null) _memory.Return(kept);
        }
        (_candidates, _kept, _isReady) = (candidates, new double[candidates.Groups][], new bool[candidates.Groups]);
    }

    /// <summary>
    /// Adds a group of candidates times each mask. The sums are bare and must not leave the institution: the key holder could read the
    /// candidates' rows from them, which a test does.
    /// </summary>
    /// <param name="blocks">The masks, block by block.</param>
    /// <param name="group">The group.</param>
    /// <param name="scratch">The thread's memory.</param>
    /// <param name="sums">One for each mask.</param>
    public void AddProducts(Ciphertext[][] blocks, int group, ScanScratch scratch, ReadOnlySpan<ProductAccumulator> sums)
    {
        var kept = _kept[group] ??= _memory.Rent((long)blocks.Length * _lattice.PolynomialLength);
        for (var block = 0; block < blocks.Length; block++)
        {
            ProductAccumulator.MultiplyAccumulate(Plaintext(group, block, kept, scratch), blocks[block], sums);
        }
        _isReady[group] = kept is not null;
    }

    /// <summary>Adds the rows' c0 of one mask, features in parallel.</summary>
    public void AddFirst(IReadOnlyList<ScanCiphertext> blocks, FirstSums sums, ParallelOptions options) => sums.Add(blocks, _features, _candidates, options);

    /// <summary>The transform of k candidates over the rows of a block: kept from an earlier scan of this tree, or made now.</summary>
    private ReadOnlySpan<double> Plaintext(int group, int block, double[]? kept, ScanScratch scratch)
    {
        var length = _lattice.PolynomialLength;
        var target = kept is null ? scratch.Evaluation : kept.AsSpan(block * length, length);
        if (_isReady[group]) return target;
        var coefficients = scratch.Coefficients;
        coefficients.Clear();
        var rowsPerBlock = _plan.RowsPerBlock;
        var start = block * rowsPerBlock;
        var rows = Math.Min(rowsPerBlock, _rows - start);
        var members = _candidates.Members(group);
        for (var j = 0; j < members.Length; j++)
        {
            var codes = _features[_candidates.FeatureOf(members[j])].Codes.Span.Slice(start, rows);
            // Descending, so that coefficient (j+1)·rowsPerBlock − 1 of the product is the inner product with the ascending vector.
            var bits = coefficients.Slice(j * rowsPerBlock, rowsPerBlock);
            var left = scratch.LeftTable(_candidates.LeftOf(members[j]));
            for (var i = 0; i < codes.Length; i++) bits[rowsPerBlock - 1 - i] = left[codes[i]];
        }
        _lattice.TransformSmall(coefficients, target);
        return target;
    }
}

/// <summary>Memory of one thread of a scan.</summary>
/// <param name="lattice">The ring.</param>
internal sealed class ScanScratch(LatticeContext lattice) : IDisposable
{
    private readonly double[] _coefficients = new double[lattice.Parameters.Degree];
    private readonly double[] _evaluation = new double[lattice.PolynomialLength];
    private readonly double[] _left = new double[256];
    private ProductAccumulator[] _sums = [];

    public Span<double> Coefficients => _coefficients;

    public Span<double> Evaluation => _evaluation;

    /// <summary>One for each code that goes left; zero for all others.</summary>
    public ReadOnlySpan<double> LeftTable(ReadOnlySpan<bool> left)
    {
        Array.Clear(_left);
        for (var code = 0; code < left.Length; code++) _left[code] = left[code] ? 1 : 0;
        return _left;
    }

    /// <summary>A cleared sum for each mask.</summary>
    public ProductAccumulator[] Sums(int masks)
    {
        if (_sums.Length != masks)
        {
            Dispose();
            _sums = [.. Enumerable.Range(0, masks).Select(_ => new ProductAccumulator(lattice, messages: 0))];
        }
        foreach (var sum in _sums) sum.Clear();
        return _sums;
    }

    public void Dispose()
    {
        foreach (var sum in _sums) sum.Dispose();
    }
}
