namespace FedLab.Learning;

/// <summary>One feature of a <see cref="Table"/>: a name and a value, possibly missing, for every row. Immutable.</summary>
public abstract class Column
{
    private protected Column(string name, int rowCount)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        RowCount = rowCount;
    }

    /// <summary>The feature's name, as its owner wrote it.</summary>
    public string Name { get; }

    /// <summary>Number of rows, missing values included.</summary>
    public int RowCount { get; }

    /// <summary>Whether the value of a row is missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row is outside the column.</exception>
    public abstract bool IsMissing(int row);

    /// <summary>A column with the given rows in the given order; a row may be taken several times, and row −1 yields a missing value.</summary>
    /// <param name="rows">Row numbers of this column, or −1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row is neither −1 nor within the column.</exception>
    public abstract Column TakeRows(ReadOnlySpan<int> rows);

    private protected void CheckRow(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, RowCount);
    }

    private protected T[] Take<T>(ReadOnlySpan<T> source, ReadOnlySpan<int> rows, T missing)
    {
        var taken = new T[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if (row == -1)
            {
                taken[i] = missing;
                continue;
            }

            if ((uint)row >= (uint)source.Length)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"Column '{Name}' has {source.Length} rows.");
            taken[i] = source[row];
        }

        return taken;
    }
}
