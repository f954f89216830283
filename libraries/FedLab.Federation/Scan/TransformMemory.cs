namespace FedLab.Federation.Scan;

/// <summary>The memory in which transforms are kept while a tree lasts: lends arrays up to a limit and lends those that came back again. Thread-safe.</summary>
/// <param name="limit">Bytes.</param>
internal sealed class TransformMemory(long limit)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Stack<double[]>> _idle = [];
    private long _bytes;

    /// <summary>An array of exactly this length with any content, or null where the limit is reached.</summary>
    public double[]? Rent(long length)
    {
        if (length > Array.MaxLength) return null;
        lock (_gate)
        {
            if (_idle.TryGetValue((int)length, out var idle) && idle.TryPop(out var array)) return array;
            var bytes = length * sizeof(double);
            if (_bytes + bytes > limit) Forget();
            if (_bytes + bytes > limit) return null;
            _bytes += bytes;
        }
        return GC.AllocateUninitializedArray<double>((int)length);
    }

    /// <summary>Takes an array back.</summary>
    public void Return(double[] array)
    {
        lock (_gate)
        {
            if (!_idle.TryGetValue(array.Length, out var idle)) _idle.Add(array.Length, idle = new Stack<double[]>());
            idle.Push(array);
        }
    }

    /// <summary>Lets go of what nobody uses: it has another length than what is needed.</summary>
    private void Forget()
    {
        foreach (var (length, arrays) in _idle) _bytes -= (long)length * sizeof(double) * arrays.Count;
        _idle.Clear();
    }
}
