namespace FedLab.Data.Reading;

/// <summary>A list that grows without copying: large tables never hold a column twice while they are read.</summary>
internal sealed class ChunkedList<T>
{
    private const int FirstChunk = 256;
    private const int LargestChunk = 1 << 16;

    private readonly List<T[]> _full = [];
    private T[] _chunk = new T[FirstChunk];
    private int _used;

    public int Count { get; private set; }

    public void Add(T value)
    {
        Count++;
        if (_used == _chunk.Length)
        {
            _full.Add(_chunk);
            _chunk = GC.AllocateUninitializedArray<T>(Math.Min(LargestChunk, _chunk.Length * 2));
            _used = 0;
        }

        _chunk[_used++] = value;
    }

    public void AddRange(ReadOnlySpan<T> values)
    {
        while (values.Length > 0)
        {
            if (_used == _chunk.Length)
            {
                Add(values[0]);
                values = values[1..];
                continue;
            }

            var part = Math.Min(values.Length, _chunk.Length - _used);
            values[..part].CopyTo(_chunk.AsSpan(_used));
            _used += part;
            Count += part;
            values = values[part..];
        }
    }

    /// <summary>Makes room for as many values as are expected in all, in one piece, which <see cref="Take"/> then hands out as it is.</summary>
    /// <param name="total">An estimate; more may come.</param>
    public void Expect(int total)
    {
        if (total <= Count || total <= LargestChunk) return;
        var room = GC.AllocateUninitializedArray<T>(total);
        var taken = 0;
        foreach (var chunk in _full)
        {
            chunk.CopyTo(room, taken);
            taken += chunk.Length;
        }

        _chunk.AsSpan(0, _used).CopyTo(room.AsSpan(taken));
        _full.Clear();
        _chunk = room;
        _used = Count;
    }

    public void AddRepeated(T value, int count)
    {
        for (var i = 0; i < count; i++) Add(value);
    }

    /// <summary>The values at the given positions, ascending, in one piece; the list is not to be used afterwards.</summary>
    public Memory<T> Take(ReadOnlySpan<int> ascendingPositions)
    {
        if (_full.Count == 0) return TakeInPlace(ascendingPositions);
        _full.Add(_chunk);
        if (ascendingPositions.Length == Count) return TakeAll();
        var result = GC.AllocateUninitializedArray<T>(ascendingPositions.Length);
        var taken = 0;
        var start = 0;
        for (var c = 0; c < _full.Count; c++)
        {
            var chunk = _full[c];
            while (taken < result.Length && ascendingPositions[taken] - start < chunk.Length)
            {
                result[taken] = chunk[ascendingPositions[taken] - start];
                taken++;
            }

            start += chunk.Length;
            _full[c] = [];
        }

        return result;
    }

    private Memory<T> TakeInPlace(ReadOnlySpan<int> ascendingPositions)
    {
        // What is taken only moves towards the beginning.
        if (ascendingPositions.Length < Count)
        {
            for (var i = 0; i < ascendingPositions.Length; i++) _chunk[i] = _chunk[ascendingPositions[i]];
        }

        return _chunk.AsMemory(0, ascendingPositions.Length);
    }

    private T[] TakeAll()
    {
        var result = GC.AllocateUninitializedArray<T>(Count);
        var taken = 0;
        for (var c = 0; c < _full.Count; c++)
        {
            var part = _full[c].AsSpan(0, Math.Min(_full[c].Length, Count - taken));
            part.CopyTo(result.AsSpan(taken));
            taken += part.Length;
            _full[c] = [];
        }

        return result;
    }
}
