namespace FedLab.Kernel.Session;

/// <summary>
/// Wakes a thread that waits, for an event, a lock or the clock, and so comes to no checkpoint. A thread of the pool goes on to other
/// work afterwards: so it is interrupted only while it is known to be at the cell's, and an interruption that came too late is taken back.
/// </summary>
internal sealed class InterruptibleWait(Thread thread)
{
    private const int Working = 0;
    private const int Interrupting = 1;
    private const int Ended = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private int _state = Working;
    private volatile bool _interrupted;

    /// <summary>Wakes the thread, and again wherever it waits next, until it is done.</summary>
    public async Task InterruptAsync()
    {
        do await Task.Delay(Pause).ConfigureAwait(false);
        while (TryInterrupt());
    }

    /// <summary>Called on the thread when it is done with the cell's work.</summary>
    public void End()
    {
        // Not a lock: entering one is a wait, which is what may be interrupted here.
        while (Interlocked.CompareExchange(ref _state, Ended, Working) == Interrupting) Thread.SpinWait(20);
        if (!_interrupted) return;
        try
        {
            using var never = new ManualResetEvent(false);
            never.WaitOne(0);
        }
        catch (ThreadInterruptedException)
        {
            // Taken back.
        }
    }

    private bool TryInterrupt()
    {
        if (Interlocked.CompareExchange(ref _state, Interrupting, Working) != Working) return false;
        _interrupted = true;
        thread.Interrupt();
        Volatile.Write(ref _state, Working);
        return true;
    }
}
