namespace FedLab.Kernel.Session;

/// <summary>
/// The wish to end a cell. It is said first, to whoever listens to <see cref="Asked"/>; code that does not end within a moment is
/// <see cref="Ended"/> where it can be, asking again does so at once; and what still runs then is <see cref="LeftBehind"/>.
/// </summary>
internal sealed class CellInterruption : IDisposable
{
    /// <summary>Time that a cell has for ending by itself.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Time for coming to a checkpoint.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _leftBehind = new();
    private bool _over;

    /// <summary>Cancelled when the cell is asked to end.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled when it is ended wherever its code can be.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Cancelled when nobody waits for it any more.</summary>
    public CancellationToken LeftBehind => _leftBehind.Token;

    /// <summary>Asks the cell to end.</summary>
    public void Interrupt()
    {
        lock (_lock)
        {
            if (_over) return;
            // Listeners run elsewhere: one that blocks must not keep the end from coming.
            if (_asked.IsCancellationRequested)
            {
                _ = _ended.CancelAsync();
                _leftBehind.CancelAfter(Patience);
            }
            else
            {
                _ = _asked.CancelAsync();
                _ended.CancelAfter(Grace);
                _leftBehind.CancelAfter(Grace + Patience);
            }
        }
    }

    /// <summary>The cell has ended. <see cref="Asked"/> stays usable, for what the cell left running.</summary>
    public void Dispose()
    {
        lock (_lock) _over = true;
        _ended.Dispose();
        _leftBehind.Dispose();
    }
}
