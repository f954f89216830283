namespace FedLab.Federation.Runs;

/// <summary>
/// Writes checkpoints behind the training: a tree does not wait for the disk. Only the newest content that was handed over
/// is written next; <see cref="StoredTrees"/> tells what is durable.
/// </summary>
/// <param name="store">Where the file goes.</param>
/// <param name="file">Name of the file.</param>
/// <param name="storedTrees">Number of trees that the file holds already.</param>
internal sealed class CheckpointWriter(IRunStore store, string file, int storedTrees) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private (int Trees, byte[] Content)? _next;
    private Task _writing = Task.CompletedTask;
    private bool _running;
    private int _stored = storedTrees;

    /// <summary>Number of trees in the durable file.</summary>
    public int StoredTrees => Volatile.Read(ref _stored);

    /// <summary>Hands over the newest content.</summary>
    /// <param name="trees">Number of trees that it holds.</param>
    /// <param name="content">The file.</param>
    public void Post(int trees, byte[] content)
    {
        lock (_gate)
        {
            _next = (trees, content);
            if (_running) return;
            _running = true;
            // A failed write must not be forgotten: it fails every later one, and the flush at the end of the run.
            _writing = WriteAsync(_writing);
        }
    }

    /// <summary>Waits until everything handed over is durable.</summary>
    public async Task FlushAsync()
    {
        Task writing;
        lock (_gate) writing = _writing;
        await writing.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task writing;
        lock (_gate) writing = _writing;
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync(Task before)
    {
        await before.ConfigureAwait(false);
        await Task.Yield();
        while (true)
        {
            (int Trees, byte[] Content) next;
            lock (_gate)
            {
                if (_next is null)
                {
                    _running = false;
                    return;
                }
                next = _next.Value;
                _next = null;
            }
            await store.SaveAsync(file, next.Content, CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _stored, next.Trees);
        }
    }
}
