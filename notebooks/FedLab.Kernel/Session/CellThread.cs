using System.Runtime;

namespace FedLab.Kernel.Session;

/// <summary>
/// Runs a cell so that it can be ended by force: on a thread of its own, and what follows an <c>await</c> on threads of the pool. Its own code ends at the next
/// <see cref="Checkpoint"/>, a wait is woken, and what a library computes for long is aborted under <see cref="ControlledExecution"/>. The abort is the last resort:
/// .NET 10 may end the whole process where it meets a thread that is just returning from a call. Work that a cell starts elsewhere (<see cref="Task.Run(Action)"/>,
/// threads) is its own and not ended.
/// </summary>
internal sealed class CellThread : SynchronizationContext
{
    // Cells are free to recurse deeper than a library would.
    private const int StackBytes = 16 << 20;

    // Time for coming to a checkpoint before the abort.
    private static readonly TimeSpan LastResort = TimeSpan.FromSeconds(5);

    private readonly CancellationToken _abort;

    private CellThread(CancellationToken abort) => _abort = abort;

    /// <summary>Whether what runs here is to end now.</summary>
    public bool IsEnding => _abort.IsCancellationRequested;

    /// <summary>Ends what runs here.</summary>
    /// <exception cref="OperationCanceledException">Always.</exception>
    public void End() => throw new OperationCanceledException(_abort);

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

    /// <summary>Runs on the calling thread what may be aborted.</summary>
    /// <param name="action">What.</param>
    /// <param name="abort">Aborts it.</param>
    /// <returns>Whether it came to its end; false where it was aborted.</returns>
    public static bool Run(Action action, CancellationToken abort)
    {
        var before = Current;
        SetSynchronizationContext(new CellThread(abort));
        var completed = false;
        try
        {
            Control(
                () =>
                {
                    action();
                    completed = true;
                },
                abort);
            return true;
        }
        catch (Exception exception) when (IsAbort(exception, abort))
        {
            // An abort that came when everything was done has missed.
            return completed;
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <inheritdoc />
    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(
        static work => work.Context.Continue(work.Callback, work.State), (Context: this, Callback: d, State: state), preferLocal: false);

    /// <inheritdoc />
    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <inheritdoc />
    public override SynchronizationContext CreateCopy() => this;

    private void Continue(SendOrPostCallback callback, object? state)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            // What goes on after its cell was aborted is over; what goes on after its cell has ended is not this cell's any more.
            Control(() => callback(state), _abort);
        }
        catch (Exception exception) when (IsAbort(exception, _abort))
        {
            // Aborted, as the cell was.
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private static bool IsAbort(Exception exception, CancellationToken abort) => exception is OperationCanceledException or ThreadInterruptedException && abort.IsCancellationRequested;

    // Each thread has a source of its own, cancelled from another thread: an abort waits for its thread, and one that cannot be aborted
    // must not keep the others from it.
    private static void Control(Action action, CancellationToken abort)
    {
        var own = new CancellationTokenSource();
        var wait = new InterruptibleWait(Thread.CurrentThread);
        using var registration = abort.UnsafeRegister(
            static state =>
            {
                var (own, wait) = ((CancellationTokenSource, InterruptibleWait))state!;
                own.CancelAfter(LastResort);
                _ = wait.InterruptAsync();
            },
            (own, wait));
        try
        {
#pragma warning disable SYSLIB0046 // Unsafe for servers, where an aborted thread may leave shared state torn; the process belongs to one person's notebook.
            ControlledExecution.Run(
                () =>
                {
                    try
                    {
                        action();
                    }
                    finally
                    {
                        // Before it waits for an abort that is under way: woken there, it would leave with the abort still to come.
                        wait.End();
                    }
                },
                own.Token);
#pragma warning restore SYSLIB0046
        }
        finally
        {
            wait.End();
        }
    }
}
