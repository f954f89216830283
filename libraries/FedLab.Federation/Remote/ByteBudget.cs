namespace FedLab.Federation.Remote;

/// <summary>Counts bytes that are held and lets senders wait while there are too many.</summary>
/// <param name="limit">Bytes from which on <see cref="WhenBelowLimit"/> waits. A single piece may go beyond it.</param>
public sealed class ByteBudget(long limit)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _below;

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
            if (Used < limit) (waiting, _below) = (_below, null);
        }
        waiting?.TrySetResult();
    }

    /// <summary>Completes when fewer bytes than the limit are held.</summary>
    public Task WhenBelowLimit()
    {
        lock (_gate)
        {
            if (Used < limit) return Task.CompletedTask;
            _below ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _below.Task;
        }
    }
}
