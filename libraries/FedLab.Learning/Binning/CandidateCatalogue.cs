namespace FedLab.Learning;

/// <summary>
/// All candidate splits of a party's features in the order that settles ties: by feature; within a feature by threshold or category,
/// missing right before missing left; present against missing last.
/// </summary>
public static class CandidateCatalogue
{
    /// <summary>Most feature columns that one party may bring to a model.</summary>
    public const int MaximumFeatures = 4096;

    /// <summary>
    /// The candidates of the features. Numeric: every threshold. Categorical: each category against the rest, then the first k
    /// categories against the rest. Each with missing values right and, where training had missing values, left; there also present
    /// against missing. Of several candidates of a feature that part its codes in the same two sets only the first is kept.
    /// </summary>
    public static IReadOnlyList<SplitCandidate> Enumerate(IReadOnlyList<FeatureBins> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        List<SplitCandidate> catalogue = [];
        for (var feature = 0; feature < features.Count; feature++)
        {
            var bins = features[feature];
            var partitions = new HashSet<UInt256>();
            foreach (var candidate in EnumerateAll(feature, bins))
            {
                if (partitions.Add(PartitionOf(candidate, bins)))
                    catalogue.Add(candidate);
            }
        }

        return catalogue;
    }

    private static IEnumerable<SplitCandidate> EnumerateAll(int feature, FeatureBins bins)
    {
        bool[] missingDirections = bins.HasMissing ? [false, true] : [false];
        CandidateShape[] shapes = bins.IsCategorical ? [CandidateShape.Single, CandidateShape.Cumulative] : [CandidateShape.Cumulative];
        foreach (var shape in shapes)
        {
            var cuts = shape == CandidateShape.Single ? bins.BinCount : bins.BinCount - 1;
            for (var bin = 0; bin < cuts && bins.BinCount > 1; bin++)
            {
                foreach (var missingLeft in missingDirections)
                    yield return new SplitCandidate(feature, bins, shape, bin, missingLeft);
            }
        }

        if (bins.HasMissing && bins.BinCount > 0)
            yield return new SplitCandidate(feature, bins, CandidateShape.Present, bins.BinCount - 1, missingLeft: false);
    }

    /// <summary>The codes on the side that does not hold code 0; missing counts as a code only where training had missing values.</summary>
    private static UInt256 PartitionOf(SplitCandidate candidate, FeatureBins bins)
    {
        var codes = bins.BinCount + (bins.HasMissing ? 1 : 0);
        Span<ulong> words = stackalloc ulong[4];
        words.Clear();
        for (var code = 0; code < codes; code++)
        {
            if (candidate.LeftCodes[code] != candidate.LeftCodes[0])
                words[code >> 6] |= 1UL << (code & 63);
        }

        return new UInt256(words[0], words[1], words[2], words[3]);
    }

    private readonly record struct UInt256(ulong Word0, ulong Word1, ulong Word2, ulong Word3);
}
