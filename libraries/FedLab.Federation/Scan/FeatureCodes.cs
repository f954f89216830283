using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>A feature over some rows as a scan reads it.</summary>
/// <param name="Codes">A code for every row.</param>
/// <param name="Count">Number of codes; all are below it.</param>
internal readonly record struct FeatureCodes(ReadOnlyMemory<byte> Codes, int Count)
{
    /// <summary>Own features, whole.</summary>
    public static FeatureCodes[] Of(IEnumerable<BinnedFeature> features) => [.. features.Select(feature => new FeatureCodes(feature.Codes, feature.Bins.BinCount + 1))];
}
