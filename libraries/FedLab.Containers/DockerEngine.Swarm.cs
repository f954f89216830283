using System.Globalization;
using System.Text.Json.Nodes;
using FedLab.Containers.Containers;
using FedLab.Containers.Swarm;
using FedLab.Containers.Wire;

namespace FedLab.Containers;

// A swarm's services and their tasks.
public sealed partial class DockerEngine
{
    private const int ChangeAttempts = 20;

    // The engine has no code of its own for it.
    private const string ChangedMeanwhile = "update out of sequence";

    /// <summary>What the engine is to a swarm.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    public async Task<SwarmRole> GetSwarmRoleAsync(CancellationToken cancellationToken = default) =>
        (await AskAsync(HttpMethod.Get, "/info", content: null, EngineJson.Default.WireInformation, cancellationToken).ConfigureAwait(false)).Swarm switch
        {
            { LocalNodeState: "active", ControlAvailable: true } => SwarmRole.Manager,
            { LocalNodeState: "active" or "pending" or "locked" } => SwarmRole.Worker,
            _ => SwarmRole.None,
        };

    /// <summary>Makes a swarm of this engine alone.</summary>
    /// <param name="address">Address and port on which its managers talk, such as <c>127.0.0.1:2377</c>.</param>
    /// <param name="dataPort">Port (UDP) of the traffic between its machines.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">It belongs to one already, or the engine refused.</exception>
    public async Task InitializeSwarmAsync(string address, int dataPort, CancellationToken cancellationToken = default) =>
        await AskAsync(HttpMethod.Post, "/swarm/init", Json(new WireSwarmInit(address, address, (uint)dataPort, ForceNewCluster: false), EngineJson.Default.WireSwarmInit), EngineJson.Default.String, cancellationToken).ConfigureAwait(false);

    /// <summary>Leaves the swarm; the last manager takes it along with everything in it.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">It belongs to none, or the engine failed.</exception>
    public Task LeaveSwarmAsync(CancellationToken cancellationToken = default) => DoAsync(HttpMethod.Post, "/swarm/leave?force=1", content: null, cancellationToken);

    /// <summary>The services with certain labels.</summary>
    /// <param name="labels">Labels and values that all of them have.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine is no manager of a swarm, or could not be asked.</exception>
    public async Task<IReadOnlyList<ServiceDetails>> ListServicesAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default) =>
        [.. (await AskAsync(HttpMethod.Get, $"/services?filters={LabelFilter(labels)}", content: null, EngineJson.Default.ListJsonObject, cancellationToken).ConfigureAwait(false)).Select(Service)];

    /// <summary>What is known of a service; null when there is none.</summary>
    /// <param name="service">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine is no manager of a swarm, or could not be asked.</exception>
    public async Task<ServiceDetails?> FindServiceAsync(string service, CancellationToken cancellationToken = default) =>
        await FindRawServiceAsync(service, cancellationToken).ConfigureAwait(false) is { } found ? Service(found) : null;

    /// <summary>Makes a service, which the swarm then runs.</summary>
    /// <param name="specification">The service.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its identifier.</returns>
    /// <exception cref="EngineException">The name is taken (conflict), a constraint is malformed, or the engine refused.</exception>
    public async Task<string> CreateServiceAsync(ServiceSpecification specification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specification);
        var created = await AskAsync(HttpMethod.Post, "/services/create", Json(Wire(specification), EngineJson.Default.WireServiceSpec), EngineJson.Default.WireCreated, cancellationToken).ConfigureAwait(false);
        return created.ServiceId ?? created.Id ?? throw Malformed("POST /services/create");
    }

    /// <summary>Changes how many replicas a service has.</summary>
    /// <param name="service">Name or identifier.</param>
    /// <param name="replicas">How many.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">There is none, or the engine failed.</exception>
    public Task ScaleServiceAsync(string service, int replicas, CancellationToken cancellationToken = default) =>
        ChangeServiceAsync(service, specification => specification["Mode"] = new JsonObject { ["Replicated"] = new JsonObject { ["Replicas"] = replicas } }, cancellationToken);

    /// <summary>Ends all replicas of a service and starts them again.</summary>
    /// <param name="service">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">There is none, or the engine failed.</exception>
    public Task RestartServiceAsync(string service, CancellationToken cancellationToken = default) => ChangeServiceAsync(
        service,
        specification =>
        {
            var template = specification["TaskTemplate"]!.AsObject();
            template["ForceUpdate"] = (template["ForceUpdate"]?.GetValue<ulong>() ?? 0) + 1;
        },
        cancellationToken);

    /// <summary>Removes a service; the swarm ends its replicas a moment later.</summary>
    /// <param name="service">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="EngineException">The engine failed.</exception>
    public Task<bool> RemoveServiceAsync(string service, CancellationToken cancellationToken = default) => RemoveAsync($"/services/{Escaped(service)}", cancellationToken);

    /// <summary>The lives of a service's replicas, those that are over included as far as the swarm remembers them (five a replica).</summary>
    /// <param name="service">Name of the service.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    public async Task<IReadOnlyList<TaskDetails>> ListTasksAsync(string service, CancellationToken cancellationToken = default)
    {
        var filter = Filter(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["service"] = [service] });
        var tasks = await AskAsync(HttpMethod.Get, $"/tasks?filters={filter}", content: null, EngineJson.Default.ListWireTask, cancellationToken).ConfigureAwait(false);
        return [.. tasks.Select(task => new TaskDetails(
            task.Id ?? throw Malformed("GET /tasks"),
            task.Slot,
            task.NodeId ?? "",
            task.Status?.State ?? "",
            task.DesiredState is "running" or "ready" or "accepted",
            task.Status?.Err ?? "",
            task.Status?.ContainerStatus?.ContainerId ?? "",
            task.CreatedAt))];
    }

    /// <summary>What the programs of a service wrote, with times, over all its replicas and their lives.</summary>
    /// <param name="service">Name or identifier.</param>
    /// <param name="tail">Lines from before; null: all.</param>
    /// <param name="follow">Whether to go on until cancelled.</param>
    /// <param name="since">Only what was written from then on.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EngineException">There is none, or the engine failed or went away.</exception>
    public IAsyncEnumerable<LogLine> ReadServiceLogAsync(string service, int? tail = null, bool follow = false, DateTimeOffset? since = null, CancellationToken cancellationToken = default) =>
        ReadLogAsync("services", service, tail, follow, since, cancellationToken);

    private static ServiceDetails Service(JsonObject service)
    {
        var specification = service["Spec"] as JsonObject;
        var labels = (specification?["Labels"] as JsonObject ?? []).Where(label => label.Value is not null).ToDictionary(label => label.Key, label => label.Value!.ToString(), StringComparer.Ordinal);
        var replicas = specification?["Mode"]?["Replicated"]?["Replicas"] is JsonValue value && value.TryGetValue(out int number) ? number : 0;
        return new ServiceDetails(service["ID"]?.ToString() ?? "", specification?["Name"]?.ToString() ?? "", labels, replicas);
    }

    private async Task<JsonObject?> FindRawServiceAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(HttpMethod.Get, $"/services/{Escaped(service)}", content: null, EngineJson.Default.JsonObject, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Failure == EngineFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Changes a specification as it is, whatever else is in it; the version says that nobody has changed it in between. The swarm itself does, as replicas come and go: then what it is
    /// by now is changed.
    /// </summary>
    private async Task ChangeServiceAsync(string service, Action<JsonObject> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ChangeServiceOnceAsync(service, change, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (EngineException e) when (e.Failure == EngineFailure.Refused && attempt < ChangeAttempts && e.Message.Contains(ChangedMeanwhile, StringComparison.Ordinal))
            {
                // It is read again.
            }
        }
    }

    private async Task ChangeServiceOnceAsync(string service, Action<JsonObject> change, CancellationToken cancellationToken)
    {
        var found = await FindRawServiceAsync(service, cancellationToken).ConfigureAwait(false) ?? throw new EngineException(EngineFailure.NotFound, Messages.EngineRefused($"no such service: {service}"));
        if (found["Spec"] is not JsonObject specification || found["Version"]?["Index"] is not JsonValue version || specification["TaskTemplate"] is not JsonObject) throw Malformed("GET /services");
        change(specification);
        var path = string.Create(CultureInfo.InvariantCulture, $"/services/{Escaped(service)}/update?version={version}");
        await DoAsync(HttpMethod.Post, path, Json((JsonObject)specification.DeepClone(), EngineJson.Default.JsonObject), cancellationToken).ConfigureAwait(false);
    }

    private static WireServiceSpec Wire(ServiceSpecification service)
    {
        var container = service.Container;
        var confinement = container.Confinement;
        List<WireMount> mounts = [.. container.Mounts.Select(mount => new WireMount { Type = "bind", Source = mount.Source, Target = mount.Target, ReadOnly = mount.ReadOnly })];
        if (confinement is not null) mounts.Add(new WireMount { Type = "tmpfs", Target = "/tmp", TmpfsOptions = new WireTmpfs(confinement.TemporaryBytes, Convert.ToInt32("1777", 8)) });
        return new WireServiceSpec
        {
            Name = container.Name,
            Labels = container.Labels,
            Mode = new WireServiceMode(new WireReplicas((ulong)service.Replicas)),
            // Every replica has an address of its own in the network's DNS, and the service none in front of them.
            EndpointSpec = new WireEndpointSpec("dnsrr"),
            TaskTemplate = new WireTaskTemplate
            {
                ContainerSpec = new WireTaskContainer
                {
                    Image = container.Image,
                    Command = container.Entrypoint,
                    Args = container.Command,
                    Env = [.. container.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
                    User = container.User,
                    Labels = container.Labels,
                    ReadOnly = confinement is not null,
                    CapabilityDrop = confinement is null ? null : ["ALL"],
                    Privileges = confinement is null ? null : new WirePrivileges(NoNewPrivileges: true),
                    Healthcheck = container.WithoutHealthCheck ? WithoutHealthCheck : null,
                    Mounts = mounts,
                    StopGracePeriod = Nanoseconds(container.StopPatience),
                },
                Resources = confinement is null ? null : new WireTaskResources(new WireTaskLimits
                {
                    Memory = confinement.MemoryBytes > 0 ? confinement.MemoryBytes : null,
                    NanoProcessors = confinement.NanoProcessors > 0 ? confinement.NanoProcessors : null,
                    Pids = confinement.Processes > 0 ? confinement.Processes : null,
                }),
                RestartPolicy = new WireTaskRestart("any", Nanoseconds(TimeSpan.FromSeconds(1)), (ulong)service.RestartAttempts, Nanoseconds(service.RestartWindow)),
                Placement = service.Constraints.Count > 0 ? new WirePlacement(service.Constraints) : null,
                Networks = [.. service.Networks.Select(network => new WireTaskNetwork(network, container.Aliases))],
            },
        };
    }
}
