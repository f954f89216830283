namespace FedLab.Federation.Remote;

/// <summary>Counts bytes that are held and lets senders wait while there are too many.</summary>
/// <param name="limit">Bytes from which on <see cref="WhenBelowLimit"/> waits. A single piece may go beyond it.</param>
public sealed class ByteBudget(long limit)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _below;
    private long _limit = limit;

    /// <summary>Bytes held now.</summary>
    public long Used { get; private set; }

    /// <summary>Adds bytes.</summary>
    /// <param name="bytes">How many.</param>
    public void Add(long bytes)
    {
        lock (_gate) Used += bytes;
    }

    /// <summary>Takes bytes away.</summary>
    /// <param name="bytes">How many.</param>
    public void Remove(long bytes)
    {
        TaskCompletionSource? waiting = null;
        lock (_gate)
        {
            Used -= bytes;
            if (Used < _limit) (waiting, _below) = (_below, null);
        }
        waiting?.TrySetResult();
    }

    /// <summary>Lowers the limit, for what is asked from now on, to what the other side takes.</summary>
    /// <param name="limit">The other side's limit; a larger one than the own changes nothing.</param>
    public void LowerTo(long limit)
    {
        lock (_gate) _limit = Math.Min(_limit, limit);
    }

    /// <summary>Completes when fewer bytes than the limit are held.</summary>
    public Task WhenBelowLimit()
    {
        lock (_gate)
        {
            if (Used < _limit) return Task.CompletedTask;
            _below ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _below.Task;
        }
    }
}
