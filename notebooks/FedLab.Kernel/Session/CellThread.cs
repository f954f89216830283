namespace FedLab.Kernel.Session;

/// <summary>
/// Runs a cell so that it can be ended: on a thread of its own, and what follows an <c>await</c> on threads of the pool. Its own code ends at the next
/// <see cref="Checkpoint"/> and a wait is woken; what a library computes alone cannot be ended, because an abort may end the whole process in .NET 10, and is left
/// behind. Work that a cell starts elsewhere (<see cref="Task.Run(Action)"/>, threads) is its own and not ended.
/// </summary>
internal sealed class CellThread : SynchronizationContext
{
    // Cells are free to recurse deeper than a library would.
    private const int StackBytes = 16 << 20;

    private readonly CancellationToken _end;

    private CellThread(CancellationToken end) => _end = end;

    /// <summary>Whether what runs here is to end now.</summary>
    public bool IsEnding => _end.IsCancellationRequested;

    /// <summary>Ends what runs here.</summary>
    /// <exception cref="OperationCanceledException">Always.</exception>
    public void End() => throw new OperationCanceledException(_end);

    /// <summary>Runs something on a new thread.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="action">What; exceptions reach the awaiting.</param>
    public static Task RunAsync(string name, Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            StackBytes)
        { IsBackground = true, Name = name };
        thread.Start();
        return done.Task;
    }

    /// <summary>Runs what may be ended, on a new thread, and waits for it.</summary>
    /// <param name="action">What.</param>
    /// <param name="interruption">Ends it.</param>
    /// <returns>Whether it has ended; false where it was left behind, still running.</returns>
    public static bool Run(Action action, CellInterruption interruption)
    {
        var context = new CellThread(interruption.Ended);
        var running = RunAsync(Thread.CurrentThread.Name ?? "Cell", () => context.Control(action));
        try
        {
            Task.WaitAny([running], interruption.LeftBehind);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            return false;
        }
        running.GetAwaiter().GetResult();
        return true;
    }

    /// <inheritdoc />
    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(
        static work => work.Context.Continue(work.Callback, work.State), (Context: this, Callback: d, State: state), preferLocal: false);

    /// <inheritdoc />
    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <inheritdoc />
    public override SynchronizationContext CreateCopy() => this;

    private void Continue(SendOrPostCallback callback, object? state) => Control(() => callback(state));

    // What goes on after its cell was ended is over; what goes on after its cell came to its end is not this cell's any more.
    private void Control(Action action)
    {
        var before = Current;
        SetSynchronizationContext(this);
        var wait = new InterruptibleWait(Thread.CurrentThread);
        using var registration = _end.UnsafeRegister(static state => _ = ((InterruptibleWait)state!).InterruptAsync(), wait);
        try
        {
            action();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ThreadInterruptedException && IsEnding)
        {
            // Ended, as was asked.
        }
        finally
        {
            wait.End();
            SetSynchronizationContext(before);
        }
    }
}
