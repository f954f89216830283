using System.Globalization;
using FedLab.Notebook.Display;

namespace FedLab.Notebook.Data;

/// <summary>
/// A column of a <see cref="DataFrame"/>: a name and a value, possibly missing, for every row. Its values never change; arithmetic and
/// comparisons make new columns. Names follow Microsoft.Data.Analysis.
/// </summary>
public abstract partial class DataFrameColumn : IRichDisplay
{
    private protected DataFrameColumn(string name, int length)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Length = length;
    }

    /// <summary>The column's name.</summary>
    public string Name { get; }

    /// <summary>Number of rows, missing values included.</summary>
    public int Length { get; }

    /// <summary>Number of rows without a value.</summary>
    public abstract int NullCount { get; }

    /// <summary>The type of the values: double, string or bool.</summary>
    public abstract Type DataType { get; }

    /// <summary>The value of a row, null where it is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="FrameException">There is no such row.</exception>
    public object? this[int row] => ValueAt(row).ToObject();

    /// <summary>What stands above the column where a table is shown; the name unless something else was said.</summary>
    internal string Title { get; init; } = "";

    /// <summary>The title, or the name where there is none.</summary>
    internal string Heading => Title.Length > 0 ? Title : Name;

    /// <summary>Whether the column's values can be calculated with: numbers, and true and false as 1 and 0.</summary>
    public bool IsNumericColumn() => this is not StringDataFrameColumn;

    /// <summary>Whether the value of a row is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="FrameException">There is no such row.</exception>
    public bool IsNull(int row) => ValueAt(row).IsMissing;

    /// <summary>The same values under another name.</summary>
    /// <param name="name">The name; null for the same.</param>
    public DataFrameColumn Clone(string? name = null) => WithName(name ?? Name, name is null ? Title : "");

    /// <summary>How often each value occurs, the most frequent first, ties in the order of the values; missing values last.</summary>
    /// <returns>The columns Values and Counts.</returns>
    public DataFrame ValueCounts()
    {
        var (codes, firstRows) = Codes();
        var counts = new int[firstRows.Count];
        var missing = 0;
        foreach (var code in codes)
        {
            if (code < 0) missing++;
            else counts[code]++;
        }

        var values = Take([.. firstRows]);
        var rank = values.Ranks();
        var order = Enumerable.Range(0, counts.Length).OrderByDescending(code => counts[code]).ThenBy(code => rank[code]).ToList();
        var shown = order.ConvertAll(code => firstRows[code]);
        var occurrences = order.ConvertAll(code => (double)counts[code]);
        if (missing > 0)
        {
            shown.Add(-1);
            occurrences.Add(missing);
        }

        return new DataFrame(
            Take([.. shown]).WithName("Values", FrameMessages.ColumnValues),
            new DoubleDataFrameColumn("Counts", [.. occurrences], FrameMessages.ColumnCounts));
    }

    /// <summary>The first values, as a table of one column.</summary>
    public MimeBundle ToMimeBundle() => new DataFrame(this).ToMimeBundle();

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({DataType.Name}, {Length})");

    /// <summary>A column of numbers; NaN and infinities are missing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values.</param>
    public static DataFrameColumn Create(string name, IEnumerable<double> values) => new DoubleDataFrameColumn(name, values);

    /// <inheritdoc cref="Create(string, IEnumerable{double})"/>
    public static DataFrameColumn Create(string name, IEnumerable<double?> values) => new DoubleDataFrameColumn(name, values);

    /// <inheritdoc cref="Create(string, IEnumerable{double})"/>
    public static DataFrameColumn Create(string name, IEnumerable<int> values) => new DoubleDataFrameColumn(name, values.Select(value => (double)value));

    /// <summary>A column of text; null is missing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values.</param>
    public static DataFrameColumn Create(string name, IEnumerable<string?> values) => new StringDataFrameColumn(name, values);

    /// <summary>A column of true and false.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values.</param>
    public static DataFrameColumn Create(string name, IEnumerable<bool> values) => new BooleanDataFrameColumn(name, values);

    /// <summary>A column of true, false and missing values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The values.</param>
    public static DataFrameColumn Create(string name, IEnumerable<bool?> values) => new BooleanDataFrameColumn(name, values);

    /// <summary>The value of a row.</summary>
    internal abstract DataFrameValue ValueAt(int row);

    /// <summary>The same values under another name and heading.</summary>
    internal abstract DataFrameColumn WithName(string name, string title);

    /// <summary>The given rows in the given order; row −1 yields a missing value.</summary>
    internal abstract DataFrameColumn Take(ReadOnlySpan<int> rows);

    /// <summary>This column's rows and below them another's; both hold the same type.</summary>
    internal abstract DataFrameColumn Concatenate(DataFrameColumn below);

    /// <summary>For every row the number of its value in order of first appearance, −1 where it is missing, and where each value first stands.</summary>
    internal abstract (int[] Codes, List<int> FirstRows) Codes();

    /// <summary>For every row a number that sorts as its value does; texts by UTF-16 unit. NaN where it is missing.</summary>
    internal abstract double[] Ranks();

    /// <summary>The values as numbers, NaN where one is missing.</summary>
    /// <exception cref="FrameException">The column holds text.</exception>
    internal abstract double[] Numbers();

    private protected void CheckRow(int row)
    {
        if ((uint)row >= (uint)Length) throw FrameMessages.RowOutside(row, Length);
    }

    private protected void CheckLength(DataFrameColumn other)
    {
        if (other.Length != Length) throw FrameMessages.LengthsDiffer(other.Name, other.Length, Length);
    }
}
