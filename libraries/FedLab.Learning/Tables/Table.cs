namespace FedLab.Learning;

/// <summary>Columns of equal length with distinct names: the features of one party. Immutable.</summary>
public sealed class Table
{
    private readonly Column[] _columns;
    private readonly Dictionary<string, Column> _byName;

    /// <summary>A table of the given columns, in that order.</summary>
    /// <param name="columns">At least one column; a table without columns is made by <see cref="WithoutColumns"/>.</param>
    /// <exception cref="ArgumentException">There is no column, two have one name, or their lengths differ.</exception>
    public Table(IReadOnlyList<Column> columns)
        : this(columns, columns is { Count: > 0 } ? columns[0].RowCount : throw new ArgumentException("A table needs a column.", nameof(columns)))
    {
    }

    private Table(IReadOnlyList<Column> columns, int rowCount)
    {
        _columns = [.. columns];
        _byName = new Dictionary<string, Column>(_columns.Length, StringComparer.Ordinal);
        RowCount = rowCount;
        foreach (var column in _columns)
        {
            if (column.RowCount != rowCount)
                throw new ArgumentException($"Column '{column.Name}' has {column.RowCount} rows, the table has {rowCount}.", nameof(columns));
            if (!_byName.TryAdd(column.Name, column))
                throw new ArgumentException($"Two columns are named '{column.Name}'.", nameof(columns));
        }
    }

    /// <summary>Number of rows of every column.</summary>
    public int RowCount { get; }

    /// <summary>The columns in their owner's order.</summary>
    public IReadOnlyList<Column> Columns => _columns;

    /// <summary>The column of that name.</summary>
    /// <exception cref="KeyNotFoundException">The table has no such column.</exception>
    public Column this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            return _byName.TryGetValue(name, out var column) ? column : throw new KeyNotFoundException($"The table has no column '{name}'.");
        }
    }

    /// <summary>A table that has rows but no column: a party that brings labels and no features.</summary>
    /// <param name="rowCount">Number of rows, at least 0.</param>
    public static Table WithoutColumns(int rowCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        return new Table([], rowCount);
    }

    /// <summary>Whether the table has a column of that name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>A table with the given rows in the given order; row −1 yields missing values.</summary>
    /// <param name="rows">Row numbers of this table, or −1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row is neither −1 nor within the table.</exception>
    public Table TakeRows(ReadOnlySpan<int> rows)
    {
        var taken = new Column[_columns.Length];
        for (var i = 0; i < taken.Length; i++)
            taken[i] = _columns[i].TakeRows(rows);
        return new Table(taken, rows.Length);
    }

    /// <summary>A table with the named columns in the given order.</summary>
    /// <exception cref="KeyNotFoundException">The table has no column of one of the names.</exception>
    /// <exception cref="ArgumentException">A name is given twice.</exception>
    public Table Select(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new Table([.. names.Select(name => this[name])], RowCount);
    }
}
