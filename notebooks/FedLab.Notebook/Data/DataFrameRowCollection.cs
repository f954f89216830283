using System.Collections;
using FedLab.Notebook.Display;

namespace FedLab.Notebook.Data;

/// <summary>The rows of a <see cref="DataFrame"/>.</summary>
public sealed class DataFrameRowCollection : IReadOnlyList<DataFrameRow>, IRichDisplay
{
    private readonly DataFrame _frame;

    internal DataFrameRowCollection(DataFrame frame) => _frame = frame;

    /// <summary>Number of rows.</summary>
    public int Count => _frame.RowCount;

    /// <summary>A row.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="FrameException">There is no such row.</exception>
    public DataFrameRow this[int index] => (uint)index < (uint)Count ? new DataFrameRow(_frame, index) : throw FrameMessages.RowOutside(index, Count);

    /// <inheritdoc/>
    public IEnumerator<DataFrameRow> GetEnumerator()
    {
        for (var row = 0; row < Count; row++) yield return new DataFrameRow(_frame, row);
    }

    /// <summary>The first rows, as their frame shows them.</summary>
    public MimeBundle ToMimeBundle() => _frame.ToMimeBundle();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
