using System.Collections;

namespace FedLab.Notebook.Data;

/// <summary>A column of numbers. NaN stands for a missing value; a column holds no infinities.</summary>
public sealed class DoubleDataFrameColumn : DataFrameColumn, IReadOnlyList<double?>
{
    private readonly double[] _values;

    /// <summary>A column of numbers.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values; NaN and infinities are missing.</param>
    public DoubleDataFrameColumn(string name, IEnumerable<double> values)
        : this(name, [.. values.Select(Finite)])
    {
    }

    /// <summary>A column of numbers and missing values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values; null, NaN and infinities are missing.</param>
    public DoubleDataFrameColumn(string name, IEnumerable<double?> values)
        : this(name, [.. values.Select(value => Finite(value ?? double.NaN))])
    {
    }

    /// <summary>Wraps values that are finite or NaN.</summary>
    internal DoubleDataFrameColumn(string name, double[] values, string title = "")
        : base(name, values.Length) => (_values, Title) = (values, title);

    /// <summary>The values, NaN where one is missing.</summary>
    public ReadOnlyMemory<double> Values => _values;

    /// <inheritdoc/>
    public override int NullCount => Length - ColumnFigures.Count(_values);

    /// <inheritdoc/>
    public override Type DataType => typeof(double);

    int IReadOnlyCollection<double?>.Count => Length;

    /// <summary>The value of a row, null where it is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="FrameException">There is no such row.</exception>
    public new double? this[int row] => ValueAt(row) is { IsMissing: false } value ? (double)value : null;

    /// <summary>A column in which missing values are a number.</summary>
    /// <param name="value">The number.</param>
    public DoubleDataFrameColumn FillNulls(double value) => new(Name, Array.ConvertAll(_values, old => double.IsNaN(old) ? Finite(value) : old), Title);

    /// <inheritdoc/>
    public IEnumerator<double?> GetEnumerator()
    {
        foreach (var value in _values) yield return double.IsNaN(value) ? null : value;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override int Distinct() => ColumnFigures.DistinctOfSorted(ColumnFigures.Sorted(_values));

    internal override DataFrameValue ValueAt(int row)
    {
        CheckRow(row);
        return new DataFrameValue(_values[row]);
    }

    internal override DataFrameColumn WithName(string name, string title) => new DoubleDataFrameColumn(name, _values, title);

    internal override DataFrameColumn Take(ReadOnlySpan<int> rows)
    {
        var taken = new double[rows.Length];
        for (var i = 0; i < taken.Length; i++) taken[i] = rows[i] < 0 ? double.NaN : _values[rows[i]];
        return new DoubleDataFrameColumn(Name, taken, Title);
    }

    internal override DataFrameColumn Concatenate(DataFrameColumn below) =>
        new DoubleDataFrameColumn(Name, [.. _values, .. ((DoubleDataFrameColumn)below)._values], Title);

    internal override (int[] Codes, List<int> FirstRows) Codes()
    {
        var codes = new int[Length];
        var codeOf = new Dictionary<double, int>();
        List<int> firstRows = [];
        for (var row = 0; row < codes.Length; row++)
        {
            if (double.IsNaN(_values[row]))
            {
                codes[row] = -1;
                continue;
            }

            ref var code = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(codeOf, _values[row], out var known);
            if (!known)
            {
                code = firstRows.Count;
                firstRows.Add(row);
            }

            codes[row] = code;
        }

        return (codes, firstRows);
    }

    internal override double[] Ranks() => _values;

    internal override double[] Numbers() => _values;
}
