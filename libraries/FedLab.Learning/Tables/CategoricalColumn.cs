namespace FedLab.Learning;

/// <summary>A feature with text values, held as codes into a list of categories; code −1 stands for a missing value.</summary>
public sealed class CategoricalColumn : Column
{
    private readonly string[] _categories;
    private readonly ReadOnlyMemory<int> _codes;

    /// <summary>Wraps the codes without copying; the caller does not change them afterwards.</summary>
    /// <param name="name">The feature's name.</param>
    /// <param name="categories">The distinct texts; a category need not occur in a row.</param>
    /// <param name="codes">For every row an index into <paramref name="categories"/>, or −1 where the value is missing.</param>
    /// <exception cref="ArgumentException">The name is empty, a category occurs twice, or a code is out of range.</exception>
    public CategoricalColumn(string name, IReadOnlyList<string> categories, int[] codes)
        : this(name, categories, (codes ?? throw new ArgumentNullException(nameof(codes))).AsMemory())
    {
    }

    /// <inheritdoc cref="CategoricalColumn(string, IReadOnlyList{string}, int[])"/>
    public CategoricalColumn(string name, IReadOnlyList<string> categories, ReadOnlyMemory<int> codes)
        : this(name, CheckedCopy(name, categories), codes, checkedCodes: false)
    {
    }

    private CategoricalColumn(string name, string[] categories, ReadOnlyMemory<int> codes, bool checkedCodes)
        : base(name, codes.Length)
    {
        var span = codes.Span;
        for (var row = 0; !checkedCodes && row < span.Length; row++)
        {
            if (span[row] < -1 || span[row] >= categories.Length)
                throw new ArgumentException($"Column '{name}' has code {span[row]} in row {row}, but {categories.Length} categories.", nameof(codes));
        }

        _categories = categories;
        _codes = codes;
    }

    /// <summary>The distinct texts that codes refer to.</summary>
    public IReadOnlyList<string> Categories => _categories;

    /// <summary>For every row an index into <see cref="Categories"/>, or −1 where the value is missing.</summary>
    public ReadOnlyMemory<int> Codes => _codes;

    /// <summary>The category of a row, or null where it is missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row is outside the column.</exception>
    public string? CategoryOf(int row)
    {
        CheckRow(row);
        var code = _codes.Span[row];
        return code < 0 ? null : _categories[code];
    }

    /// <inheritdoc/>
    public override bool IsMissing(int row)
    {
        CheckRow(row);
        return _codes.Span[row] < 0;
    }

    /// <inheritdoc/>
    public override Column TakeRows(ReadOnlySpan<int> rows) => new CategoricalColumn(Name, _categories, Take(_codes.Span, rows, -1), checkedCodes: true);

    private static string[] CheckedCopy(string name, IReadOnlyList<string> categories)
    {
        ArgumentNullException.ThrowIfNull(categories);
        var copy = categories.ToArray();
        var seen = new HashSet<string>(copy.Length, StringComparer.Ordinal);
        foreach (var category in copy)
        {
            if (category is null || !seen.Add(category))
                throw new ArgumentException($"Column '{name}' lists the category '{category}' twice or as null.", nameof(categories));
        }

        return copy;
    }
}
