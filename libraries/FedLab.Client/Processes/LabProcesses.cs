using FedLab.Client.Resources;

namespace FedLab.Client.Processes;

/// <summary>
/// The processes of a lab on this machine: starts them, starts one again that was killed, reports one that failed, and ends
/// exactly those that it started.
/// </summary>
/// <param name="time">Clock.</param>
internal sealed class LabProcesses(TimeProvider time) : IAsyncDisposable
{
    /// <summary>Name of the coordinator among the processes.</summary>
    public const string CoordinatorName = "coordinator";

    // An exit code above this means that a signal ended the program; the run goes on from its checkpoint once it is back.
    private const int SignalExitCode = 128;
    private const int RestartLimit = 5;

    // Ctrl-C at a terminal reaches the children too, a moment before or after us.
    private static readonly TimeSpan CancellationGrace = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly List<ChildProcess> _children = [];
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private bool _disposed;

    /// <summary>Faults with a <see cref="ClientException"/> when a process ends that should not; never completes otherwise.</summary>
    public Task Failed => _failed.Task;

    /// <summary>Called with the name of a process that was killed and has been started again.</summary>
    public Action<string>? Restarted { get; init; }

    /// <summary>Numbers of the running processes by name.</summary>
    public IReadOnlyDictionary<string, int> Ids
    {
        get
        {
            lock (_lock) return _children.Where(child => !child.Ended.IsCompleted).ToDictionary(child => child.Name, child => child.Id, StringComparer.Ordinal);
        }
    }

    /// <summary>Starts the coordinator.</summary>
    /// <param name="home">Its home folder.</param>
    public void StartCoordinator(string home) => Start(() => ChildProcess.Start(CoordinatorName, ProgramLocator.Coordinator, home), restarts: 0);

    /// <summary>Starts a participant.</summary>
    /// <param name="name">Name of its institution.</param>
    /// <param name="home">Its home folder.</param>
    public void StartParticipant(string name, string home) => Start(() => ChildProcess.Start(name, ProgramLocator.Participant, home), restarts: 0);

    /// <summary>Waits for a task, unless a process fails first.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="task">The task.</param>
    public async Task<T> GuardAsync<T>(Task<T> task)
    {
        var first = await Task.WhenAny(task, Failed);
        if (first != task && !task.IsCompleted)
        {
            // What the task says later is only a consequence.
            _ = task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            await Failed;
        }
        return await task;
    }

    /// <summary>Waits for a task, unless a process fails first.</summary>
    /// <param name="task">The task.</param>
    public Task GuardAsync(Task task) => GuardAsync(DoneAsync(task));

    /// <summary>Ends all processes and tells what the participants said on standard error.</summary>
    /// <returns>A sentence for each that said something, under its name.</returns>
    public async Task<IReadOnlyList<string>> EndAndHearAsync()
    {
        await DisposeAsync();
        lock (_lock) return [.. _children.Where(child => child.Name != CoordinatorName && child.LastError.Length > 0).Select(child => $"{child.Name}: {child.LastError}")];
    }

    /// <summary>Ends all processes, the participants first, so that each can take its leave of the coordinator.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await _stopping.CancelAsync();
        ChildProcess[] children;
        lock (_lock) children = [.. _children];
        await Task.WhenAll(children.Where(child => child.Name != CoordinatorName).Select(child => child.StopAsync()));
        await Task.WhenAll(children.Select(child => child.DisposeAsync().AsTask()));
        _stopping.Dispose();
    }

    private static async Task<bool> DoneAsync(Task task)
    {
        await task;
        return true;
    }

    private void Start(Func<ChildProcess> start, int restarts)
    {
        ChildProcess child;
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested) return;
            child = start();
            _children.Add(child);
        }
        _ = WatchAsync(child, start, restarts);
    }

    private async Task WatchAsync(ChildProcess child, Func<ChildProcess> start, int restarts)
    {
        var code = await child.Ended;
        try
        {
            await Task.Delay(CancellationGrace, time, _stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
        if (code > SignalExitCode && restarts < RestartLimit)
        {
            Restarted?.Invoke(child.Name);
            Start(start, restarts + 1);
            return;
        }
        _failed.TrySetException(child.LastError is not { Length: > 0 } said
            ? new ClientException(Messages.ProcessEndedSilently(child.Name, code, child.LogPath))
            : code > SignalExitCode ? new ClientException(Messages.ProcessEnded(child.Name, code, said)) : ClientException.Refusal(Messages.ProcessEnded(child.Name, code, said)));
        _ = _failed.Task.Exception;
    }
}
