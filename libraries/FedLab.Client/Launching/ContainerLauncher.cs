using System.Globalization;
using FedLab.Client.Labs;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Containers;
using FedLab.Containers.Containers;
using FedLab.Containers.Labs;
using FedLab.Containers.Swarm;
using FedLab.Proto;

namespace FedLab.Client.Launching;

/// <summary>
/// Brings a lab up in containers: makes the lead's network and the coordinator's container, whose coordinator makes the
/// participants' networks and containers by itself, and waits until all are well.
/// </summary>
/// <remarks>
/// The coordinator's container sees the engine's socket, and with it may do on this machine whatever the engine may. That is why such a
/// lab is for one person on one machine: institutions run their participants themselves.
/// </remarks>
public sealed class ContainerLauncher : IDisposable
{
    private const int CoordinatorRestarts = 5;
    private const int LastLines = 2;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5); // a participant reads its file before it dials
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly DockerEngine _engine;
    private readonly TimeProvider _time;

    private ContainerLauncher(DockerEngine engine, TimeProvider time) => (_engine, _time) = (engine, time);

    /// <summary>Path of the engine's socket.</summary>
    public string Socket => _engine.Socket;

    /// <summary>Connects to an engine.</summary>
    /// <param name="engine">Its socket, as typed; null for the environment's or the usual one.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ClientException">No engine answers there.</exception>
    public static Task<ContainerLauncher> ConnectAsync(string? engine, TimeProvider time, CancellationToken cancellationToken) =>
        SayAsync(async () => new ContainerLauncher(await DockerEngine.ConnectAsync(EngineSocket.Choose(engine, Environment.GetEnvironmentVariable), cancellationToken), time));

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    /// <summary>Checks that a lab can be brought up, before anything is made: the images are there and the name is free.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="settings">How its containers are made.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="ClientException">It cannot; the message says what to do.</exception>
    public Task CheckAsync(string lab, string folder, ContainerSettings settings, CancellationToken cancellationToken) => SayAsync(async () =>
    {
        foreach (var (image, target) in Images(settings))
        {
            if (await _engine.FindImageAsync(image, cancellationToken) is null) throw new ClientException(LaunchMessages.ImageMissing(image, target));
        }
        if (settings.Swarm && await _engine.GetSwarmRoleAsync(cancellationToken) != SwarmRole.Manager) throw new ClientException(LaunchMessages.NoSwarm(Socket));
        var root = Path.GetFullPath(folder);
        var others = await _engine.ListContainersAsync(new Dictionary<string, string>(StringComparer.Ordinal) { [LabContainers.LabLabel] = lab }, cancellationToken);
        if (others.Select(other => other.Labels.GetValueOrDefault(LabContainers.FolderLabel, "")).FirstOrDefault(other => other != root) is { } taken) throw new ClientException(LaunchMessages.NameTaken(lab, taken));
        return true;
    });

    /// <summary>Brings a lab up and waits until all its containers are well. One that runs already is left as it is.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="settings">How its containers are made.</param>
    /// <param name="changed">Called with what is known of the containers, again and again.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ClientException">Something did not start; the message has its last words. What was made is still there.</exception>
    public Task UpAsync(LaunchedLab lab, ContainerSettings settings, Action<ContainerList> changed, CancellationToken cancellationToken) => SayAsync(async () =>
    {
        ArgumentNullException.ThrowIfNull(lab);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(changed);
        foreach (var party in settings.Workers.Keys.Concat(settings.Constraints.Select(constraint => constraint.Key)))
        {
            if (!lab.Parties.Contains(party)) throw ClientException.Usage(LaunchMessages.NoSuchParty(party, string.Join(", ", lab.Parties)));
        }
        changed(Unanswered(lab));
        var name = LabContainers.ContainerName(lab.Name, LabContainers.Coordinator);
        if (await _engine.FindContainerAsync(name, cancellationToken) is not { State: ContainerState.Running })
        {
            await _engine.RemoveContainerAsync(name, cancellationToken);
            await StartCoordinatorAsync(lab, settings, cancellationToken);
        }
        await WaitAsync(lab, name, changed, cancellationToken);
        return true;
    });

    /// <summary>Takes labs down: removes their containers and networks, and proves that nothing is left. Data in their folders stays.</summary>
    /// <param name="folder">The lab's folder; null for the only lab of the engine.</param>
    /// <param name="cancellationToken">Ends it half-way; it can be done again.</param>
    /// <exception cref="ClientException">Several labs are there and none was named, or something could not be removed.</exception>
    public Task<RemovedLab> DownAsync(string? folder, CancellationToken cancellationToken) => SayAsync(() => LabRemoval.RemoveAsync(_engine, folder is null ? null : Path.GetFullPath(folder), _time, cancellationToken));

    /// <summary>Folders of the labs that the engine has something of.</summary>
    /// <param name="cancellationToken">Ends the question.</param>
    public Task<IReadOnlyList<string>> FindFoldersAsync(CancellationToken cancellationToken) => SayAsync(() => LabRemoval.FindFoldersAsync(_engine, cancellationToken));

    private static (string Image, string Target)[] Images(ContainerSettings settings) => [(settings.CoordinatorImage, "coordinator"), (settings.ParticipantImage, "participant")];

    private static async Task<T> SayAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (EngineException e)
        {
            throw new ClientException(e.Message, e);
        }
    }

    private static bool IsWell(ContainerDescription container) => container is { Condition: ContainerCondition.Running, Health: ContainerHealthState.Healthy, Connected: true };

    /// <summary>What is known before the coordinator answers.</summary>
    private static ContainerList Unanswered(LaunchedLab lab)
    {
        var list = new ContainerList { Lab = lab.Name };
        foreach (var party in lab.Parties.Prepend(LabContainers.Coordinator)) list.Containers.Add(new ContainerDescription { Name = party, Condition = ContainerCondition.Starting, Processors = -1 });
        return list;
    }

    private async Task StartCoordinatorAsync(LaunchedLab lab, ContainerSettings settings, CancellationToken cancellationToken)
    {
        lab.TakePort();
        var user = await HostUser.ChooseAsync(cancellationToken);
        settings.WriteInto(lab, user);
        await HostUser.OwnAsync(user, lab.Parties.Select(lab.Workspace.Party).Prepend(lab.Workspace.Coordinator), cancellationToken);
        foreach (var party in settings.Workers.Where(workers => workers.Value > 0).Select(workers => workers.Key)) await MakeWorkersAsync(lab, party, settings, user, cancellationToken);
        var network = LabContainers.NetworkOfLead(lab.Name, lab.Workspace.Root);
        if (await _engine.FindNetworkAsync(network.Name, cancellationToken) is not { } found) await _engine.CreateNetworkAsync(network, cancellationToken);
        else if (found.Labels.GetValueOrDefault(LabContainers.FolderLabel) != lab.Workspace.Root) throw new ClientException(LaunchMessages.NameTaken(lab.Name, found.Labels.GetValueOrDefault(LabContainers.FolderLabel, network.Name)));
        var specification = new ContainerSpecification
        {
            Name = LabContainers.ContainerName(lab.Name, LabContainers.Coordinator),
            Image = settings.CoordinatorImage,
            User = user,
            Groups = [await HostUser.GroupOfAsync(_engine.Socket, cancellationToken)],
            Labels = LabContainers.ContainerLabels(lab.Name, lab.Workspace.Root, LabContainers.CoordinatorRole, LabContainers.Coordinator),
            Mounts = [new BindMount(lab.Workspace.Coordinator, LabContainers.Home), new BindMount(_engine.Socket, LabContainers.EngineSocketPath)],
            Network = network.Name,
            Ports = [new PublishedPort("127.0.0.1", lab.Port, lab.OwnPort)],
            Confinement = new Confinement { MemoryBytes = (long)settings.MemoryMiB << 20 },
            HealthInterval = LabContainers.HealthInterval,
            EngineRestarts = CoordinatorRestarts,
        };
        for (var attempt = 1; ; attempt++)
        {
            await _engine.CreateContainerAsync(specification, cancellationToken);
            try
            {
                await _engine.StartContainerAsync(specification.Name, cancellationToken);
                return;
            }
            catch (EngineException) when (attempt < ProcessLauncher.PortAttempts && lab.HasAnyPort && !LocalPort.IsFree(lab.Port))
            {
                // Somebody else was quicker to listen there.
                await _engine.RemoveContainerAsync(specification.Name, cancellationToken);
                lab.TakePort();
                specification = specification with { Ports = [new PublishedPort("127.0.0.1", lab.Port, lab.OwnPort)] };
            }
        }
    }

    /// <summary>Has an institution's own program make the credential that its participant and its workers share, and copies it for them.</summary>
    private async Task MakeWorkersAsync(LaunchedLab lab, string party, ContainerSettings settings, string user, CancellationToken cancellationToken)
    {
        var specification = LabContainers.Participant(lab.Name, lab.Workspace.Root, party, lab.Workspace.Party(party), settings.ParticipantImage, user, new Confinement()) with
        {
            Name = LabContainers.ContainerName(lab.Name, party) + "-init",
            Command = ["workers", "init", "--home", LabContainers.Home],
            Network = "none",
            WithoutHealthCheck = true,
        };
        var id = await _engine.CreateContainerAsync(specification, cancellationToken);
        try
        {
            await _engine.StartContainerAsync(id, cancellationToken);
            if (await _engine.WaitForExitAsync(id, cancellationToken) != 0) throw new ClientException(await LastWordsAsync(id, LaunchMessages.NoWorkerCredential(party), cancellationToken));
        }
        finally
        {
            await _engine.RemoveContainerAsync(id, CancellationToken.None);
        }
        var keys = Path.Combine(ContainerSettings.WorkerHome(lab, party), "keys");
        LabWorkspace.CreateFolder(keys);
        foreach (var file in Directory.EnumerateFiles(LocalLab.KeysOf(lab.Workspace.Party(party)), "workers.*")) File.Copy(file, Path.Combine(keys, Path.GetFileName(file)), overwrite: true);
        await HostUser.OwnAsync(user, [ContainerSettings.WorkerHome(lab, party)], cancellationToken);
    }

    /// <summary>Asks the coordinator until all are well, and the engine while the coordinator does not answer.</summary>
    private async Task WaitAsync(LaunchedLab lab, string coordinator, Action<ContainerList> changed, CancellationToken cancellationToken)
    {
        using var connection = new LabConnection(lab.Address, lab.Keys, _time);
        var started = _time.GetTimestamp();
        while (true)
        {
            var list = await TryListAsync(connection, cancellationToken);
            if (list is not null)
            {
                changed(list);
                if (list.Containers.All(IsWell)) return;
                if (list.Containers.FirstOrDefault(one => one.Condition == ContainerCondition.GivenUp) is { } lost) throw new ClientException(await LastWordsAsync(lost.Container, LaunchMessages.GivenUp(lost.Name, lost.Problem), cancellationToken));
            }
            else if (await _engine.FindContainerAsync(coordinator, cancellationToken) is not { State: ContainerState.Running or ContainerState.Restarting } found || found.Error.Length > 0)
            {
                throw new ClientException(await LastWordsAsync(coordinator, LaunchMessages.CoordinatorEnded, cancellationToken));
            }
            if (_time.GetElapsedTime(started) > StartTimeout)
            {
                var waiting = (list ?? Unanswered(lab)).Containers.Where(one => !IsWell(one)).Select(one => one.Problem.Length > 0 ? $"{one.Name} ({one.Problem})" : one.Name);
                throw new ClientException(LaunchMessages.NotWell(string.Join(", ", waiting), ((int)StartTimeout.TotalMinutes).ToString(CultureInfo.InvariantCulture)));
            }
            await Task.Delay(Interval, _time, cancellationToken);
        }
    }

    private static async Task<ContainerList?> TryListAsync(LabConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ListContainersAsync(cancellationToken);
        }
        catch (ClientException e) when (e.InnerException is Grpc.Core.RpcException { StatusCode: Grpc.Core.StatusCode.Unavailable or Grpc.Core.StatusCode.DeadlineExceeded or Grpc.Core.StatusCode.Internal or Grpc.Core.StatusCode.Unknown })
        {
            return null;
        }
    }

    /// <summary>A sentence and what the program in a container wrote last.</summary>
    private async Task<string> LastWordsAsync(string container, string sentence, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        try
        {
            await foreach (var line in _engine.ReadLogAsync(container, LastLines, cancellationToken: cancellationToken)) lines.Add(line.Text.Trim());
        }
        catch (EngineException)
        {
            // The container is gone; the sentence alone must do.
        }
        // A program that is started again and again says the same again and again.
        var words = lines.Where(line => line.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        return words.Length > 0 ? $"{sentence} {LaunchMessages.LastWords(string.Join(" / ", words))}" : sentence;
    }
}
