using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// The c0 of every answer of a mask, by additions alone. With 0/1 plaintexts the coefficients of a product that are answered are
/// signed sums of coefficients of c0, so each row is added once a feature and not multiplied once a candidate.
/// <code>
///   c0 = [ segment 0 | segment 1 | … | segment k-1 ]     k candidates share an answer, a segment is rowsPerBlock coefficients
///   H_t(c) = Σ over the rows that candidate c sends left of segment t's coefficient
///   answer j of a group = Σ_{i ≤ j} H_{j-i}(candidate i) − Σ_{i > j} H_{k+j-i}(candidate i)        (X^N = −1)
/// </code>
/// </summary>
internal sealed class FirstSums
{
    private readonly ScanPlan _plan;
    private readonly LatticeContext _lattice;
    private readonly int _sumLength;

    /// <summary>H: segment by segment, candidate by candidate in catalogue order, the residues of every message.</summary>
    private readonly long[] _sums;
    private readonly int _candidates;

    private FirstSums(ScanPlan plan, LatticeContext lattice, int messages, int candidates)
    {
        (_plan, _lattice, Messages, _candidates) = (plan, lattice, messages, candidates);
        _sumLength = messages * lattice.Parameters.Primes.Count;
        _sums = new long[checked(plan.CandidatesPerAnswer * candidates * _sumLength)];
    }

    /// <summary>Messages of the mask.</summary>
    public int Messages { get; }

    /// <summary>Adds up the rows of one mask's ciphertexts, features in parallel.</summary>
    /// <param name="plan">The scan.</param>
    /// <param name="lattice">Its ring.</param>
    /// <param name="ciphertexts">Block by block.</param>
    /// <param name="features">The source's features.</param>
    /// <param name="candidates">Its candidates in catalogue order.</param>
    /// <param name="options">Threads and the token.</param>
    public static FirstSums Add(ScanPlan plan, LatticeContext lattice, IReadOnlyList<ScanCiphertext> ciphertexts, IReadOnlyList<BinnedFeature> features, IReadOnlyList<SplitCandidate> candidates, ParallelOptions options)
    {
        var sums = new FirstSums(plan, lattice, ciphertexts[0].Messages, candidates.Count);
        var byFeature = Enumerable.Range(0, candidates.Count).GroupBy(candidate => candidates[candidate].FeatureIndex).ToArray();
        Parallel.ForEach(byFeature, options, group =>
        {
            var codes = features[group.Key].Codes.Span;
            var histograms = new CoefficientHistogram[plan.CandidatesPerAnswer];
            for (var segment = 0; segment < histograms.Length; segment++) histograms[segment] = new CoefficientHistogram(lattice, sums.Messages, features[group.Key].Bins.BinCount + 1);
            for (var block = 0; block < ciphertexts.Count; block++)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                var start = block * plan.RowsPerBlock;
                var rows = codes.Slice(start, Math.Min(plan.RowsPerBlock, plan.Rows - start));
                for (var segment = 0; segment < histograms.Length; segment++) histograms[segment].Add(ciphertexts[block], segment * plan.RowsPerBlock, rows);
            }
            foreach (var candidate in group)
            {
                for (var segment = 0; segment < histograms.Length; segment++) histograms[segment].Select(candidates[candidate].LeftCodes, sums.Of(segment, candidate));
            }
        });
        return sums;
    }

    /// <summary>The c0 of an answer: for each message and candidate of the group the residues of its coefficient.</summary>
    /// <param name="group">The group's candidates in catalogue order, at most k; fewer in the last group.</param>
    public long[] Answer(ReadOnlySpan<int> group)
    {
        var k = _plan.CandidatesPerAnswer;
        var primes = _lattice.Parameters.Primes.Count;
        var answers = new long[k * _sumLength];
        for (var j = 0; j < k; j++)
        {
            for (var i = 0; i < group.Length; i++)
            {
                var sum = Of(i <= j ? j - i : k + j - i, group[i]);
                var sign = i <= j ? 1 : -1;
                for (var word = 0; word < sum.Length; word++)
                {
                    var (message, prime) = (word / primes, word % primes);
                    answers[(((message * k) + j) * primes) + prime] += sign * sum[word];
                }
            }
        }
        return answers;
    }

    private Span<long> Of(int segment, int candidate) => _sums.AsSpan(((segment * _candidates) + candidate) * _sumLength, _sumLength);
}
