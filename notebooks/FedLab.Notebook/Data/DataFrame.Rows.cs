using System.Security.Cryptography;

namespace FedLab.Notebook.Data;

/// <summary>Which rows <see cref="DataFrame.DropNulls"/> takes out.</summary>
public enum DropNullOptions
{
    /// <summary>Those in which any value is missing.</summary>
    Any,

    /// <summary>Those in which all values are missing.</summary>
    All,
}

public sealed partial class DataFrame
{
    /// <summary>The first rows.</summary>
    /// <param name="numberOfRows">How many, or all if there are fewer.</param>
    /// <exception cref="FrameException">It is negative.</exception>
    public DataFrame Head(int numberOfRows = 5) => Slice(0, numberOfRows);

    /// <summary>The last rows.</summary>
    /// <param name="numberOfRows">How many, or all if there are fewer.</param>
    /// <exception cref="FrameException">It is negative.</exception>
    public DataFrame Tail(int numberOfRows = 5) => Slice(RowCount - Math.Clamp(numberOfRows, 0, RowCount), numberOfRows);

    /// <summary>Some rows by chance, none twice, in the order in which they stand. Keep them in a variable to work on with the same ones.</summary>
    /// <param name="numberOfRows">How many, or all if there are fewer.</param>
    /// <exception cref="FrameException">It is negative.</exception>
    public DataFrame Sample(int numberOfRows)
    {
        if (numberOfRows < 0) throw FrameMessages.CountNegative(numberOfRows);
        var rows = new List<int>(Math.Min(numberOfRows, RowCount));
        // Knuth, The Art of Computer Programming 2, 3.4.2, Algorithm S: each row is taken with the chance that fills the sample.
        for (var row = 0; row < RowCount && rows.Count < numberOfRows; row++)
        {
            if (RandomNumberGenerator.GetInt32(RowCount - row) < numberOfRows - rows.Count) rows.Add(row);
        }

        return Take([.. rows]);
    }

    /// <summary>The rows for which a column is true.</summary>
    /// <param name="filter">A condition of as many rows.</param>
    /// <exception cref="FrameException">It has another length.</exception>
    public DataFrame Filter(BooleanDataFrameColumn filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (filter.Length != RowCount) throw FrameMessages.LengthsDiffer(filter.Name, filter.Length, RowCount);
        return Take(filter.TrueRows());
    }

    /// <summary>The rows that meet a condition, for example <c>row => row["age"] > 30</c>.</summary>
    /// <param name="condition">The condition.</param>
    public DataFrame Where(Func<DataFrameRow, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var rows = new List<int>();
        foreach (var row in Rows)
        {
            if (condition(row)) rows.Add(row.Index);
        }

        return Take([.. rows]);
    }

    /// <summary>The rows sorted by a column, equal ones in the order in which they stand; texts by their UTF-16 units.</summary>
    /// <param name="columnName">The column.</param>
    /// <param name="ascending">Whether the least comes first.</param>
    /// <param name="putNullValuesLast">Whether missing values come last, and not first.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public DataFrame OrderBy(string columnName, bool ascending = true, bool putNullValuesLast = true)
    {
        var ranks = Columns[columnName].Ranks();
        var rows = Enumerable.Range(0, RowCount).ToArray();
        Array.Sort(rows, (a, b) =>
        {
            var (left, right) = (ranks[a], ranks[b]);
            if (double.IsNaN(left) != double.IsNaN(right)) return double.IsNaN(left) == putNullValuesLast ? 1 : -1;
            var order = ascending ? left.CompareTo(right) : right.CompareTo(left);
            return order != 0 ? order : a.CompareTo(b);
        });
        return Take(rows);
    }

    /// <summary>The rows sorted by a column, the greatest first.</summary>
    /// <param name="columnName">The column.</param>
    /// <param name="putNullValuesLast">Whether missing values come last, and not first.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public DataFrame OrderByDescending(string columnName, bool putNullValuesLast = true) => OrderBy(columnName, ascending: false, putNullValuesLast);

    /// <summary>The rows without missing values.</summary>
    /// <param name="options">Whether a row goes for one missing value, or only if all are missing.</param>
    public DataFrame DropNulls(DropNullOptions options = DropNullOptions.Any)
    {
        var limit = options == DropNullOptions.Any ? 1 : Columns.Count;
        var missing = new int[RowCount];
        foreach (var column in Columns)
        {
            for (var row = 0; row < missing.Length; row++) missing[row] += column.ValueAt(row).IsMissing ? 1 : 0;
        }

        return Take([.. Enumerable.Range(0, RowCount).Where(row => missing[row] < limit)]);
    }

    /// <summary>A frame in which missing numbers are a number.</summary>
    /// <param name="value">The number.</param>
    public DataFrame FillNulls(double value) => new(Columns.Select(column => column is DoubleDataFrameColumn numbers ? numbers.FillNulls(value) : column));

    /// <summary>A frame in which missing texts are a text.</summary>
    /// <param name="value">The text.</param>
    public DataFrame FillNulls(string value) => new(Columns.Select(column => column is StringDataFrameColumn texts ? texts.FillNulls(value) : column));

    /// <summary>The rows of this frame and below them those of another, whose columns have the same names and types, in whatever order.</summary>
    /// <param name="other">The other frame.</param>
    /// <exception cref="FrameException">A column is missing in one of the two, or holds something else.</exception>
    public DataFrame Append(DataFrame other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var column in other.Columns) _ = Columns[column.Name];
        return new DataFrame(Columns.Select(column => SameType(column, other.Columns[column.Name]).Concatenate(other.Columns[column.Name])));
    }

    private static DataFrameColumn SameType(DataFrameColumn column, DataFrameColumn other) =>
        column.DataType == other.DataType ? column : throw FrameMessages.TypesDiffer(column, other);

    private DataFrame Slice(int first, int count)
    {
        if (count < 0) throw FrameMessages.CountNegative(count);
        return Take([.. Enumerable.Range(first, Math.Min(count, RowCount - first))]);
    }
}
