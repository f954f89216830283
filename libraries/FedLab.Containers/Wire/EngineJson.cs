using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace FedLab.Containers.Wire;

/// <summary>The API's JSON, read and written without reflection. The API's own members are named as C# names are, with a few exceptions.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WireError))]
[JsonSerializable(typeof(WireImage))]
[JsonSerializable(typeof(WireNewContainer))]
[JsonSerializable(typeof(WireCreated))]
[JsonSerializable(typeof(WireContainer))]
[JsonSerializable(typeof(List<WireContainerSummary>))]
[JsonSerializable(typeof(WireFigures))]
[JsonSerializable(typeof(WireExit))]
[JsonSerializable(typeof(WireEvent))]
[JsonSerializable(typeof(WireNewNetwork))]
[JsonSerializable(typeof(WireConnection))]
[JsonSerializable(typeof(WireNetwork))]
[JsonSerializable(typeof(List<WireNetwork>))]
[JsonSerializable(typeof(WireInformation))]
[JsonSerializable(typeof(WireSwarmInit))]
[JsonSerializable(typeof(WireServiceSpec))]
[JsonSerializable(typeof(List<WireTask>))]
[JsonSerializable(typeof(List<JsonObject>))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string[]>))]
internal sealed partial class EngineJson : JsonSerializerContext;

internal sealed record WireError([property: JsonPropertyName("message")] string? Message);

internal sealed record WireCreated(string? Id, [property: JsonPropertyName("ID")] string? ServiceId);

internal sealed record WireExit(int StatusCode);

internal sealed record WireImage(string? Id, long Size, WireImageConfiguration? Config);

internal sealed record WireImageConfiguration(Dictionary<string, string>? Labels);

// ---------------------------------------------------------------- containers

internal sealed record WireNewContainer
{
    public required string Image { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    public IReadOnlyList<string>? Entrypoint { get; init; }

    public string? User { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public Dictionary<string, WireEmpty>? ExposedPorts { get; init; }

    public WireHealthCheck? Healthcheck { get; init; }

    public int? StopTimeout { get; init; }

    public required WireHostConfig HostConfig { get; init; }

    public WireNetworking? NetworkingConfig { get; init; }
}

internal sealed record WireEmpty;

/// <summary>Times are in nanoseconds; what is left out is the image's.</summary>
internal sealed record WireHealthCheck
{
    public IReadOnlyList<string>? Test { get; init; }

    public long? Interval { get; init; }

    public long? StartInterval { get; init; }
}

internal sealed record WireHostConfig
{
    public IReadOnlyList<WireMount>? Mounts { get; init; }

    public Dictionary<string, List<WirePort>>? PortBindings { get; init; }

    public string? NetworkMode { get; init; }

    public IReadOnlyList<string>? GroupAdd { get; init; }

    public bool ReadonlyRootfs { get; init; }

    public Dictionary<string, string>? Tmpfs { get; init; }

    public IReadOnlyList<string>? CapDrop { get; init; }

    public IReadOnlyList<string>? SecurityOpt { get; init; }

    public long? Memory { get; init; }

    public long? MemorySwap { get; init; }

    public long? PidsLimit { get; init; }

    public long? NanoCpus { get; init; }

    public WireRestart? RestartPolicy { get; init; }

    public bool? Init { get; init; }
}

internal sealed record WireRestart(string Name, int MaximumRetryCount);

internal sealed record WirePort(string HostIp, string HostPort);

internal sealed record WireMount
{
    public required string Type { get; init; }

    public string? Source { get; init; }

    public required string Target { get; init; }

    public bool ReadOnly { get; init; }

    public WireTmpfs? TmpfsOptions { get; init; }
}

internal sealed record WireTmpfs(long SizeBytes, int Mode);

internal sealed record WireNetworking(Dictionary<string, WireEndpoint> EndpointsConfig);

internal sealed record WireEndpoint(IReadOnlyList<string>? Aliases, string? IPAddress = null);

internal sealed record WireContainerSummary(string? Id, List<string>? Names, string? Image, string? State, Dictionary<string, string>? Labels);

internal sealed record WireContainer(string? Id, string? Name, string? Image, WireState? State, WireContainerConfiguration? Config, WireNetworkSettings? NetworkSettings);

internal sealed record WireContainerConfiguration(Dictionary<string, string>? Labels);

internal sealed record WireNetworkSettings(Dictionary<string, WireEndpoint?>? Networks);

internal sealed record WireState(string? Status, [property: JsonPropertyName("OOMKilled")] bool OomKilled, int Pid, int ExitCode, string? Error, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, WireHealth? Health);

internal sealed record WireHealth(string? Status, List<WireProbe>? Log);

internal sealed record WireProbe(string? Output);

internal sealed record WireFigures
{
    [JsonPropertyName("read")]
    public DateTimeOffset Read { get; init; }

    [JsonPropertyName("cpu_stats")]
    public WireProcessor? Processor { get; init; }

    [JsonPropertyName("memory_stats")]
    public WireMemory? Memory { get; init; }

    [JsonPropertyName("pids_stats")]
    public WireProcesses? Processes { get; init; }

    [JsonPropertyName("networks")]
    public Dictionary<string, WireTraffic>? Networks { get; init; }
}

internal sealed record WireProcessor([property: JsonPropertyName("cpu_usage")] WireProcessorUse? Use);

internal sealed record WireProcessorUse([property: JsonPropertyName("total_usage")] ulong Nanoseconds);

internal sealed record WireMemory([property: JsonPropertyName("usage")] ulong Usage, [property: JsonPropertyName("limit")] ulong Limit, [property: JsonPropertyName("stats")] Dictionary<string, ulong>? Parts);

internal sealed record WireProcesses([property: JsonPropertyName("current")] long Current);

internal sealed record WireTraffic([property: JsonPropertyName("rx_bytes")] long Received, [property: JsonPropertyName("tx_bytes")] long Sent);

// ---------------------------------------------------------------- events and networks

internal sealed record WireEvent(string? Type, string? Action, WireActor? Actor, [property: JsonPropertyName("timeNano")] long TimeNano);

internal sealed record WireActor([property: JsonPropertyName("ID")] string? Id, Dictionary<string, string>? Attributes);

internal sealed record WireNewNetwork
{
    public required string Name { get; init; }

    public bool CheckDuplicate { get; init; } = true;

    public required string Driver { get; init; }

    public bool Internal { get; init; }

    public bool Attachable { get; init; }

    public string? Scope { get; init; }

    public Dictionary<string, string>? Options { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

internal sealed record WireConnection(string Container, WireEndpoint? EndpointConfig, bool? Force = null);

internal sealed record WireNetwork(string? Id, string? Name, bool Internal, Dictionary<string, string>? Labels, Dictionary<string, WireEmpty?>? Containers);

// ---------------------------------------------------------------- swarm

internal sealed record WireInformation(string? Name, string? ServerVersion, WireSwarm? Swarm);

internal sealed record WireSwarm([property: JsonPropertyName("NodeID")] string? NodeId, string? LocalNodeState, bool ControlAvailable);

internal sealed record WireSwarmInit(string ListenAddr, string AdvertiseAddr, uint DataPathPort, bool ForceNewCluster);

internal sealed record WireServiceSpec
{
    public required string Name { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public required WireTaskTemplate TaskTemplate { get; init; }

    public required WireServiceMode Mode { get; init; }

    public WireEndpointSpec? EndpointSpec { get; init; }
}

internal sealed record WireEndpointSpec(string Mode);

internal sealed record WireServiceMode(WireReplicas Replicated);

internal sealed record WireReplicas(ulong Replicas);

internal sealed record WireTaskTemplate
{
    public required WireTaskContainer ContainerSpec { get; init; }

    public WireTaskResources? Resources { get; init; }

    public WireTaskRestart? RestartPolicy { get; init; }

    public WirePlacement? Placement { get; init; }

    public IReadOnlyList<WireTaskNetwork>? Networks { get; init; }
}

internal sealed record WireTaskContainer
{
    public required string Image { get; init; }

    public IReadOnlyList<string>? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public IReadOnlyList<string>? Env { get; init; }

    public string? User { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public bool ReadOnly { get; init; }

    public IReadOnlyList<string>? CapabilityDrop { get; init; }

    public WirePrivileges? Privileges { get; init; }

    public WireHealthCheck? Healthcheck { get; init; }

    public IReadOnlyList<WireMount>? Mounts { get; init; }

    public long? StopGracePeriod { get; init; }
}

/// <summary>Since version 1.44; older engines leave it out of account.</summary>
internal sealed record WirePrivileges(bool NoNewPrivileges);

internal sealed record WireTaskResources(WireTaskLimits Limits);

internal sealed record WireTaskLimits
{
    [JsonPropertyName("MemoryBytes")]
    public long? Memory { get; init; }

    [JsonPropertyName("NanoCPUs")]
    public long? NanoProcessors { get; init; }

    public long? Pids { get; init; }
}

internal sealed record WireTaskRestart(string Condition, long Delay, ulong MaxAttempts, long Window);

internal sealed record WirePlacement(IReadOnlyList<string> Constraints);

internal sealed record WireTaskNetwork(string Target, IReadOnlyList<string>? Aliases);

internal sealed record WireTask([property: JsonPropertyName("ID")] string? Id, [property: JsonPropertyName("ServiceID")] string? ServiceId, [property: JsonPropertyName("NodeID")] string? NodeId, int Slot, string? DesiredState, WireTaskStatus? Status, DateTimeOffset CreatedAt);

internal sealed record WireTaskStatus(string? State, string? Message, string? Err, WireTaskContainerStatus? ContainerStatus);

internal sealed record WireTaskContainerStatus([property: JsonPropertyName("ContainerID")] string? ContainerId, int ExitCode);
