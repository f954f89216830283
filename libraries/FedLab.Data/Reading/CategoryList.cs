using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>The texts of a column as codes.</summary>
internal sealed class CategoryList
{
    private const int MissingCode = -1;
    private const int RecentTexts = 256;
    private const int LongestRecentText = 64;

    private readonly (byte[]? Text, int Code)[] _recent = new (byte[]?, int)[RecentTexts];
    private readonly Dictionary<string, int> _codeOf = new(StringComparer.Ordinal);
    private readonly List<int> _occurrences = [];
    private readonly ChunkedList<int> _codes = new();

    /// <summary>How many of the values are numbers.</summary>
    public int NumberCount => _codeOf.Where(category => FieldText.IsNumber(category.Key)).Sum(category => _occurrences[category.Value]);

    /// <summary>Whether a column of text holds numbers only, and enough of them to wonder.</summary>
    public bool HoldsOnlyNumbers => _codeOf.Count > 0 && _codeOf.Keys.All(FieldText.IsNumber);

    public void Expect(int rows) => _codes.Expect(rows);

    public void AddMissing() => _codes.Add(MissingCode);

    public void AddMissing(int count) => _codes.AddRepeated(MissingCode, count);

    /// <summary>Adds a text; a word for missing is missing.</summary>
    /// <returns>Whether it was a value.</returns>
    public bool Add(ReadOnlySpan<byte> trimmed, RowContext context)
    {
        // Categories repeat: most texts are found by their bytes, without being decoded.
        ref var recent = ref _recent[trimmed.Length == 0 ? 0 : (trimmed[^1] * 31 + trimmed[trimmed.Length / 2] + trimmed.Length) % RecentTexts];
        if (recent.Text is not null && trimmed.SequenceEqual(recent.Text))
        {
            _occurrences[recent.Code]++;
            _codes.Add(recent.Code);
            return true;
        }

        var text = ((ReadOnlySpan<char>)context.Decode(trimmed)).Trim();
        if (FieldText.IsMissing(text))
        {
            _codes.Add(MissingCode);
            return false;
        }

        var lookup = _codeOf.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(text, out var code))
        {
            code = _codeOf.Count;
            _codeOf.Add(text.ToString(), code);
            _occurrences.Add(0);
        }

        if (trimmed.Length <= LongestRecentText) recent = (trimmed.ToArray(), code);
        _occurrences[code]++;
        _codes.Add(code);
        return true;
    }

    /// <summary>Categories that occur in the given rows, sorted, so that they do not depend on the order of the rows.</summary>
    public CategoricalColumn Build(string name, ReadOnlySpan<int> rows)
    {
        var taken = _codes.Take(rows);
        var codes = taken.Span;
        var used = new bool[_codeOf.Count];
        foreach (var code in codes)
        {
            if (code >= 0) used[code] = true;
        }

        var categories = _codeOf.Where(category => used[category.Value]).Select(category => category.Key).ToArray();
        Array.Sort(categories, StringComparer.Ordinal);
        var sortedCode = new int[_codeOf.Count];
        for (var i = 0; i < categories.Length; i++) sortedCode[_codeOf[categories[i]]] = i;
        for (var row = 0; row < codes.Length; row++)
        {
            if (codes[row] >= 0) codes[row] = sortedCode[codes[row]];
        }

        return new CategoricalColumn(name, categories, taken);
    }
}
