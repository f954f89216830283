using FedLab.Notebook.Display;

namespace FedLab.Notebook.Data;

/// <summary>
/// A table in memory: columns of numbers, text, or true and false, with missing values. Names follow Microsoft.Data.Analysis where it has
/// one. Columns can be added and replaced; everything else makes a new frame that shares what did not change. In a notebook it shows its
/// first rows; <see cref="Page"/> shows the others.
/// <code>
/// var loans = DataFrame.LoadCsv("loans.csv.gz");
/// loans["debt_ratio"] = loans["debt"] / loans["income"];
/// loans.Where(row => row["debt_ratio"] > 0.5 &amp;&amp; row["sector"] == "retail").OrderByDescending("debt").Select("id", "debt")
/// </code>
/// </summary>
public sealed partial class DataFrame : IRichDisplay
{
    /// <summary>A frame of columns.</summary>
    /// <param name="columns">Columns of equal length with distinct names.</param>
    /// <exception cref="FrameException">Lengths differ, or two columns have one name.</exception>
    public DataFrame(params IEnumerable<DataFrameColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        foreach (var column in columns) Columns.Add(column);
        Rows = new DataFrameRowCollection(this);
    }

    /// <summary>The columns.</summary>
    public DataFrameColumnCollection Columns { get; } = new();

    /// <summary>The rows.</summary>
    public DataFrameRowCollection Rows { get; }

    internal int RowCount => Columns.Count == 0 ? 0 : Columns[0].Length;

    /// <summary>A column; setting one replaces the column of that name or adds it behind the others.</summary>
    /// <param name="columnName">Its name, which a column that is set takes on.</param>
    /// <exception cref="FrameException">There is no such column, or the one that is set has another length.</exception>
    public DataFrameColumn this[string columnName]
    {
        get => Columns[columnName];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Columns.Set(value.Name == columnName ? value : value.Clone(columnName));
        }
    }

    /// <summary>A value, null where it is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="column">The column's place, from 0.</param>
    /// <exception cref="FrameException">There is no such row or column.</exception>
    public object? this[int row, int column] => Columns[column][row];

    /// <summary>A value, null where it is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="columnName">The column.</param>
    /// <exception cref="FrameException">There is no such row or column.</exception>
    public object? this[int row, string columnName] => Columns[columnName][row];

    /// <summary>The rows for which a column is true.</summary>
    /// <param name="filter">A condition, for example <c>frame["age"] &gt; 30</c>.</param>
    public DataFrame this[BooleanDataFrameColumn filter] => Filter(filter);

    /// <summary>A frame with the named columns in the given order.</summary>
    /// <param name="columnNames">The columns.</param>
    /// <exception cref="FrameException">There is no such column, or one is named twice.</exception>
    public DataFrame Select(params IEnumerable<string> columnNames)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        return new DataFrame(columnNames.Select(name => Columns[name]));
    }

    /// <summary>A frame without the named columns.</summary>
    /// <param name="columnNames">The columns.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public DataFrame Drop(params IEnumerable<string> columnNames)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        var frame = Clone();
        foreach (var name in columnNames) frame.Columns.Remove(name);
        return frame;
    }

    /// <summary>A frame in which a column has another name.</summary>
    /// <param name="columnName">The column.</param>
    /// <param name="newName">Its new name.</param>
    /// <exception cref="FrameException">There is no such column, or one of the new name already.</exception>
    public DataFrame Rename(string columnName, string newName)
    {
        _ = Columns[columnName];
        return new DataFrame(Columns.Select(column => column.Name == columnName ? column.Clone(newName) : column));
    }

    /// <summary>A frame of its own: columns that are added to one of the two do not appear in the other.</summary>
    public DataFrame Clone() => new(Columns);

    /// <summary>Another part of the table than its beginning, for showing.</summary>
    /// <param name="number">The page, from 1.</param>
    /// <param name="rows">Rows of a page, 1 to 1,000.</param>
    /// <exception cref="FrameException">There is no such page.</exception>
    public DataFramePage Page(int number, int rows = DataFramePage.UsualRows) => new(this, number, rows);

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => Page(1).ToMimeBundle();

    /// <summary>The first rows as text.</summary>
    public override string ToString() => Page(1).ToString();

    internal DataFrame Take(ReadOnlySpan<int> rows)
    {
        var taken = new DataFrameColumn[Columns.Count];
        for (var i = 0; i < taken.Length; i++) taken[i] = Columns[i].Take(rows);
        return new DataFrame(taken);
    }
}
