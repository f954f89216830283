using System.Globalization;

namespace FedLab.Learning;

/// <summary>What a <see cref="SplitRule"/> looks at.</summary>
public enum SplitKind
{
    /// <summary>A number goes left when it is at most the threshold.</summary>
    Threshold,

    /// <summary>A category goes left or right as the rule lists it.</summary>
    Categories,

    /// <summary>Missing numbers go one way, all others the other.</summary>
    Missing,
}

/// <summary>
/// One split on raw values: what its owner keeps under a record number and never sends. Two rules are equal when they hold the same.
/// JSON: <c>{"feature":"age","kind":"threshold","threshold":41.5,"missingLeft":false}</c>, or with
/// <c>"kind":"categories","categories":["A11","A12"]</c>, or with <c>"kind":"missing"</c>; written and read back exactly.
/// </summary>
public sealed partial record SplitRule
{
    private readonly string[] _categories;
    private readonly HashSet<string> _lookup;

    private SplitRule(string feature, SplitKind kind, double threshold, string[] categories, bool missingLeft)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(feature);
        Feature = feature;
        Kind = kind;
        Threshold = threshold;
        MissingLeft = missingLeft;
        _categories = categories;
        _lookup = new HashSet<string>(categories, StringComparer.Ordinal);
    }

    /// <summary>Name of the owner's column.</summary>
    public string Feature { get; }

    /// <summary>What the rule looks at.</summary>
    public SplitKind Kind { get; }

    /// <summary>Of a <see cref="SplitKind.Threshold"/> rule: x goes left when x ≤ this; otherwise 0.</summary>
    public double Threshold { get; }

    /// <summary>
    /// Of a <see cref="SplitKind.Categories"/> rule the categories, in ordinal order, that go the opposite way of missing values:
    /// left unless <see cref="MissingLeft"/>. All others, those that training did not have included, go the way of missing values.
    /// </summary>
    public IReadOnlyList<string> Categories => _categories;

    /// <summary>Whether missing values go left.</summary>
    public bool MissingLeft { get; }

    /// <summary>x goes left when x ≤ threshold.</summary>
    /// <exception cref="ArgumentException">The name is empty or the threshold is not finite.</exception>
    public static SplitRule AtThreshold(string feature, double threshold, bool missingLeft)
    {
        if (!double.IsFinite(threshold))
            throw new ArgumentException("The threshold must be finite.", nameof(threshold));
        return new SplitRule(feature, SplitKind.Threshold, threshold, [], missingLeft);
    }

    /// <summary>The categories go the opposite way of missing values: left unless <paramref name="missingLeft"/>.</summary>
    /// <exception cref="ArgumentException">The name is empty, or there is no category, or one twice.</exception>
    public static SplitRule OfCategories(string feature, IEnumerable<string> categories, bool missingLeft)
    {
        string[] sorted = [.. categories.Order(StringComparer.Ordinal)];
        var rule = new SplitRule(feature, SplitKind.Categories, 0, sorted, missingLeft);
        if (sorted.Length == 0 || rule._lookup.Count != sorted.Length)
            throw new ArgumentException("A rule on categories needs categories, each once.", nameof(categories));
        return rule;
    }

    /// <summary>Missing values go one way and all others the other.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static SplitRule OnMissing(string feature, bool missingLeft) => new(feature, SplitKind.Missing, 0, [], missingLeft);

    /// <summary>The rule's column in a table that is to be scored.</summary>
    /// <exception cref="LearningException">The table lacks the column, or it holds text where training had numbers, or the reverse.</exception>
    public Column ColumnIn(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!table.Contains(Feature))
            throw Messages.ColumnMissing(Feature);
        return (Kind, table[Feature]) switch
        {
            (SplitKind.Categories, NumericColumn) => throw Messages.ColumnHoldsNumbers(Feature),
            (SplitKind.Threshold, CategoricalColumn) => throw Messages.ColumnHoldsText(Feature),
            (_, var column) => column,
        };
    }

    /// <summary>Whether a row of the rule's column goes left.</summary>
    /// <param name="column">The column named <see cref="Feature"/>.</param>
    /// <param name="row">A row of it.</param>
    /// <exception cref="LearningException">The column holds text where training had numbers, or the reverse.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The row is outside the column.</exception>
    public bool GoesLeft(Column column, int row)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.IsMissing(row))
            return MissingLeft;
        return Kind switch
        {
            SplitKind.Missing => !MissingLeft,
            SplitKind.Threshold => column is NumericColumn numbers ? numbers.Values.Span[row] <= Threshold : throw Messages.ColumnHoldsText(Feature),
            _ => column is CategoricalColumn text ? _lookup.Contains(text.CategoryOf(row)!) != MissingLeft : throw Messages.ColumnHoldsNumbers(Feature),
        };
    }

    /// <summary>Whether both rules look at the same feature in the same way.</summary>
    public bool Equals(SplitRule? other) =>
        other is not null
        && Feature.Equals(other.Feature, StringComparison.Ordinal)
        && Kind == other.Kind
        && BitConverter.DoubleToInt64Bits(Threshold) == BitConverter.DoubleToInt64Bits(other.Threshold)
        && MissingLeft == other.MissingLeft
        && _categories.AsSpan().SequenceEqual(other._categories);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Feature, StringComparer.Ordinal);
        hash.Add(Kind);
        hash.Add(BitConverter.DoubleToInt64Bits(Threshold));
        hash.Add(MissingLeft);
        foreach (var category in _categories)
            hash.Add(category, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <summary>The condition under which a row goes left, for a person to read: <c>age &lt;= 41.5</c>.</summary>
    public override string ToString()
    {
        var set = string.Join(", ", _categories);
        return Kind switch
        {
            SplitKind.Threshold => string.Create(CultureInfo.InvariantCulture, $"{Feature} <= {Threshold}{(MissingLeft ? " or missing" : "")}"),
            SplitKind.Categories => MissingLeft ? $"{Feature} not in {{{set}}}, or missing" : $"{Feature} in {{{set}}}",
            _ => MissingLeft ? $"{Feature} missing" : $"{Feature} present",
        };
    }
}
