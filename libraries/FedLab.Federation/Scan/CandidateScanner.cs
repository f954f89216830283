using System.Collections.Concurrent;
using FedLab.Federation.Alignment;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// A source's side of the encrypted scan (design, section 5): its candidates' 0/1 vectors against the encrypted gradients.
/// <code>
///   candidates ─ shuffle (secret, fresh a tree) ─► groups of k ─ bits descending ─► transform (kept while a tree lasts)
///   masks ────────────────────────────────────────────────────► Σ over blocks of plaintext × mask ─┐
///   c0 of the gradients ─► sums by bin ─► sums by candidate (<see cref="FirstSums"/>) ─────────────┤
///   ─► + encryption of zero + flood ─► modulus switch ─► k answer coefficients, all that leaves  ◄─┘
/// </code>
/// </summary>
internal sealed class CandidateScanner : IDisposable
{
    private readonly ScanPlan _plan;
    private readonly LatticeContext _lattice;
    private readonly FunctionPrivateResponder _responder;
    private readonly AnswerPacker? _packer;
    private readonly IReadOnlyList<BinnedFeature> _features;
    private readonly PartySettings _settings;
    private readonly int[] _answerCoefficients;
    private readonly ConcurrentBag<Worker> _workers = [];
    private IReadOnlyList<SplitCandidate> _candidates = [];
    private int[] _order = [];
    private double[]?[] _kept = [];
    private bool[] _keptReady = [];

    /// <summary>Prepares the scans of a run.</summary>
    /// <param name="setup">The active party's plan and keys.</param>
    /// <param name="features">Own features over the training rows of the common order.</param>
    /// <param name="settings">Threads and memory.</param>
    public CandidateScanner(ScanSetup setup, IReadOnlyList<BinnedFeature> features, PartySettings settings)
    {
        (_plan, _lattice, _packer, _features, _settings) = (setup.Plan, setup.Lattice, setup.Packer, features, settings);
        _responder = new FunctionPrivateResponder(setup.PublicKey, ScanPlan.StatisticalBits);
        _answerCoefficients = _plan.AnswerCoefficients;
    }

    /// <summary>Number of the tree whose candidates are prepared, or -1.</summary>
    public int Tree { get; private set; } = -1;

    /// <summary>Shuffles the candidates of a tree.</summary>
    /// <param name="tree">Number of the tree.</param>
    /// <param name="candidates">Its candidates in catalogue order.</param>
    public void BeginTree(int tree, IReadOnlyList<SplitCandidate> candidates)
    {
        Tree = tree;
        _candidates = candidates;
        _order = BlindedKeys.RandomPermutation(candidates.Count);
        var groups = _plan.Answers(candidates.Count);
        var groupLength = (long)_plan.Blocks * _lattice.PolynomialLength;
        var keep = (int)Math.Min(groups, _settings.MemoryLimit / (groupLength * sizeof(double)));
        if (groupLength > Array.MaxLength) keep = 0;
        if (_kept.Length != groups) _kept = new double[groups][];
        for (var group = 0; group < keep; group++) _kept[group] ??= GC.AllocateUninitializedArray<double>((int)groupLength);
        _keptReady = new bool[groups];
    }

    /// <summary>The candidate that the active party knows by an index of this tree's shuffled order, as an index in catalogue order.</summary>
    public int ToCatalogueOrder(int shuffled) =>
        (uint)shuffled < (uint)_order.Length ? _order[shuffled] : throw ProtocolErrors.CandidateUnknown(shuffled, _order.Length);

    /// <summary>Answers a scan request.</summary>
    /// <param name="request">The encrypted vectors.</param>
    /// <param name="storedTrees">Number of trees in this party's durable checkpoint, told along the way.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public PayloadBuffer Answer(ScanRequest request, int storedTrees, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = _settings.DegreeOfParallelism, CancellationToken = cancellationToken };
        var payload = new PayloadBuffer();
        var writer = new MessageWriter(payload);
        writer.Int32(storedTrees);
        writer.Int32(_candidates.Count);
        writer.Int32(request.Nodes);
        if (_packer is null) Write(Together(request, options), payload);
        else foreach (var mask in request.Masks) Write(Packed(_packer, mask, options), payload);
        return payload;
    }

    /// <summary>An answer for each mask and group, the masks of a group computed together: a candidate's plaintext is read once for all.</summary>
    private IEnumerable<ScanAnswer> Together(ScanRequest request, ParallelOptions options)
    {
        var groups = _plan.Answers(_candidates.Count);
        var answers = new ScanAnswer[request.Masks.Count, groups];
        var first = request.Masks.Select(mask => FirstSums.Add(_plan, _lattice, mask, _features, _candidates, options)).ToArray();
        var blocks = Enumerable.Range(0, _plan.Blocks).Select(request.Block).ToArray();
        Parallel.For(0, groups, options, group =>
        {
            var worker = _workers.TryTake(out var idle) ? idle : new Worker(_lattice);
            var sums = Sum(blocks, group, worker);
            for (var mask = 0; mask < first.Length; mask++)
            {
                answers[mask, group] = _responder.Respond(sums[mask], first[mask].Messages, first[mask].Answer(Members(group)), _plan.NoiseBound, _answerCoefficients, _plan.AnswerBits);
            }
            _workers.Add(worker);
        });
        return answers.Cast<ScanAnswer>();
    }

    /// <summary>The packed answers of one mask: the groups of a pack in parallel, then its messages.</summary>
    private IEnumerable<ScanAnswer> Packed(AnswerPacker packer, IReadOnlyList<ScanCiphertext> mask, ParallelOptions options)
    {
        var first = FirstSums.Add(_plan, _lattice, mask, _features, _candidates, options);
        var blocks = mask.Select(ciphertext => (Ciphertext[])[ciphertext.Mask]).ToArray();
        var start = 0;
        foreach (var groups in _plan.Packs(_candidates.Count))
        {
            var randomised = new RandomisedAnswer[groups];
            var packed = new ScanAnswer[first.Messages];
            try
            {
                Parallel.For(0, groups, options, i =>
                {
                    var worker = _workers.TryTake(out var idle) ? idle : new Worker(_lattice);
                    randomised[i] = _responder.Randomise(Sum(blocks, start + i, worker)[0], first.Messages, first.Answer(Members(start + i)), _plan.NoiseBound, _answerCoefficients);
                    _workers.Add(worker);
                });
                Parallel.For(0, packed.Length, options, message => packed[message] = packer.Pack(randomised, message, _plan.AnswerBits));
            }
            finally
            {
                foreach (var answer in randomised) answer?.Dispose();
            }
            start += groups;
            foreach (var answer in packed) yield return answer;
        }
    }

    private static void Write(IEnumerable<ScanAnswer> answers, PayloadBuffer payload)
    {
        foreach (var answer in answers) answer.Write(payload);
    }

    /// <summary>The candidates of a group, in catalogue order's numbers.</summary>
    private ReadOnlySpan<int> Members(int group)
    {
        var k = _plan.CandidatesPerAnswer;
        return _order.AsSpan(group * k, Math.Min(k, _order.Length - (group * k)));
    }

    /// <summary>
    /// The bare sums of a group of candidates times each mask. They must not leave: the key holder could read the candidates'
    /// rows from them, which a test does.
    /// </summary>
    internal ReadOnlySpan<ProductAccumulator> Sum(Ciphertext[][] blocks, int group, Worker worker)
    {
        var sums = worker.Sums(blocks[0].Length);
        for (var block = 0; block < blocks.Length; block++)
        {
            ProductAccumulator.MultiplyAccumulate(Plaintext(group, block, worker), blocks[block], sums);
        }
        _keptReady[group] = _kept[group] is not null;
        return sums;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in _workers) worker.Dispose();
    }

    /// <summary>The transform of k candidates over the rows of a block: kept from an earlier scan of this tree, or made now.</summary>
    private ReadOnlySpan<double> Plaintext(int group, int block, Worker worker)
    {
        var length = _lattice.PolynomialLength;
        var target = _kept[group] is { } kept ? kept.AsSpan(block * length, length) : worker.Evaluation;
        if (_keptReady[group]) return target;
        var coefficients = worker.Coefficients;
        coefficients.Clear();
        var rowsPerBlock = _plan.RowsPerBlock;
        var start = block * rowsPerBlock;
        var rows = Math.Min(rowsPerBlock, _plan.Rows - start);
        for (var j = 0; j < _plan.CandidatesPerAnswer && group * _plan.CandidatesPerAnswer + j < _order.Length; j++)
        {
            var candidate = _candidates[_order[group * _plan.CandidatesPerAnswer + j]];
            var codes = _features[candidate.FeatureIndex].Codes.Span.Slice(start, rows);
            // Descending, so that coefficient (j+1)·rowsPerBlock − 1 of the product is the inner product with the ascending vector.
            var bits = coefficients.Slice(j * rowsPerBlock, rowsPerBlock);
            var left = worker.LeftTable(candidate.LeftCodes);
            for (var i = 0; i < codes.Length; i++) bits[rowsPerBlock - 1 - i] = left[codes[i]];
        }
        _lattice.TransformSmall(coefficients, target);
        return target;
    }

    /// <summary>Scratch memory of one thread.</summary>
    internal sealed class Worker(LatticeContext lattice) : IDisposable
    {
        private readonly double[] _coefficients = new double[lattice.Parameters.Degree];
        private readonly double[] _evaluation = new double[lattice.PolynomialLength];
        private readonly double[] _left = new double[256];
        private ProductAccumulator[] _sums = [];

        public Span<double> Coefficients => _coefficients;

        public Span<double> Evaluation => _evaluation;

        public ReadOnlySpan<double> LeftTable(ReadOnlySpan<bool> left)
        {
            Array.Clear(_left);
            for (var code = 0; code < left.Length; code++) _left[code] = left[code] ? 1 : 0;
            return _left;
        }

        /// <summary>A cleared sum for each mask.</summary>
        public ReadOnlySpan<ProductAccumulator> Sums(int masks)
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
}
