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

    /// <summary>For each node the left sums of the candidates. Integers, so the same on any number of threads.</summary>
    public GradientPair[][] Sum(IReadOnlyList<ScanNode> nodes, CancellationToken ct)
    {
        var sums = new GradientPair[nodes.Count][];
        for (var i = 0; i < sums.Length; i++)
            sums[i] = new GradientPair[_candidates.Count];

        var work = nodes.Count * _ranges.Length;
        if (_degreeOfParallelism == 1)
        {
            for (var item = 0; item < work; item++)
            {
                ct.ThrowIfCancellationRequested();
                SumFeature(nodes[item / _ranges.Length].Rows.Span, _ranges[item % _ranges.Length], sums[item / _ranges.Length]);
            }
        }
        else
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = _degreeOfParallelism, CancellationToken = ct };
            Parallel.For(0, work, options, item =>
                SumFeature(nodes[item / _ranges.Length].Rows.Span, _ranges[item % _ranges.Length], sums[item / _ranges.Length]));
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

    private void SumFeature(ReadOnlySpan<int> rows, (int Start, int End) range, GradientPair[] sums)
    {
        var feature = _features[_candidates[range.Start].FeatureIndex];
        var codes = feature.Codes.Span;
        ReadOnlySpan<Vector128<long>> pairs = _pairs;

        // 256 entries whatever the number of bins: a byte needs no bounds check.
        Span<Vector128<long>> histogram = stackalloc Vector128<long>[256];
        histogram.Clear();
        foreach (var row in rows)
            histogram[codes[row]] += pairs[row];

        int missing = feature.Bins.MissingCode;
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
