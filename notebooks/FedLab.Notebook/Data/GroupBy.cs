using FedLab.Notebook.Display;

namespace FedLab.Notebook.Data;

/// <summary>
/// Rows of a <see cref="DataFrame"/> by the values of one or several columns. Every figure is a frame with a row for each group, in the
/// order in which the groups first appear; rows without a value in a grouping column are a group of their own.
/// </summary>
public sealed class GroupBy : IRichDisplay
{
    private readonly DataFrame _frame;
    private readonly string[] _keys;
    private readonly RowGroups _groups;
    private readonly int[][] _rows;

    internal GroupBy(DataFrame frame, string[] keys)
    {
        (_frame, _keys) = (frame, keys);
        _groups = RowGroups.Of(Array.ConvertAll(keys, key => frame.Columns[key]));
        _rows = _groups.RowsByGroup();
    }

    /// <summary>Number of groups.</summary>
    public int GroupCount => _rows.Length;

    /// <summary>Number of values in each group that are not missing.</summary>
    /// <param name="columnNames">The columns; all others than the grouping ones if none is named.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public DataFrame Count(params IEnumerable<string> columnNames) =>
        Build(Chosen(columnNames, onlyNumbers: false), column => Figures(column, rows => (double)rows.Count(row => !column.ValueAt(row).IsMissing)));

    /// <summary>Number of rows in each group, missing values included, in a column Rows.</summary>
    public DataFrame Size() => new([.. KeyColumns(), new DoubleDataFrameColumn("Rows", Array.ConvertAll(_rows, rows => (double)rows.Length), FrameMessages.ColumnRows)]);

    /// <summary>The mean of each group.</summary>
    /// <param name="columnNames">The columns; all with numbers if none is named.</param>
    /// <exception cref="FrameException">There is no such column, or it holds text.</exception>
    public DataFrame Mean(params IEnumerable<string> columnNames) => OfNumbers(columnNames, values => ColumnFigures.Mean(values));

    /// <summary>The sum of each group; 0 where it has no value.</summary>
    /// <param name="columnNames">The columns; all with numbers if none is named.</param>
    /// <exception cref="FrameException">There is no such column, or it holds text.</exception>
    public DataFrame Sum(params IEnumerable<string> columnNames) => OfNumbers(columnNames, values => ColumnFigures.Sum(values));

    /// <summary>The least value of each group.</summary>
    /// <param name="columnNames">The columns; all with numbers if none is named.</param>
    /// <exception cref="FrameException">There is no such column, or it holds text.</exception>
    public DataFrame Min(params IEnumerable<string> columnNames) => Quantile(0, columnNames);

    /// <summary>The greatest value of each group.</summary>
    /// <param name="columnNames">The columns; all with numbers if none is named.</param>
    /// <exception cref="FrameException">There is no such column, or it holds text.</exception>
    public DataFrame Max(params IEnumerable<string> columnNames) => Quantile(1, columnNames);

    /// <summary>The median of each group.</summary>
    /// <param name="columnNames">The columns; all with numbers if none is named.</param>
    /// <exception cref="FrameException">There is no such column, or it holds text.</exception>
    public DataFrame Median(params IEnumerable<string> columnNames) => Quantile(0.5, columnNames);

    /// <summary>The standard deviation of each group, as of a sample.</summary>
    /// <param name="columnNames">The columns; all with numbers if none is named.</param>
    /// <exception cref="FrameException">There is no such column, or it holds text.</exception>
    public DataFrame StandardDeviation(params IEnumerable<string> columnNames) => OfNumbers(columnNames, values => ColumnFigures.StandardDeviation(values));

    /// <summary>The first value of each group that is not missing.</summary>
    /// <param name="columnNames">The columns; all others than the grouping ones if none is named.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public DataFrame First(params IEnumerable<string> columnNames) =>
        Build(Chosen(columnNames, onlyNumbers: false), column => column.Take(Array.ConvertAll(_rows, rows => FirstWithValue(column, rows))));

    /// <summary>The groups and their numbers of rows.</summary>
    public MimeBundle ToMimeBundle() => Size().ToMimeBundle();

    private static int FirstWithValue(DataFrameColumn column, int[] rows)
    {
        foreach (var row in rows)
        {
            if (!column.ValueAt(row).IsMissing) return row;
        }

        return -1;
    }

    private DataFrame Quantile(double probability, IEnumerable<string> columnNames) =>
        OfNumbers(columnNames, values => ColumnFigures.QuantileOfSorted(ColumnFigures.Sorted(values), probability));

    private DataFrame OfNumbers(IEnumerable<string> columnNames, Func<double[], double> figure) => Build(Chosen(columnNames, onlyNumbers: true), column =>
    {
        var values = column.Numbers();
        return Figures(column, rows => figure(Array.ConvertAll(rows, row => values[row])));
    });

    private DoubleDataFrameColumn Figures(DataFrameColumn column, Func<int[], double> figure) => new(column.Name, Array.ConvertAll(_rows, rows =>
    {
        var value = figure(rows);
        return double.IsFinite(value) ? value : double.NaN;
    }));

    private IEnumerable<DataFrameColumn> Chosen(IEnumerable<string> columnNames, bool onlyNumbers)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        var names = columnNames.ToArray();
        if (names.Length > 0) return names.Select(name => _frame.Columns[name]);
        return _frame.Columns.Where(column => !_keys.Contains(column.Name) && (!onlyNumbers || column.IsNumericColumn()));
    }

    private DataFrame Build(IEnumerable<DataFrameColumn> columns, Func<DataFrameColumn, DataFrameColumn> figure) => new([.. KeyColumns(), .. columns.Select(figure)]);

    private IEnumerable<DataFrameColumn> KeyColumns() => _keys.Select(key => _frame.Columns[key].Take([.. _groups.FirstRows]));
}
