using System.Collections;

namespace FedLab.Notebook.Data;

/// <summary>The columns of a <see cref="DataFrame"/>: of equal length, with distinct names. They can be added, replaced and taken out.</summary>
public sealed class DataFrameColumnCollection : IReadOnlyList<DataFrameColumn>
{
    private readonly List<DataFrameColumn> _columns = [];
    private readonly Dictionary<string, int> _indexOf = new(StringComparer.Ordinal);

    internal DataFrameColumnCollection()
    {
    }

    /// <summary>Number of columns.</summary>
    public int Count => _columns.Count;

    /// <summary>The columns' names, in their order.</summary>
    public IReadOnlyList<string> Names => [.. _columns.Select(column => column.Name)];

    /// <summary>A column.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public DataFrameColumn this[int index] => (uint)index < (uint)Count ? _columns[index] : throw FrameMessages.ColumnOutside(index, Count);

    /// <summary>A column.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="FrameException">There is no such column; the message names the one that was most likely meant.</exception>
    public DataFrameColumn this[string name] => _columns[Find(name)];

    /// <summary>Whether there is a column of that name.</summary>
    /// <param name="name">The name.</param>
    public bool Contains(string name) => _indexOf.ContainsKey(name);

    /// <summary>The place of a column, −1 if there is none of that name.</summary>
    /// <param name="name">The name.</param>
    public int IndexOf(string name) => _indexOf.GetValueOrDefault(name, -1);

    /// <summary>Adds a column behind the others.</summary>
    /// <param name="column">A column as long as the others, with a name of its own.</param>
    /// <exception cref="FrameException">The length is another, or there is a column of that name.</exception>
    public void Add(DataFrameColumn column)
    {
        ArgumentNullException.ThrowIfNull(column);
        CheckLength(column);
        if (!_indexOf.TryAdd(column.Name, Count)) throw FrameMessages.ColumnTwice(column.Name);
        _columns.Add(column);
    }

    /// <summary>Takes a column out.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public void Remove(string name)
    {
        _columns.RemoveAt(Find(name));
        _indexOf.Clear();
        for (var i = 0; i < _columns.Count; i++) _indexOf.Add(_columns[i].Name, i);
    }

    /// <inheritdoc/>
    public IEnumerator<DataFrameColumn> GetEnumerator() => _columns.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Puts a column in the place of the one of its name, or behind the others.</summary>
    internal void Set(DataFrameColumn column)
    {
        if (!_indexOf.TryGetValue(column.Name, out var index))
        {
            Add(column);
            return;
        }

        CheckLength(column);
        _columns[index] = column;
    }

    private int Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_indexOf.TryGetValue(name, out var index)) return index;
        throw Count == 0 ? FrameMessages.NoColumns(name) : FrameMessages.ColumnMissing(name, Names);
    }

    private void CheckLength(DataFrameColumn column)
    {
        if (Count > 0 && column.Length != _columns[0].Length) throw FrameMessages.LengthsDiffer(column.Name, column.Length, _columns[0].Length);
    }
}
