using System.Collections;

namespace FedLab.Notebook.Data;

/// <summary>One row of a <see cref="DataFrame"/>.</summary>
public readonly struct DataFrameRow : IReadOnlyList<object?>
{
    private readonly DataFrame _frame;

    internal DataFrameRow(DataFrame frame, int index) => (_frame, Index) = (frame, index);

    /// <summary>The row's number in its frame, from 0.</summary>
    public int Index { get; }

    /// <summary>Number of values: that of the frame's columns.</summary>
    public int Count => _frame.Columns.Count;

    /// <summary>The row's value in a column.</summary>
    /// <param name="columnName">The column.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public DataFrameValue this[string columnName] => _frame.Columns[columnName].ValueAt(Index);

    /// <summary>The row's value in a column, null where it is missing.</summary>
    /// <param name="index">The column's place, from 0.</param>
    public object? this[int index] => _frame.Columns[index].ValueAt(Index).ToObject();

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
