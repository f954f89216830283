using System.Collections;

namespace FedLab.Notebook.Data;

/// <summary>A column of true and false, some of which may be missing.</summary>
public sealed class BooleanDataFrameColumn : DataFrameColumn, IReadOnlyList<bool?>
{
    private const sbyte Missing = -1;

    /// <summary>1, 0, or −1 where the value is missing.</summary>
    private readonly sbyte[] _values;

    /// <summary>A column of true and false.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values.</param>
    public BooleanDataFrameColumn(string name, IEnumerable<bool> values)
        : this(name, [.. values.Select(value => (sbyte)(value ? 1 : 0))])
    {
    }

    /// <summary>A column of true, false and missing values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values; null is missing.</param>
    public BooleanDataFrameColumn(string name, IEnumerable<bool?> values)
        : this(name, [.. values.Select(value => value is { } known ? (sbyte)(known ? 1 : 0) : Missing)])
    {
    }

    /// <summary>Wraps values that are 1, 0 or −1.</summary>
    internal BooleanDataFrameColumn(string name, sbyte[] values, string title = "")
        : base(name, values.Length) => (_values, Title) = (values, title);

    /// <inheritdoc/>
    public override int NullCount => _values.AsSpan().Count(Missing);

    /// <inheritdoc/>
    public override Type DataType => typeof(bool);

    int IReadOnlyCollection<bool?>.Count => Length;

    /// <summary>The value of a row, null where it is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="FrameException">There is no such row.</exception>
    public new bool? this[int row] => ValueAt(row) is { IsMissing: false } value ? (bool)value : null;

    /// <summary>Both, row by row; a missing value counts as false.</summary>
    /// <param name="other">A column of the same length.</param>
    /// <exception cref="FrameException">The lengths differ.</exception>
    public BooleanDataFrameColumn And(BooleanDataFrameColumn other) => Combine(other, static (a, b) => a && b);

    /// <summary>One or both, row by row; a missing value counts as false.</summary>
    /// <param name="other">A column of the same length.</param>
    /// <exception cref="FrameException">The lengths differ.</exception>
    public BooleanDataFrameColumn Or(BooleanDataFrameColumn other) => Combine(other, static (a, b) => a || b);

    /// <summary>True where the value was false and the reverse; missing values stay missing.</summary>
    public BooleanDataFrameColumn LogicalNot() => new(Name, Array.ConvertAll(_values, value => value < 0 ? value : (sbyte)(1 - value)));

    /// <summary>Whether any value is true.</summary>
    public bool Any() => _values.AsSpan().Contains((sbyte)1);

    /// <summary>Whether all values are true; none may be missing.</summary>
    public bool All() => !_values.AsSpan().ContainsAnyExcept((sbyte)1);

    /// <inheritdoc cref="And"/>
    public static BooleanDataFrameColumn operator &(BooleanDataFrameColumn left, BooleanDataFrameColumn right) => left.And(right);

    /// <inheritdoc cref="Or"/>
    public static BooleanDataFrameColumn operator |(BooleanDataFrameColumn left, BooleanDataFrameColumn right) => left.Or(right);

    /// <inheritdoc cref="LogicalNot"/>
    public static BooleanDataFrameColumn operator !(BooleanDataFrameColumn column) => column.LogicalNot();

    /// <inheritdoc/>
    public IEnumerator<bool?> GetEnumerator()
    {
        foreach (var value in _values) yield return value < 0 ? null : value == 1;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The rows that are true.</summary>
    internal int[] TrueRows()
    {
        var rows = new List<int>();
        for (var row = 0; row < _values.Length; row++)
        {
            if (_values[row] == 1) rows.Add(row);
        }

        return [.. rows];
    }

    internal override DataFrameValue ValueAt(int row)
    {
        CheckRow(row);
        return _values[row] < 0 ? default : new DataFrameValue(_values[row] == 1);
    }

    internal override DataFrameColumn WithName(string name, string title) => new BooleanDataFrameColumn(name, _values, title);

    internal override DataFrameColumn Take(ReadOnlySpan<int> rows)
    {
        var taken = new sbyte[rows.Length];
        for (var i = 0; i < taken.Length; i++) taken[i] = rows[i] < 0 ? Missing : _values[rows[i]];
        return new BooleanDataFrameColumn(Name, taken, Title);
    }

    internal override DataFrameColumn Concatenate(DataFrameColumn below) =>
        new BooleanDataFrameColumn(Name, [.. _values, .. ((BooleanDataFrameColumn)below)._values], Title);

    internal override (int[] Codes, List<int> FirstRows) Codes()
    {
        var codes = new int[Length];
        int[] codeOf = [-1, -1];
        List<int> firstRows = [];
        for (var row = 0; row < codes.Length; row++)
        {
            var value = _values[row];
            if (value >= 0 && codeOf[value] < 0)
            {
                codeOf[value] = firstRows.Count;
                firstRows.Add(row);
            }

            codes[row] = value < 0 ? -1 : codeOf[value];
        }

        return (codes, firstRows);
    }

    internal override double[] Ranks() => Numbers();

    internal override double[] Numbers() => Array.ConvertAll(_values, value => value < 0 ? double.NaN : value);

    private BooleanDataFrameColumn Combine(BooleanDataFrameColumn other, Func<bool, bool, bool> operation)
    {
        ArgumentNullException.ThrowIfNull(other);
        CheckLength(other);
        var result = new sbyte[Length];
        for (var row = 0; row < result.Length; row++) result[row] = (sbyte)(operation(_values[row] == 1, other._values[row] == 1) ? 1 : 0);
        return new BooleanDataFrameColumn(Name, result);
    }
}
