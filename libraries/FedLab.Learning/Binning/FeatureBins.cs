namespace FedLab.Learning;

/// <summary>
/// How the values of one feature become small codes: bins between thresholds for numbers, groups of categories for text. Made from
/// training rows by <see cref="FeatureBinner"/>; immutable. Codes 0 to <see cref="BinCount"/> − 1 are bins in the feature's order,
/// <see cref="MissingCode"/> is missing.
/// </summary>
public sealed class FeatureBins
{
    private readonly double[] _thresholds;
    private readonly string[][] _groups;
    private readonly Dictionary<string, byte> _codeOfCategory;

    private FeatureBins(string name, bool isCategorical, bool hasMissing, double[] thresholds, string[][] groups, int binCount)
    {
        Name = name;
        IsCategorical = isCategorical;
        HasMissing = hasMissing;
        BinCount = binCount;
        _thresholds = thresholds;
        _groups = groups;
        _codeOfCategory = new Dictionary<string, byte>(StringComparer.Ordinal);
        for (var bin = 0; bin < groups.Length; bin++)
        {
            foreach (var category in groups[bin])
                _codeOfCategory.Add(category, (byte)bin);
        }
    }

    /// <summary>The feature's name.</summary>
    public string Name { get; }

    /// <summary>Whether the bins are groups of categories rather than ranges of numbers.</summary>
    public bool IsCategorical { get; }

    /// <summary>Number of bins, missing not counted, 0 (nothing but missing values) to 254.</summary>
    public int BinCount { get; }

    /// <summary>Whether a training row was missing; only then do candidates try both directions for missing values.</summary>
    public bool HasMissing { get; }

    /// <summary>The code of a missing value, and of a category that training did not have: one past the last bin.</summary>
    public byte MissingCode => (byte)BinCount;

    /// <summary>
    /// Of a numeric feature the <see cref="BinCount"/> − 1 ascending thresholds: bin k holds x with
    /// <c>Thresholds[k − 1] &lt; x ≤ Thresholds[k]</c>. Empty for a categorical feature.
    /// </summary>
    public ReadOnlySpan<double> Thresholds => _thresholds;

    /// <summary>Of a categorical feature the categories of each bin, ordinal order within a bin. Empty for a numeric feature.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Categories => _groups;

    internal static FeatureBins Numeric(string name, double[] thresholds, bool hasValues, bool hasMissing) =>
        new(name, isCategorical: false, hasMissing, thresholds, [], hasValues ? thresholds.Length + 1 : 0);

    internal static FeatureBins Categorical(string name, string[][] groups, bool hasMissing) =>
        new(name, isCategorical: true, hasMissing, [], groups, groups.Length);

    /// <summary>The codes of a column with the same feature, from training or from other rows.</summary>
    /// <exception cref="LearningException">The column holds text where training had numbers, or the reverse.</exception>
    public BinnedFeature Encode(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return new BinnedFeature(this, column switch
        {
            NumericColumn numeric when !IsCategorical => EncodeNumbers(numeric.Values.Span),
            CategoricalColumn categorical when IsCategorical => EncodeCategories(categorical),
            NumericColumn => throw Messages.ColumnHoldsNumbers(Name),
            _ => throw Messages.ColumnHoldsText(Name),
        });
    }

    private byte[] EncodeNumbers(ReadOnlySpan<double> values)
    {
        var codes = new byte[values.Length];
        for (var row = 0; row < codes.Length; row++)
            codes[row] = double.IsNaN(values[row]) || BinCount == 0 ? MissingCode : (byte)CountBelow(values[row]);
        return codes;
    }

    /// <summary>Number of thresholds below x: the bin whose upper threshold is the first with x ≤ threshold.</summary>
    private int CountBelow(double x)
    {
        var low = 0;
        var high = _thresholds.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_thresholds[middle] < x)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private byte[] EncodeCategories(CategoricalColumn column)
    {
        var binOfCode = new byte[column.Categories.Count];
        for (var code = 0; code < binOfCode.Length; code++)
            binOfCode[code] = _codeOfCategory.GetValueOrDefault(column.Categories[code], MissingCode);

        var source = column.Codes.Span;
        var codes = new byte[source.Length];
        for (var row = 0; row < codes.Length; row++)
            codes[row] = source[row] < 0 ? MissingCode : binOfCode[source[row]];
        return codes;
    }
}
