namespace FedLab.Learning;

/// <summary>How a candidate cuts the bins of its feature.</summary>
internal enum CandidateShape
{
    /// <summary>Bins 0 to k go left.</summary>
    Cumulative,

    /// <summary>Bin k alone goes left.</summary>
    Single,

    /// <summary>All bins go left.</summary>
    Present,
}

/// <summary>One way to split rows by one feature's bin codes. Immutable.</summary>
public sealed class SplitCandidate
{
    private readonly bool[] _leftCodes;

    internal SplitCandidate(int featureIndex, FeatureBins bins, CandidateShape shape, int bin, bool missingLeft)
    {
        FeatureIndex = featureIndex;
        Shape = shape;
        Bin = bin;
        _leftCodes = new bool[bins.BinCount + 1];
        for (var code = 0; code < bins.BinCount; code++)
        {
            _leftCodes[code] = shape switch
            {
                CandidateShape.Cumulative => code <= bin,
                CandidateShape.Single => code == bin,
                _ => true,
            };
        }

        _leftCodes[bins.MissingCode] = missingLeft;
    }

    /// <summary>Position of the feature in the list that <see cref="CandidateCatalogue.Enumerate"/> was given.</summary>
    public int FeatureIndex { get; }

    /// <summary>For every bin code, the missing one last, whether it goes left.</summary>
    public ReadOnlySpan<bool> LeftCodes => _leftCodes;

    internal CandidateShape Shape { get; }

    internal int Bin { get; }

    internal bool MissingLeft => _leftCodes[^1];

    /// <summary>Whether a row with this code goes left.</summary>
    public bool GoesLeft(byte code) => _leftCodes[code];

    /// <summary>The same split on raw values.</summary>
    /// <param name="bins">The bins of the candidate's feature.</param>
    /// <exception cref="ArgumentException">The bins are of another feature.</exception>
    public SplitRule ToRule(FeatureBins bins)
    {
        ArgumentNullException.ThrowIfNull(bins);
        if (bins.BinCount + 1 != _leftCodes.Length)
            throw new ArgumentException($"The candidate is not one of feature '{bins.Name}'.", nameof(bins));
        if (!bins.IsCategorical)
            return Shape == CandidateShape.Present ? SplitRule.OnMissing(bins.Name, MissingLeft) : SplitRule.AtThreshold(bins.Name, bins.Thresholds[Bin], MissingLeft);

        // A category that training did not have follows the missing ones, so the rule lists those that go the other way.
        var listed = Enumerable.Range(0, bins.BinCount).Where(code => _leftCodes[code] != MissingLeft).SelectMany(code => bins.Categories[code]);
        return SplitRule.OfCategories(bins.Name, listed, MissingLeft);
    }
}
