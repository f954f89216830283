namespace FedLab.Data.Reading;

/// <summary>A list that grows without copying: large tables never hold a column twice while they are read.</summary>
internal sealed class ChunkedList<T>
{
    private const int FirstChunk = 256;
    private const int LargestChunk = 1 << 16;

    private readonly List<T[]> _full = [];
    private T[] _chunk = new T[FirstChunk];
    private int _used;

    public void Add(T value)
    {
        if (_used == _chunk.Length)
        {
            _full.Add(_chunk);
            _chunk = new T[Math.Min(LargestChunk, _chunk.Length * 2)];
            _used = 0;
        }

        _chunk[_used++] = value;
    }

    public void AddRepeated(T value, int count)
    {
        for (var i = 0; i < count; i++) Add(value);
    }

    /// <summary>The values at the given positions, ascending, as one array; the list is not to be used afterwards.</summary>
    public T[] Take(ReadOnlySpan<int> ascendingPositions)
    {
        _full.Add(_chunk);
        var result = new T[ascendingPositions.Length];
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
}
