namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// Which chunk of a scan is with whom. A worker takes first what it took in earlier scans (its codes and transforms are there), then
/// what belongs to nobody, then from the worker that has most waiting: but not its last, which would cost more than waiting. Thread-safe.
/// </summary>
/// <param name="owners">For each chunk the worker that computed it last, or null; kept from scan to scan.</param>
internal sealed class ChunkBoard(string?[] owners) : IDisposable
{
    private enum State
    {
        Waiting,
        Taken,
        Complete,
    }

    /// <summary>A worker with fewer chunks waiting keeps them.</summary>
    private const int LeastToShare = 2;

    private readonly Lock _gate = new();
    private readonly State[] _states = new State[owners.Length];
    private readonly CancellationTokenSource _completed = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Fires when every chunk is part of the sums.</summary>
    public CancellationToken Completed => _completed.Token;

    /// <summary>Whether every chunk is part of the sums.</summary>
    public bool IsComplete => _completed.IsCancellationRequested;

    /// <summary>Completes at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate) return _changed.Task;
        }
    }

    /// <summary>Takes a chunk for a worker.</summary>
    public bool TryTake(string worker, out int chunk)
    {
        lock (_gate)
        {
            chunk = Find(owner => owner == worker);
            if (chunk < 0) chunk = Find(owner => owner is null);
            if (chunk < 0)
            {
                var most = Enumerable.Range(0, owners.Length).Where(i => _states[i] == State.Waiting).GroupBy(i => owners[i], StringComparer.Ordinal).MaxBy(waiting => waiting.Count());
                if (most is null || most.Count() < LeastToShare) return false;
                // From the end: its owner works from the front.
                chunk = most.Last();
            }
            _states[chunk] = State.Taken;
            owners[chunk] = worker;
            return true;
        }
    }

    /// <summary>Chunks are part of the sums.</summary>
    public void Complete(IEnumerable<int> chunks)
    {
        lock (_gate)
        {
            foreach (var chunk in chunks) _states[chunk] = State.Complete;
            if (!Array.TrueForAll(_states, state => state == State.Complete))
            {
                Signal();
                return;
            }
        }
        _completed.Cancel();
        lock (_gate) Signal();
    }

    /// <summary>A worker is lost: what it holds and what waits for it belongs to nobody.</summary>
    public void Leave(string worker, IEnumerable<int> held)
    {
        lock (_gate)
        {
            foreach (var chunk in held) _states[chunk] = State.Waiting;
            for (var chunk = 0; chunk < owners.Length; chunk++)
            {
                if (owners[chunk] == worker) owners[chunk] = null;
            }
            Signal();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _completed.Dispose();

    private int Find(Func<string?, bool> isWanted)
    {
        for (var chunk = 0; chunk < owners.Length; chunk++)
        {
            if (_states[chunk] == State.Waiting && isWanted(owners[chunk])) return chunk;
        }
        return -1;
    }

    private void Signal()
    {
        _changed.SetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
