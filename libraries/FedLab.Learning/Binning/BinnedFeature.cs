namespace FedLab.Learning;

/// <summary>A feature's bins and the code of every row. Immutable.</summary>
public sealed class BinnedFeature
{
    private readonly byte[] _codes;

    internal BinnedFeature(FeatureBins bins, byte[] codes)
    {
        Bins = bins;
        _codes = codes;
    }

    /// <summary>The meaning of the codes.</summary>
    public FeatureBins Bins { get; }

    /// <summary>For every row a bin, or <see cref="FeatureBins.MissingCode"/>.</summary>
    public ReadOnlyMemory<byte> Codes => _codes;
}
