using System.Threading.Channels;
using FedLab.Containers;
using FedLab.Containers.Containers;
using FedLab.Containers.Labs;
using FedLab.Coordinator.Configuration;
using FedLab.Proto;

namespace FedLab.Coordinator.Containers;

/// <summary>
/// Sees to it that every participant of the configuration runs in its container: makes what is missing, replaces what was made
/// from something else, starts again what has ended, and removes what is not wanted any more. It leaves the containers running
/// when it stops, so that a coordinator can be restarted under a run; <c>fedlab down</c> removes them.
/// </summary>
/// <remarks>
/// The engine's events only wake it. What it does follows from what is there, so that nothing is lost with an event, an engine
/// that was restarted, or a coordinator that was.
/// <code>
///            events, or 5 s ──► look at every container ──► as wanted? ──yes──► nothing
///                                                            │ missing    → network, coordinator into it, create, start
///                                                            │ made anew  → remove, as missing
///                                                            │ has ended  → RestartBook: start now, later, or never
///                                                            └ not wanted → remove
/// </code>
/// </remarks>
internal sealed class ContainerSupervisor : BackgroundService, ILabSupervisor
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EnginePause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly ContainerOptions _options;
    private readonly string _lab;
    private readonly ILogger<ContainerSupervisor> _logger;
    private readonly TimeProvider _time;
    private readonly List<SupervisedContainer> _containers;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private DockerEngine? _engine;
    private string _problem = "";

    public ContainerSupervisor(CoordinatorHome home, ILogger<ContainerSupervisor> logger, TimeProvider time)
    {
        _options = home.Options.Containers ?? throw new ArgumentException("The coordinator starts no containers.", nameof(home));
        (_lab, _logger, _time) = (home.Options.Lab, logger, time);
        _containers = [.. _options.Participants.Select(party => new SupervisedContainer(party, LabContainers.ContainerName(_lab, party.Name), new RestartBook(_options.Restarts, TimeSpan.FromSeconds(_options.RestartSeconds))))];
    }

    /// <inheritdoc/>
    public DockerEngine? Engine
    {
        get
        {
            lock (_gate) return _engine;
        }
    }

    /// <inheritdoc/>
    public string Problem
    {
        get
        {
            lock (_gate) return _problem;
        }
    }

    private IReadOnlyDictionary<string, string> Labels => LabContainers.LabLabels(_lab, _options.Folder);

    /// <inheritdoc/>
    public IReadOnlyList<ContainerDescription> Describe()
    {
        lock (_gate)
        {
            return [.. _containers.Select(one => new ContainerDescription
            {
                Name = one.Party.Name,
                Container = one.Container,
                Role = LabContainers.ParticipantRole,
                Condition = one.Condition,
                Health = HealthOf(one.Health),
                Restarts = one.Restarts.Count,
                StartedUnixMs = one.Started?.ToUnixTimeMilliseconds() ?? 0,
                Problem = one.Problem,
                Processors = -1,
            })];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ContainersOf(ContainerDescription description) => [description.Container];

    /// <inheritdoc/>
    public IAsyncEnumerable<LogLine> ReadLogAsync(DockerEngine engine, ContainerDescription description, int? tail, bool follow, DateTimeOffset? since, CancellationToken cancellationToken) =>
        engine.ReadLogAsync(description.Container, tail, follow, since, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> RestartAsync(string name, CancellationToken cancellationToken)
    {
        SupervisedContainer? container;
        DockerEngine? engine;
        lock (_gate)
        {
            container = _containers.Find(one => one.Party.Name == name);
            engine = _engine;
            container?.Restarts.Forgive();
        }
        if (container is null) return false;
        if (engine is null) throw new EngineException(EngineFailure.Absent, Problem);
        try
        {
            await engine.StopContainerAsync(container.Container, TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Failure == EngineFailure.NotFound)
        {
            // It is made as soon as it is looked for.
        }
        Wake();
        return true;
    }

    /// <summary>A health state as the contract names it.</summary>
    internal static ContainerHealthState HealthOf(ContainerHealth health) => health switch
    {
        ContainerHealth.Starting => ContainerHealthState.Starting,
        ContainerHealth.Healthy => ContainerHealthState.Healthy,
        ContainerHealth.Unhealthy => ContainerHealthState.Unhealthy,
        _ => ContainerHealthState.None,
    };

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var engine = await DockerEngine.ConnectAsync(_options.Engine, stoppingToken).ConfigureAwait(false);
                Set(engine, "");
                foreach (var container in _containers) container.IsJoined = false;
                await SuperviseAsync(engine, stoppingToken).ConfigureAwait(false);
            }
            catch (EngineException e)
            {
                if (Problem != e.Message) Log.EngineLost(_logger, e.Message);
                Set(engine: null, e.Message);
                await Task.Delay(EnginePause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                Set(engine: null, Problem);
            }
        }
    }

    private void Set(DockerEngine? engine, string problem)
    {
        lock (_gate) (_engine, _problem) = (engine, problem);
    }

    private void Wake() => _wake.Writer.TryWrite(item: true);

    private async Task SuperviseAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = WatchAsync(engine, watching.Token);
        try
        {
            await RemoveUnwantedAsync(engine, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                if (events.IsCompleted) await events.ConfigureAwait(false);
                await Task.WhenAll(_containers.Select(container => LookAfterAsync(engine, container, cancellationToken))).ConfigureAwait(false);
                await WaitAsync(events, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await watching.CancelAsync().ConfigureAwait(false);
            await events.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        await foreach (var change in engine.WatchContainersAsync(Labels, Wake, cancellationToken).ConfigureAwait(false))
        {
            // Health checks are programs started in the container, which the engine tells of as well.
            if (!change.Action.StartsWith("exec_", StringComparison.Ordinal)) Wake();
        }
        throw new EngineException(EngineFailure.Absent, Messages.EngineStopped(_options.Engine));
    }

    /// <summary>Until an event, the next time something is due, or the period is over.</summary>
    private async Task WaitAsync(Task events, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_gate) wait = _containers.Select(one => one.Due is { } due ? due - _time.GetUtcNow() : Period).DefaultIfEmpty(Period).Min();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var woken = _wake.Reader.ReadAsync(limit.Token).AsTask();
        var time = Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Period ? Period : wait, _time, limit.Token);
        await Task.WhenAny(woken, time, events).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        await woken.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Removes the participants that the configuration does not name any more.</summary>
    private async Task RemoveUnwantedAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        foreach (var container in await engine.ListContainersAsync(Labels, cancellationToken).ConfigureAwait(false))
        {
            if (container.Labels.GetValueOrDefault(LabContainers.RoleLabel) != LabContainers.ParticipantRole || _containers.Exists(one => one.Container == container.Name)) continue;
            await engine.RemoveContainerAsync(container.Id, cancellationToken).ConfigureAwait(false);
            Log.ContainerRemoved(_logger, container.Name);
        }
    }

    private async Task LookAfterAsync(DockerEngine engine, SupervisedContainer one, CancellationToken cancellationToken)
    {
        try
        {
            if (!one.IsJoined)
            {
                await JoinNetworkAsync(engine, one.Party.Name, cancellationToken).ConfigureAwait(false);
                one.IsJoined = true;
            }
            var image = await engine.FindImageAsync(_options.Image, cancellationToken).ConfigureAwait(false) ?? throw new EngineException(EngineFailure.NotFound, Messages.ImageMissing(_options.Image));
            var specification = LabContainers.Participant(_lab, _options.Folder, one.Party.Name, one.Party.Home, _options.Image, _options.User, _options.Confinement);
            var fingerprint = engine.FingerprintOf(specification, image.Id);
            var found = await engine.FindContainerAsync(one.Container, cancellationToken).ConfigureAwait(false);
            if (found is not null && found.Labels.GetValueOrDefault(LabContainers.FolderLabel) != _options.Folder) throw new EngineException(EngineFailure.Conflict, Messages.ContainerOfAnother(one.Container));
            if (found is not null && found.Labels.GetValueOrDefault(LabContainers.SpecificationLabel) != fingerprint)
            {
                Log.ContainerReplaced(_logger, one.Container);
                await engine.RemoveContainerAsync(found.Id, cancellationToken).ConfigureAwait(false);
                found = null;
            }
            if (found is null)
            {
                var labels = new Dictionary<string, string>(specification.Labels, StringComparer.Ordinal) { [LabContainers.SpecificationLabel] = fingerprint };
                await engine.CreateContainerAsync(specification with { Labels = labels }, cancellationToken).ConfigureAwait(false);
                await engine.StartContainerAsync(one.Container, cancellationToken).ConfigureAwait(false);
                Log.ContainerStarted(_logger, one.Container);
                found = await engine.FindContainerAsync(one.Container, cancellationToken).ConfigureAwait(false);
                if (found is null) return;
            }
            await JudgeAsync(engine, one, found, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Failure is EngineFailure.NotFound or EngineFailure.Conflict or EngineFailure.Refused)
        {
            // Something about this one container; the others go on.
            bool isNew;
            lock (_gate)
            {
                isNew = one.Problem != e.Message;
                (one.Problem, one.Due) = (e.Message, null);
            }
            if (isNew) Log.ContainerFailed(_logger, one.Container, e.Message);
        }
    }

    /// <summary>The institution's network, with this coordinator in it under its name.</summary>
    private async Task JoinNetworkAsync(DockerEngine engine, string party, CancellationToken cancellationToken)
    {
        var specification = LabContainers.NetworkOf(_lab, _options.Folder, party);
        try
        {
            await engine.CreateNetworkAsync(specification, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Failure == EngineFailure.Conflict)
        {
            // It is there; whether it is this lab's is seen below.
        }
        var network = await engine.FindNetworkAsync(specification.Name, cancellationToken).ConfigureAwait(false);
        if (network is null || !network.Internal || network.Labels.GetValueOrDefault(LabContainers.FolderLabel) != _options.Folder) throw new EngineException(EngineFailure.Conflict, Messages.NetworkOfAnother(specification.Name));
        var self = await engine.FindContainerAsync(_options.Self, cancellationToken).ConfigureAwait(false) ?? throw new EngineException(EngineFailure.NotFound, Messages.SelfMissing(_options.Self));
        if (!self.Networks.ContainsKey(specification.Name)) await engine.ConnectNetworkAsync(network.Id, self.Id, [LabContainers.Coordinator], cancellationToken).ConfigureAwait(false);
    }

    private async Task JudgeAsync(DockerEngine engine, SupervisedContainer one, ContainerDetails found, CancellationToken cancellationToken)
    {
        if (found.State is ContainerState.Running or ContainerState.Paused or ContainerState.Restarting or ContainerState.Removing)
        {
            lock (_gate)
            {
                one.Condition = found.State == ContainerState.Running ? ContainerCondition.Running : ContainerCondition.Restarting;
                (one.Health, one.Started, one.Due) = (found.Health, found.Started, null);
                one.Problem = found.State == ContainerState.Paused ? Messages.ContainerPaused : found.Health == ContainerHealth.Unhealthy ? Messages.ContainerUnhealthy(found.HealthOutput) : "";
            }
            return;
        }
        // Made and not started: the coordinator, or the engine, ended in between.
        var first = found.State == ContainerState.Created && found.Finished is null;
        var now = _time.GetUtcNow();
        var ended = first ? now : found.Finished ?? now;
        var why = found switch
        {
            { Error.Length: > 0 } => found.Error,
            { OutOfMemory: true } => Messages.EndedOutOfMemory(found.ExitCode),
            _ => Messages.Ended(found.ExitCode),
        };
        RestartAdvice advice;
        bool isNew;
        lock (_gate)
        {
            advice = one.Restarts.Advise(ended, now, out var due);
            var condition = advice == RestartAdvice.GiveUp ? ContainerCondition.GivenUp : ContainerCondition.Restarting;
            isNew = one.Condition != condition;
            (one.Condition, one.Health) = (condition, ContainerHealth.None);
            one.Due = advice == RestartAdvice.Wait ? due : null;
            one.Problem = advice == RestartAdvice.GiveUp ? Messages.GivenUp(why, _options.Restarts, _options.RestartSeconds, one.Party.Name) : why;
        }
        if (advice == RestartAdvice.GiveUp)
        {
            if (isNew) Log.ContainerGivenUp(_logger, one.Container, why);
            return;
        }
        if (advice == RestartAdvice.Wait) return;
        await engine.StartContainerAsync(one.Container, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (!first) one.Restarts.Started(now);
            (one.Condition, one.Started, one.Problem) = (ContainerCondition.Running, now, "");
        }
        Log.ContainerRestarted(_logger, one.Container, why);
    }
}
