namespace FedLab.Data.Connectors;

/// <summary>Some rows on their way from a source, by column. It is filled again and again, so a source of any length passes through it.</summary>
public sealed class RowBlock
{
    /// <summary>Rows that a block holds at most: enough to make a loop over a column worth it, few enough to stay in the processor's cache.</summary>
    public const int MaximumRows = 1024;

    /// <summary>Bytes of rows from which on a block is full, however few they are; rows may be large.</summary>
    private const long FullBytes = 1 << 20;

    private readonly ColumnBlock[] _columns;
    private readonly long[] _numbers = new long[MaximumRows];
    private long _bytes;

    /// <summary>An empty block.</summary>
    /// <param name="columns">Number of columns, those included that are skipped.</param>
    public RowBlock(int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        _columns = new ColumnBlock[columns];
        for (var i = 0; i < columns; i++) _columns[i] = new ColumnBlock();
    }

    /// <summary>Rows in the block.</summary>
    public int RowCount { get; private set; }

    /// <summary>Whether the next row belongs into the next block.</summary>
    public bool IsFull => RowCount == MaximumRows || _bytes >= FullBytes;

    /// <summary>A column's cells.</summary>
    public ColumnBlock this[int column] => _columns[column];

    /// <summary>The line or row by which people find a row again.</summary>
    public long NumberOf(int row) => _numbers[row];

    /// <summary>Takes all rows out.</summary>
    public void Clear()
    {
        foreach (var column in _columns) column.Clear();
        RowCount = 0;
        _bytes = 0;
    }

    /// <summary>Completes a row, to every chosen column of which one cell was added.</summary>
    /// <param name="number">The line or row by which people find it again.</param>
    /// <param name="bytes">About how large it is.</param>
    public void EndRow(long number, long bytes)
    {
        _numbers[RowCount++] = number;
        _bytes += bytes;
    }
}
