using System.Runtime.Intrinsics;

namespace FedLab.Learning;

/// <summary>
/// The candidate sums of nodes by histograms: gradients and Hessians are added up by bin code, once a feature and node, and every
/// candidate of the feature is then a few additions.
/// </summary>
internal sealed class CandidateHistograms
{
    private readonly BinnedFeature[] _features;
    private readonly IReadOnlyList<SplitCandidate> _candidates;
    private readonly (int Start, int End)[] _ranges;
    private readonly Vector128<long>[] _pairs;
    private readonly int _degreeOfParallelism;

    public CandidateHistograms(BinnedFeature[] features, IReadOnlyList<SplitCandidate> candidates, TreeGradients gradients, int degreeOfParallelism)
    {
        _features = features;
        _candidates = candidates;
        _ranges = [.. RangesByFeature(candidates)];
        _degreeOfParallelism = degreeOfParallelism;

        // Side by side, so that a row's two numbers are one load and one addition.
        _pairs = new Vector128<long>[gradients.Gradients.Length];
        var g = gradients.Gradients.Span;
        var h = gradients.Hessians.Span;
        for (var row = 0; row < _pairs.Length; row++)
            _pairs[row] = Vector128.Create(g[row], h[row]);
    }

    /// <summary>Number of values of a node's histograms: a gradient and a Hessian for each code of each feature that has candidates.</summary>
    public int ValuesOfNode => _ranges.Sum(range => 2 * CodesOf(range));

    /// <summary>For each node the left sums of the candidates. Integers, so the same on any number of threads.</summary>
    public GradientPair[][] Sum(IReadOnlyList<ScanNode> nodes, CancellationToken ct)
    {
        var sums = new GradientPair[nodes.Count][];
        for (var i = 0; i < sums.Length; i++)
            sums[i] = new GradientPair[_candidates.Count];
        ForEachFeature(nodes.Count, (node, range) =>
        {
            Span<Vector128<long>> histogram = stackalloc Vector128<long>[256];
            AddUp(nodes[node].Rows.Span, _ranges[range], histogram);
            SumCandidates(histogram, _ranges[range], sums[node]);
        }, ct);
        return sums;
    }

    /// <summary>The nodes' histograms one after another: by feature and code the gradient and the Hessian.</summary>
    public long[] SumByCode(IReadOnlyList<ScanNode> nodes, CancellationToken ct)
    {
        var length = ValuesOfNode;
        var values = new long[nodes.Count * length];
        var starts = new int[_ranges.Length];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + (2 * CodesOf(_ranges[i - 1]));
        ForEachFeature(nodes.Count, (node, range) =>
        {
            Span<Vector128<long>> histogram = stackalloc Vector128<long>[256];
            AddUp(nodes[node].Rows.Span, _ranges[range], histogram);
            var target = values.AsSpan((node * length) + starts[range]);
            for (var code = 0; code < CodesOf(_ranges[range]); code++)
                (target[2 * code], target[(2 * code) + 1]) = (histogram[code][0], histogram[code][1]);
        }, ct);
        return values;
    }

    /// <summary>
    /// The left sums of the candidates from a node's histograms, or null when rows cannot have given these: a Hessian is negative, a
    /// total is above what all rows have, or the features do not agree about it.
    /// </summary>
    /// <param name="values">One node's part of what <see cref="SumByCode"/> returns, summed over holders.</param>
    /// <param name="maximumGradient">Greatest absolute value of a sum of gradients.</param>
    /// <param name="maximumHessian">Greatest sum of Hessians.</param>
    /// <param name="total">The node's total where it is known.</param>
    public GradientPair[]? FromCodes(ReadOnlySpan<long> values, long maximumGradient, long maximumHessian, GradientPair? total)
    {
        var sums = new GradientPair[_candidates.Count];
        Span<Vector128<long>> histogram = stackalloc Vector128<long>[256];
        foreach (var range in _ranges)
        {
            histogram.Clear();
            var (gradient, hessian) = (0L, 0L);
            for (var code = 0; code < CodesOf(range); code++)
            {
                var (g, h) = (values[2 * code], values[(2 * code) + 1]);
                if (g < -maximumGradient || g > maximumGradient || h < 0 || h > maximumHessian)
                    return null;
                histogram[code] = Vector128.Create(g, h);
                gradient += g;
                hessian += h;
            }

            total ??= new GradientPair(gradient, hessian);
            if (total != new GradientPair(gradient, hessian))
                return null;
            SumCandidates(histogram, range, sums);
            values = values[(2 * CodesOf(range))..];
        }

        return sums;
    }

    private static IEnumerable<(int Start, int End)> RangesByFeature(IReadOnlyList<SplitCandidate> candidates)
    {
        for (var start = 0; start < candidates.Count;)
        {
            var end = start + 1;
            while (end < candidates.Count && candidates[end].FeatureIndex == candidates[start].FeatureIndex)
                end++;
            yield return (start, end);
            start = end;
        }
    }

    /// <summary>Codes that rows of the training set have.</summary>
    private int CodesOf((int Start, int End) range)
    {
        var bins = _features[_candidates[range.Start].FeatureIndex].Bins;
        return bins.BinCount + (bins.HasMissing ? 1 : 0);
    }

    private void ForEachFeature(int nodes, Action<int /* node */, int /* range */> work, CancellationToken ct)
    {
        var items = nodes * _ranges.Length;
        if (_degreeOfParallelism == 1)
        {
            for (var item = 0; item < items; item++)
            {
                ct.ThrowIfCancellationRequested();
                work(item / _ranges.Length, item % _ranges.Length);
            }

            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = _degreeOfParallelism, CancellationToken = ct };
        Parallel.For(0, items, options, item => work(item / _ranges.Length, item % _ranges.Length));
    }

    /// <summary>Adds rows to a feature's histogram; 256 entries whatever the number of bins: a byte needs no bounds check.</summary>
    private void AddUp(ReadOnlySpan<int> rows, (int Start, int End) range, Span<Vector128<long>> histogram)
    {
        var codes = _features[_candidates[range.Start].FeatureIndex].Codes.Span;
        ReadOnlySpan<Vector128<long>> pairs = _pairs;
        histogram.Clear();
        foreach (var row in rows)
            histogram[codes[row]] += pairs[row];
    }

    private void SumCandidates(ReadOnlySpan<Vector128<long>> histogram, (int Start, int End) range, GradientPair[] sums)
    {
        int missing = _features[_candidates[range.Start].FeatureIndex].Bins.MissingCode;
        Span<Vector128<long>> upTo = stackalloc Vector128<long>[256];
        var running = Vector128<long>.Zero;
        for (var code = 0; code < missing; code++)
            upTo[code] = running += histogram[code];

        for (var i = range.Start; i < range.End; i++)
        {
            var candidate = _candidates[i];
            var left = candidate.Shape == CandidateShape.Single ? histogram[candidate.Bin] : upTo[candidate.Bin];
            if (candidate.MissingLeft)
                left += histogram[missing];
            sums[i] = new GradientPair(left[0], left[1]);
        }
    }
}
