using FedLab.Federation.Wire;
using FedLab.Lattice;

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

    private readonly long[] _primes;

    /// <summary>H: segment by segment, candidate by candidate in catalogue order, the residues of every message in [0, p).</summary>
    private readonly long[] _sums;
    private readonly int _candidates;

    /// <summary>Zero sums.</summary>
    /// <param name="plan">The scan.</param>
    /// <param name="lattice">Its ring.</param>
    /// <param name="messages">Messages of the mask.</param>
    /// <param name="candidates">Number of candidates.</param>
    public FirstSums(ScanPlan plan, LatticeContext lattice, int messages, int candidates)
    {
        (_plan, _lattice, Messages, _candidates) = (plan, lattice, messages, candidates);
        _primes = [.. lattice.Parameters.Primes.Select(prime => (long)prime)];
        _sumLength = messages * _primes.Length;
        _sums = new long[Length(plan, lattice, messages, candidates)];
    }

    /// <summary>Messages of the mask.</summary>
    public int Messages { get; }

    /// <summary>Number of residues.</summary>
    public static int Length(ScanPlan plan, LatticeContext lattice, int messages, int candidates) =>
        checked(plan.CandidatesPerAnswer * candidates * messages * lattice.Parameters.Primes.Count);

    /// <summary>Adds up the rows of one mask's ciphertexts, features in parallel.</summary>
    /// <param name="ciphertexts">Block by block.</param>
    /// <param name="features">The source's features over the rows of these blocks.</param>
    /// <param name="candidates">Its candidates.</param>
    /// <param name="options">Threads and the token.</param>
    public void Add(IReadOnlyList<ScanCiphertext> ciphertexts, IReadOnlyList<FeatureCodes> features, TreeCandidates candidates, ParallelOptions options)
    {
        var byFeature = Enumerable.Range(0, _candidates).GroupBy(candidates.FeatureOf).ToArray();
        Parallel.ForEach(byFeature, options, group =>
        {
            var codes = features[group.Key].Codes.Span;
            var histograms = new CoefficientHistogram[_plan.CandidatesPerAnswer];
            for (var segment = 0; segment < histograms.Length; segment++) histograms[segment] = new CoefficientHistogram(_lattice, Messages, features[group.Key].Count);
            for (var block = 0; block < ciphertexts.Count; block++)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                var start = block * _plan.RowsPerBlock;
                var rows = codes.Slice(start, Math.Min(_plan.RowsPerBlock, codes.Length - start));
                for (var segment = 0; segment < histograms.Length; segment++) histograms[segment].Add(ciphertexts[block], segment * _plan.RowsPerBlock, rows);
            }
            var selected = new long[_sumLength];
            foreach (var candidate in group)
            {
                for (var segment = 0; segment < histograms.Length; segment++)
                {
                    histograms[segment].Select(candidates.LeftOf(candidate), selected);
                    Add(Of(segment, candidate), selected);
                }
            }
        });
    }

    /// <summary>Adds sums over other rows that <see cref="Write"/> wrote.</summary>
    /// <exception cref="ProtocolException">A residue is not below its prime; the sums are then of no use.</exception>
    public void Add(ref MessageReader reader)
    {
        var sum = new long[_sumLength];
        for (var start = 0; start < _sums.Length; start += _sumLength)
        {
            for (var word = 0; word < sum.Length; word++)
            {
                sum[word] = reader.Int64();
                if ((ulong)sum[word] >= (ulong)_primes[word % _primes.Length]) throw ProtocolErrors.WorkerSumInvalid();
            }
            Add(_sums.AsSpan(start, _sumLength), sum);
        }
    }

    /// <summary>Writes the sums for another process of the same institution, 8 bytes a residue; they are bare and must not leave it.</summary>
    public void Write(MessageWriter writer)
    {
        foreach (var word in _sums) writer.Int64(word);
    }

    /// <summary>Sets every sum to zero.</summary>
    public void Clear() => Array.Clear(_sums);

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

    private void Add(Span<long> target, ReadOnlySpan<long> sum)
    {
        for (var word = 0; word < sum.Length; word++)
        {
            var prime = _primes[word % _primes.Length];
            var total = target[word] + sum[word];
            target[word] = total >= prime ? total - prime : total;
        }
    }
}
