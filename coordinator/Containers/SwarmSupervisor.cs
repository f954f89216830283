using FedLab.Containers;
using FedLab.Containers.Containers;
using FedLab.Containers.Labs;
using FedLab.Containers.Networks;
using FedLab.Containers.Swarm;
using FedLab.Coordinator.Configuration;
using FedLab.Proto;

namespace FedLab.Coordinator.Containers;

/// <summary>
/// As <see cref="ContainerSupervisor"/>, over the machines of a swarm: every participant is a service of one replica, its scan
/// workers are a service of several, and the swarm itself places them and starts them again. This makes the services and networks, changes
/// them when the configuration does, and tells how they are.
/// </summary>
internal sealed class SwarmSupervisor : BackgroundService, ILabSupervisor
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EnginePause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly ContainerOptions _options;
    private readonly string _lab;
    private readonly ILogger<SwarmSupervisor> _logger;
    private readonly TimeProvider _time;
    private readonly List<LabService> _services;
    private DockerEngine? _engine;
    private string _problem = "";

    public SwarmSupervisor(CoordinatorHome home, ILogger<SwarmSupervisor> logger, TimeProvider time)
    {
        _options = home.Options.Containers ?? throw new ArgumentException("The coordinator starts no containers.", nameof(home));
        (_lab, _logger, _time) = (home.Options.Lab, logger, time);
        _services = [.. _options.Participants.SelectMany(Services)];
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
        lock (_gate) return [.. _services.Select(service => service.Description.Clone())];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ContainersOf(ContainerDescription description)
    {
        lock (_gate) return _services.Find(service => service.Description.Name == description.Name)?.Containers ?? [];
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<LogLine> ReadLogAsync(DockerEngine engine, ContainerDescription description, int? tail, bool follow, DateTimeOffset? since, CancellationToken cancellationToken) =>
        engine.ReadServiceLogAsync(description.Container, tail, follow, since, cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> RestartAsync(string name, CancellationToken cancellationToken)
    {
        if (_services.Find(service => service.Description.Name == name) is not { } service) return false;
        if (Engine is not { } engine) throw new EngineException(EngineFailure.Absent, Problem);
        await engine.RestartServiceAsync(service.Specification.Container.Name, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var engine = await DockerEngine.ConnectAsync(_options.Engine, stoppingToken).ConfigureAwait(false);
                if (await engine.GetSwarmRoleAsync(stoppingToken).ConfigureAwait(false) != SwarmRole.Manager) throw new EngineException(EngineFailure.Refused, Messages.NoSwarm);
                Set(engine, "");
                foreach (var service in _services) service.IsJoined = false;
                await RemoveUnwantedAsync(engine, stoppingToken).ConfigureAwait(false);
                while (true)
                {
                    await Task.WhenAll(_services.Select(service => LookAfterAsync(engine, service, stoppingToken))).ConfigureAwait(false);
                    await Task.Delay(Period, _time, stoppingToken).ConfigureAwait(false);
                }
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

    private IEnumerable<LabService> Services(ContainerParty party)
    {
        var own = LabContainers.NetworkName(_lab, party.Name);
        var hasWorkers = party is { Workers: > 0, WorkerHome: not null };
        var participant = LabContainers.Participant(_lab, _options.Folder, party.Name, party.Home, _options.Image, _options.User, _options.Confinement);
        yield return new LabService(
            party,
            With(participant, hasWorkers ? [own, LabContainers.WorkersName(_lab, party.Name)] : [own], party.Constraints, replicas: 1),
            Describe(party.Name, participant.Name, LabContainers.ParticipantRole, wanted: 1));
        if (!hasWorkers) yield break;
        var worker = LabContainers.Worker(_lab, _options.Folder, party.Name, party.WorkerHome!, _options.Image, _options.User, _options.Confinement);
        yield return new LabService(party, With(worker, [worker.Name], party.Constraints, party.Workers), Describe(party.Name + "-workers", worker.Name, LabContainers.WorkerRole, party.Workers));

        ServiceSpecification With(ContainerSpecification container, IReadOnlyList<string> networks, IReadOnlyList<string> constraints, int replicas) => new()
        {
            Container = container,
            Networks = networks,
            Constraints = constraints,
            Replicas = replicas,
            RestartAttempts = _options.Restarts,
            RestartWindow = TimeSpan.FromSeconds(_options.RestartSeconds),
        };

        static ContainerDescription Describe(string name, string container, string role, int wanted) =>
            new() { Name = name, Container = container, Role = role, Condition = ContainerCondition.Starting, Processors = -1, Wanted = wanted };
    }

    private async Task RemoveUnwantedAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        foreach (var service in await engine.ListServicesAsync(Labels, cancellationToken).ConfigureAwait(false))
        {
            if (_services.Exists(one => one.Specification.Container.Name == service.Name)) continue;
            await engine.RemoveServiceAsync(service.Id, cancellationToken).ConfigureAwait(false);
            Log.ContainerRemoved(_logger, service.Name);
        }
    }

    private async Task LookAfterAsync(DockerEngine engine, LabService one, CancellationToken cancellationToken)
    {
        try
        {
            var name = one.Specification.Container.Name;
            if (!one.IsJoined)
            {
                if (one.Description.Role == LabContainers.ParticipantRole) await JoinNetworkAsync(engine, one.Party.Name, cancellationToken).ConfigureAwait(false);
                if (one.Party.Workers > 0) await MakeNetworkAsync(engine, LabContainers.NetworkOfWorkers(_lab, _options.Folder, one.Party.Name), cancellationToken).ConfigureAwait(false);
                one.IsJoined = true;
            }
            var image = await engine.FindImageAsync(_options.Image, cancellationToken).ConfigureAwait(false) ?? throw new EngineException(EngineFailure.NotFound, Messages.ImageMissing(_options.Image));
            var fingerprint = engine.FingerprintOf(one.Specification.Container, image.Id + string.Join('\n', one.Specification.Constraints.Concat(one.Specification.Networks)));
            var found = await engine.FindServiceAsync(name, cancellationToken).ConfigureAwait(false);
            if (found is not null && found.Labels.GetValueOrDefault(LabContainers.FolderLabel) != _options.Folder) throw new EngineException(EngineFailure.Conflict, Messages.ContainerOfAnother(name));
            if (found is not null && found.Labels.GetValueOrDefault(LabContainers.SpecificationLabel) != fingerprint)
            {
                Log.ContainerReplaced(_logger, name);
                await engine.RemoveServiceAsync(found.Id, cancellationToken).ConfigureAwait(false);
                found = null;
            }
            if (found is null)
            {
                var container = one.Specification.Container;
                var labels = new Dictionary<string, string>(container.Labels, StringComparer.Ordinal) { [LabContainers.SpecificationLabel] = fingerprint };
                await engine.CreateServiceAsync(one.Specification with { Container = container with { Labels = labels } }, cancellationToken).ConfigureAwait(false);
                Log.ContainerStarted(_logger, name);
            }
            else if (found.Replicas != one.Specification.Replicas)
            {
                await engine.ScaleServiceAsync(found.Id, one.Specification.Replicas, cancellationToken).ConfigureAwait(false);
            }
            var tasks = await engine.ListTasksAsync(name, cancellationToken).ConfigureAwait(false);
            lock (_gate) one.Judge(tasks, _options);
        }
        catch (EngineException e) when (e.Failure is EngineFailure.NotFound or EngineFailure.Conflict or EngineFailure.Refused)
        {
            bool isNew;
            lock (_gate)
            {
                isNew = one.Description.Problem != e.Message;
                one.Description.Problem = e.Message;
            }
            if (isNew) Log.ContainerFailed(_logger, one.Description.Container, e.Message);
        }
    }

    /// <summary>The institution's network over the swarm's machines, with this coordinator in it under its name.</summary>
    private async Task JoinNetworkAsync(DockerEngine engine, string party, CancellationToken cancellationToken)
    {
        var network = await MakeNetworkAsync(engine, LabContainers.SwarmNetworkOf(_lab, _options.Folder, party), cancellationToken).ConfigureAwait(false);
        var self = await engine.FindContainerAsync(_options.Self, cancellationToken).ConfigureAwait(false) ?? throw new EngineException(EngineFailure.NotFound, Messages.SelfMissing(_options.Self));
        if (!self.Networks.ContainsKey(network.Name)) await engine.ConnectNetworkAsync(network.Id, self.Id, [LabContainers.Coordinator], cancellationToken).ConfigureAwait(false);
    }

    private async Task<NetworkDetails> MakeNetworkAsync(DockerEngine engine, NetworkSpecification specification, CancellationToken cancellationToken)
    {
        try
        {
            await engine.CreateNetworkAsync(specification, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Failure is EngineFailure.Conflict or EngineFailure.Refused)
        {
            // It is there; whether it is this lab's is seen below.
        }
        var network = await engine.FindNetworkAsync(specification.Name, cancellationToken).ConfigureAwait(false);
        return network is { Internal: true } && network.Labels.GetValueOrDefault(LabContainers.FolderLabel) == _options.Folder
            ? network
            : throw new EngineException(EngineFailure.Conflict, Messages.NetworkOfAnother(specification.Name));
    }

    /// <summary>A service and what became of it. Guarded by the supervisor's lock.</summary>
    private sealed class LabService(ContainerParty party, ServiceSpecification specification, ContainerDescription description)
    {
        private readonly HashSet<string> _failed = new(StringComparer.Ordinal);

        public ContainerParty Party { get; } = party;

        public ServiceSpecification Specification { get; } = specification;

        public ContainerDescription Description { get; } = description;

        /// <summary>Whether its networks are there, with this coordinator's container in the institution's.</summary>
        public bool IsJoined { get; set; }

        /// <summary>Identifiers of the running replicas' containers.</summary>
        public IReadOnlyList<string> Containers { get; private set; } = [];

        /// <summary>Reads from the lives of its replicas how it is.</summary>
        public void Judge(IReadOnlyList<TaskDetails> tasks, ContainerOptions options)
        {
            // The swarm forgets all but the last five lives of a replica; what has failed once has.
            foreach (var task in tasks.Where(task => task.HasFailed)) _failed.Add(task.Id);
            var wanted = tasks.Where(task => task.IsWanted && !task.HasFailed).ToArray();
            var running = wanted.Where(task => task.IsRunning).ToArray();
            Containers = [.. running.Select(task => task.Container).Where(container => container.Length > 0)];
            Description.Running = running.Length;
            Description.Restarts = _failed.Count;
            var problem = tasks.Where(task => task.Problem.Length > 0).OrderByDescending(task => task.Created).FirstOrDefault()?.Problem ?? "";
            if (running.Length >= Specification.Replicas)
            {
                (Description.Condition, Description.Health, Description.Problem) = (ContainerCondition.Running, ContainerHealthState.Healthy, "");
                Description.StartedUnixMs = running.Min(task => task.Created).ToUnixTimeMilliseconds();
                return;
            }
            Description.Health = ContainerHealthState.None;
            var givenUp = wanted.Length == 0 && _failed.Count > 0;
            Description.Condition = givenUp ? ContainerCondition.GivenUp : _failed.Count > 0 ? ContainerCondition.Restarting : ContainerCondition.Starting;
            Description.Problem = givenUp ? Messages.GivenUp(problem, options.Restarts, options.RestartSeconds, Description.Name) : problem;
        }
    }
}
