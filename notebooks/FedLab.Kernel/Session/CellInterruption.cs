namespace FedLab.Kernel.Session;

/// <summary>
/// The wish to end a cell. It is said first, to whoever listens to <see cref="Asked"/>; code that does not end within a moment is
/// ended by force. Asking again does so at once.
/// </summary>
internal sealed class CellInterruption : IDisposable
{
    /// <summary>Time that a cell has for ending by itself.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _abort = new();
    private bool _over;

    /// <summary>Cancelled when the cell is asked to end.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled when it is ended by force.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>Asks the cell to end.</summary>
    public void Interrupt()
    {
        lock (_lock)
        {
            if (_over) return;
            // Listeners run elsewhere: one that blocks must not keep the force from coming.
            if (_asked.IsCancellationRequested)
            {
                _ = _abort.CancelAsync();
            }
            else
            {
                _ = _asked.CancelAsync();
                _abort.CancelAfter(Grace);
            }
        }
    }

    /// <summary>The cell has ended. <see cref="Asked"/> stays usable, for what the cell left running.</summary>
    public void Dispose()
    {
        lock (_lock) _over = true;
        _abort.Dispose();
    }
}
