using System.Collections;
using System.Runtime.InteropServices;

namespace FedLab.Notebook.Data;

/// <summary>A column of text, held as codes into the list of its distinct texts.</summary>
public sealed class StringDataFrameColumn : DataFrameColumn, IReadOnlyList<string?>
{
    private readonly IReadOnlyList<string> _texts;

    /// <summary>For every row an index into <see cref="_texts"/>, −1 where the value is missing.</summary>
    private readonly int[] _codes;

    /// <summary>A column of text.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values; null is missing.</param>
    public StringDataFrameColumn(string name, IEnumerable<string?> values)
        : this(name, Encode(values))
    {
    }

    /// <summary>Wraps distinct texts, which need not all occur, and codes.</summary>
    internal StringDataFrameColumn(string name, IReadOnlyList<string> texts, int[] codes, string title = "")
        : base(name, codes.Length) => (_texts, _codes, Title) = (texts, codes, title);

    private StringDataFrameColumn(string name, (List<string> Texts, int[] Codes) encoded)
        : this(name, encoded.Texts, encoded.Codes)
    {
    }

    /// <inheritdoc/>
    public override int NullCount => _codes.AsSpan().Count(-1);

    /// <inheritdoc/>
    public override Type DataType => typeof(string);

    int IReadOnlyCollection<string?>.Count => Length;

    /// <summary>The value of a row, null where it is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="FrameException">There is no such row.</exception>
    public new string? this[int row] => ValueAt(row).Text;

    /// <summary>A column in which missing values are a text.</summary>
    /// <param name="value">The text.</param>
    public StringDataFrameColumn FillNulls(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return (StringDataFrameColumn)new StringDataFrameColumn(Name, this.Select(text => text ?? value)).WithName(Name, Title);
    }

    /// <inheritdoc/>
    public IEnumerator<string?> GetEnumerator()
    {
        foreach (var code in _codes) yield return code < 0 ? null : _texts[code];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override int Distinct()
    {
        var used = new bool[_texts.Count];
        foreach (var code in _codes)
        {
            if (code >= 0) used[code] = true;
        }

        return used.AsSpan().Count(true);
    }

    internal override DataFrameValue ValueAt(int row)
    {
        CheckRow(row);
        return _codes[row] < 0 ? default : new DataFrameValue(_texts[_codes[row]]);
    }

    internal override DataFrameColumn WithName(string name, string title) => new StringDataFrameColumn(name, _texts, _codes, title);

    internal override DataFrameColumn Take(ReadOnlySpan<int> rows)
    {
        var taken = new int[rows.Length];
        for (var i = 0; i < taken.Length; i++) taken[i] = rows[i] < 0 ? -1 : _codes[rows[i]];
        return new StringDataFrameColumn(Name, _texts, taken, Title);
    }

    internal override DataFrameColumn Concatenate(DataFrameColumn below)
    {
        var other = (StringDataFrameColumn)below;
        var texts = new List<string>(_texts);
        var codeOf = new Dictionary<string, int>(texts.Count, StringComparer.Ordinal);
        for (var code = 0; code < texts.Count; code++) codeOf[texts[code]] = code;
        var recoded = other._texts.Select(text => CodeOf(text, codeOf, texts)).ToArray();
        return new StringDataFrameColumn(Name, texts, [.. _codes, .. other._codes.Select(code => code < 0 ? -1 : recoded[code])], Title);
    }

    internal override (int[] Codes, List<int> FirstRows) Codes()
    {
        var codes = new int[Length];
        var codeOf = new int[_texts.Count];
        Array.Fill(codeOf, -1);
        List<int> firstRows = [];
        for (var row = 0; row < codes.Length; row++)
        {
            var text = _codes[row];
            if (text >= 0 && codeOf[text] < 0)
            {
                codeOf[text] = firstRows.Count;
                firstRows.Add(row);
            }

            codes[row] = text < 0 ? -1 : codeOf[text];
        }

        return (codes, firstRows);
    }

    internal override double[] Ranks()
    {
        var order = Enumerable.Range(0, _texts.Count).ToArray();
        Array.Sort(order, (a, b) => string.CompareOrdinal(_texts[a], _texts[b]));
        var rankOf = new double[order.Length];
        for (var rank = 0; rank < order.Length; rank++) rankOf[order[rank]] = rank;
        return Array.ConvertAll(_codes, code => code < 0 ? double.NaN : rankOf[code]);
    }

    internal override double[] Numbers() => throw FrameMessages.ColumnIsText(Name);

    /// <summary>The most frequent text, the first in order of several, and how often it occurs; null without any value.</summary>
    internal (string? Text, int Occurrences) MostFrequent()
    {
        var counts = new int[_texts.Count];
        foreach (var code in _codes)
        {
            if (code >= 0) counts[code]++;
        }

        var best = -1;
        for (var code = 0; code < counts.Length; code++)
        {
            if (best < 0 || counts[code] > counts[best] || (counts[code] == counts[best] && string.CompareOrdinal(_texts[code], _texts[best]) < 0)) best = code;
        }

        return best < 0 || counts[best] == 0 ? (null, 0) : (_texts[best], counts[best]);
    }

    /// <summary>The texts that occur, in order, and the codes into them.</summary>
    internal (string[] Texts, int[] Codes) Sorted()
    {
        var (codes, firstRows) = Codes();
        var texts = firstRows.ConvertAll(row => _texts[_codes[row]]).ToArray();
        var order = Enumerable.Range(0, texts.Length).ToArray();
        Array.Sort(order, (a, b) => string.CompareOrdinal(texts[a], texts[b]));
        var rankOf = new int[order.Length];
        for (var rank = 0; rank < order.Length; rank++) rankOf[order[rank]] = rank;
        return (Array.ConvertAll(order, code => texts[code]), Array.ConvertAll(codes, code => code < 0 ? -1 : rankOf[code]));
    }

    private static (List<string> Texts, int[] Codes) Encode(IEnumerable<string?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        List<string> texts = [];
        List<int> codes = [];
        var codeOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var value in values) codes.Add(value is null ? -1 : CodeOf(value, codeOf, texts));
        return (texts, [.. codes]);
    }

    private static int CodeOf(string text, Dictionary<string, int> codeOf, List<string> texts)
    {
        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(codeOf, text, out var known);
        if (!known)
        {
            code = texts.Count;
            texts.Add(text);
        }

        return code;
    }
}
