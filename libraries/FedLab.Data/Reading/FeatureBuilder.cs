using CsvHelper;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>
/// Collects one feature. It starts undecided, becomes numeric with its first number or text with its first word; a numeric column in
/// which words turn up later is decided at the end: a few words among numbers are an error, many make it a column of categories,
/// for which the file is read once more, because the spelling of its first numbers is gone.
/// </summary>
internal sealed class FeatureBuilder(string name, bool categorical)
{
    /// <summary>From this share of numbers on, a word is taken for a mistake.</summary>
    private const double NumericShare = 0.9;

    private const int MissingCode = -1;

    private readonly Dictionary<string, int> _codeOf = new(StringComparer.Ordinal);
    private readonly List<int> _occurrences = [];
    private ChunkedList<double>? _numbers;
    private ChunkedList<int>? _codes;
    private int _rows;
    private int _present;
    private int _words;
    private long _firstWordLine;
    private string _firstWord = "";

    public string Name { get; } = name;

    /// <summary>Whether the column turned out to be text after its first values were read as numbers.</summary>
    public bool NeedsText => _numbers is not null && _words > 0;

    public void Append(CsvReader reader, int index, FieldContext context)
    {
        var field = context.Field(reader, index);
        if (categorical || _codes is not null) AppendText(FieldText.Trim(field), context);
        else if (field.Length == 0) AppendMissing();
        else if (TryParse(reader, index, field, out var number)) AppendNumber(number, context);
        else AppendOther(FieldText.Trim(field), context);
        _rows++;
    }

    /// <summary>Refuses a column of numbers with a few words in it.</summary>
    public void CheckType(string path)
    {
        if (categorical || _words == 0) return;
        var numbers = _codes is null
            ? _present - _words
            : _codeOf.Where(category => FieldText.IsNumber(category.Key)).Sum(category => _occurrences[category.Value]);
        if (numbers >= NumericShare * _present)
            throw new DataFormatException(Messages.WordAmongNumbers(path, _firstWordLine, Name, _firstWord, (int)(100L * numbers / _present)));
    }

    /// <summary>The column with the given rows; the builder is not to be used afterwards.</summary>
    public Column Build(ReadOnlySpan<int> rows)
    {
        if (_codes is not null) return BuildText(rows, _codes);
        if (_numbers is not null) return new NumericColumn(Name, _numbers.Take(rows));
        var missing = new double[rows.Length];
        Array.Fill(missing, double.NaN);
        return new NumericColumn(Name, missing);
    }

    // A comma can only be a thousands separator, which double.Parse skips, or a decimal comma, which it would take for one.
    private static bool TryParse(CsvReader reader, int index, ReadOnlySpan<byte> field, out double number) =>
        reader.TryParse(index, out number) && !field.Contains((byte)',');

    private void AppendNumber(double number, FieldContext context)
    {
        if (double.IsInfinity(number)) throw Infinite(context);
        if (double.IsNaN(number))
        {
            AppendMissing();
            return;
        }

        if (_numbers is null)
        {
            _numbers = new ChunkedList<double>();
            _numbers.AddRepeated(double.NaN, _rows);
        }

        _numbers.Add(number);
        _present++;
    }

    private void AppendOther(ReadOnlySpan<byte> trimmed, FieldContext context)
    {
        if (FieldText.IsMissing(trimmed))
        {
            AppendMissing();
            return;
        }

        if (FieldText.IsInfinityWord(trimmed)) throw Infinite(context);
        if (_words++ == 0)
        {
            _firstWordLine = context.Line;
            _firstWord = FieldText.Excerpt(trimmed);
        }

        if (_numbers is null)
        {
            AppendText(trimmed, context);
            return;
        }

        _numbers.Add(double.NaN);
        _present++;
    }

    // Until the type is known only the number of rows is kept.
    private void AppendMissing() => _numbers?.Add(double.NaN);

    private void AppendText(ReadOnlySpan<byte> trimmed, FieldContext context)
    {
        if (_codes is null)
        {
            _codes = new ChunkedList<int>();
            _codes.AddRepeated(MissingCode, _rows);
        }

        var text = ((ReadOnlySpan<char>)context.Decode(trimmed)).Trim();
        if (FieldText.IsMissing(text))
        {
            _codes.Add(MissingCode);
            return;
        }

        var lookup = _codeOf.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(text, out var code))
        {
            code = _codeOf.Count;
            _codeOf.Add(text.ToString(), code);
            _occurrences.Add(0);
        }

        _occurrences[code]++;
        _codes.Add(code);
        _present++;
    }

    /// <summary>Categories that occur in the kept rows, sorted, so that they do not depend on the order of the rows.</summary>
    private CategoricalColumn BuildText(ReadOnlySpan<int> rows, ChunkedList<int> builder)
    {
        var codes = builder.Take(rows);
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

        return new CategoricalColumn(Name, categories, codes);
    }

    private DataFormatException Infinite(FieldContext context) => new(Messages.InfiniteNumber(context.Path, context.Line, Name));
}
