using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// A source's side of the encrypted scan (design, section 5): its candidates' 0/1 vectors against the encrypted gradients.
/// <code>
///   candidates ─ shuffle (secret, fresh a tree) ─► groups of k (<see cref="TreeCandidates"/>)
///                                                  │   here, or by scan workers (<see cref="IBlockSummation"/>)
///                        bits descending ─► transform (kept while a tree lasts, <see cref="CandidateBlocks"/>)
///   masks ─────────────────────────────► Σ over blocks of plaintext × mask ──┐
///   c0 of the gradients ─► sums by bin ─► sums by candidate (<see cref="FirstSums"/>) ─┤  bare
///   ─► + encryption of zero + flood ─► modulus switch ─► k answer coefficients, all that leaves  ◄─┘
/// </code>
/// </summary>
internal sealed class CandidateScanner
{
    private readonly ScanPlan _plan;
    private readonly IBlockSummation _summation;
    private readonly FunctionPrivateResponder _responder;
    private readonly AnswerPacker? _packer;
    private readonly int[] _answerCoefficients;
    private readonly int _degreeOfParallelism;
    private TreeCandidates _candidates = TreeCandidates.None;

    /// <summary>Prepares the scans of a run.</summary>
    /// <param name="setup">The active party's plan and keys.</param>
    /// <param name="summation">Where the sums come from.</param>
    /// <param name="settings">Threads.</param>
    public CandidateScanner(ScanSetup setup, IBlockSummation summation, PartySettings settings)
    {
        (_plan, _packer, _summation, _degreeOfParallelism) = (setup.Plan, setup.Packer, summation, settings.DegreeOfParallelism);
        _responder = new FunctionPrivateResponder(setup.PublicKey, ScanPlan.StatisticalBits);
        _answerCoefficients = _plan.AnswerCoefficients;
    }

    /// <summary>Number of the tree whose candidates are prepared, or -1.</summary>
    public int Tree => _candidates.Tree;

    /// <summary>Shuffles the candidates of a tree.</summary>
    /// <param name="tree">Number of the tree.</param>
    /// <param name="candidates">Its candidates in catalogue order.</param>
    public void BeginTree(int tree, IReadOnlyList<SplitCandidate> candidates)
    {
        _candidates = TreeCandidates.Shuffle(_plan, tree, candidates);
        _summation.BeginTree(_candidates);
    }

    /// <summary>The candidate that the active party knows by an index of this tree's shuffled order, as an index in catalogue order.</summary>
    public int ToCatalogueOrder(int shuffled) => _candidates.ToCatalogueOrder(shuffled);

    /// <summary>Answers a scan request.</summary>
    /// <param name="request">The encrypted vectors.</param>
    /// <param name="storedTrees">Number of trees in this party's durable checkpoint, told along the way.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<PayloadBuffer> AnswerAsync(ScanRequest request, int storedTrees, CancellationToken cancellationToken)
    {
        using var sums = await _summation.SumAsync(request, cancellationToken).ConfigureAwait(false);
        var options = new ParallelOptions { MaxDegreeOfParallelism = _degreeOfParallelism, CancellationToken = cancellationToken };
        var payload = new PayloadBuffer();
        try
        {
            var writer = new MessageWriter(payload);
            writer.Int32(storedTrees);
            writer.Int32(_candidates.Count);
            writer.Int32(request.Nodes);
            if (_packer is null) Write(Together(sums, request.Masks, options), payload);
            else for (var mask = 0; mask < request.Masks; mask++) Write(Packed(_packer, sums, mask, options), payload);
            return payload;
        }
        catch
        {
            payload.Dispose();
            throw;
        }
    }

    /// <summary>An answer for each mask and group, the masks of a group together: a candidate's plaintext is read once for all.</summary>
    private IEnumerable<ScanAnswer> Together(IBareSums sums, int masks, ParallelOptions options)
    {
        var answers = new ScanAnswer[masks, _candidates.Groups];
        var first = Enumerable.Range(0, masks).Select(sums.First).ToArray();
        Parallel.For(0, _candidates.Groups, options, group =>
        {
            using var products = sums.Of(group, 0, masks);
            for (var mask = 0; mask < masks; mask++)
            {
                answers[mask, group] = _responder.Respond(products.Sums[mask], first[mask].Messages, first[mask].Answer(_candidates.Members(group)), _plan.NoiseBound, _answerCoefficients, _plan.AnswerBits);
            }
        });
        return answers.Cast<ScanAnswer>();
    }

    /// <summary>The packed answers of one mask: the groups of a pack in parallel, then its messages.</summary>
    private IEnumerable<ScanAnswer> Packed(AnswerPacker packer, IBareSums sums, int mask, ParallelOptions options)
    {
        var first = sums.First(mask);
        var start = 0;
        foreach (var groups in _plan.Packs(_candidates.Count))
        {
            var randomised = new RandomisedAnswer[groups];
            var packed = new ScanAnswer[first.Messages];
            try
            {
                Parallel.For(0, groups, options, i =>
                {
                    using var products = sums.Of(start + i, mask, 1);
                    randomised[i] = _responder.Randomise(products.Sums[0], first.Messages, first.Answer(_candidates.Members(start + i)), _plan.NoiseBound, _answerCoefficients);
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
}
