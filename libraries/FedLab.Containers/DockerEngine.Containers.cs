using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedLab.Containers.Containers;
using FedLab.Containers.Images;
using FedLab.Containers.Wire;

namespace FedLab.Containers;

// Images and containers.
public sealed partial class DockerEngine
{
    private static readonly Version StartIntervalVersion = new(1, 44);
    private static readonly TimeSpan StartInterval = TimeSpan.FromSeconds(1);

    /// <summary>What is known of an image; null when the engine does not have it.</summary>
    /// <param name="image">Name and tag, or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    public async Task<ImageDetails?> FindImageAsync(string image, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await AskAsync(HttpMethod.Get, $"/images/{Escaped(image)}/json", content: null, EngineJson.Default.WireImage, cancellationToken).ConfigureAwait(false);
            return new ImageDetails(found.Id ?? throw Malformed("GET /images"), found.Size, found.Config?.Labels ?? []);
        }
        catch (EngineException e) when (e.Failure == EngineFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>The containers with certain labels, running or not.</summary>
    /// <param name="labels">Labels and values that all of them have.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        var list = await AskAsync(HttpMethod.Get, $"/containers/json?all=1&filters={LabelFilter(labels)}", content: null, EngineJson.Default.ListWireContainerSummary, cancellationToken).ConfigureAwait(false);
        return [.. list.Select(one => new ContainerSummary(
            one.Id ?? throw Malformed("GET /containers/json"),
            one.Names is [var name, ..] ? name.TrimStart('/') : "",
            one.Image ?? "",
            StateOf(one.State),
            one.Labels ?? []))];
    }

    /// <summary>What is known of a container; null when there is none.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    public async Task<ContainerDetails?> FindContainerAsync(string container, CancellationToken cancellationToken = default)
    {
        WireContainer found;
        try
        {
            found = await AskAsync(HttpMethod.Get, $"/containers/{Escaped(container)}/json", content: null, EngineJson.Default.WireContainer, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Failure == EngineFailure.NotFound)
        {
            return null;
        }
        if (found is not { Id: { } id, Name: { } name, State: { } state }) throw Malformed("GET /containers");
        return new ContainerDetails
        {
            Id = id,
            Name = name.TrimStart('/'),
            ImageId = found.Image ?? "",
            Labels = found.Config?.Labels ?? [],
            State = StateOf(state.Status),
            Health = state.Health?.Status switch
            {
                "starting" => ContainerHealth.Starting,
                "healthy" => ContainerHealth.Healthy,
                "unhealthy" => ContainerHealth.Unhealthy,
                _ => ContainerHealth.None,
            },
            HealthOutput = (state.Health?.Log?.LastOrDefault()?.Output ?? "").Trim(),
            ExitCode = state.ExitCode,
            OutOfMemory = state.OomKilled,
            Error = state.Error ?? "",
            Process = state.Pid,
            Started = Known(state.StartedAt),
            Finished = Known(state.FinishedAt),
            Networks = (found.NetworkSettings?.Networks ?? []).ToDictionary(network => network.Key, network => network.Value?.IPAddress ?? "", StringComparer.Ordinal),
        };

        // The engine writes the year 1 for never.
        static DateTimeOffset? Known(DateTimeOffset? time) => time is { Year: > 1 } ? time : null;
    }

    /// <summary>Makes a container; it does not run yet.</summary>
    /// <param name="specification">The container.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its identifier.</returns>
    /// <exception cref="EngineException">The name is taken (conflict), the image is missing (not found), or the engine refused.</exception>
    public async Task<string> CreateContainerAsync(ContainerSpecification specification, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specification);
        var created = await AskAsync(HttpMethod.Post, $"/containers/create?name={Escaped(specification.Name)}", Json(Wire(specification), EngineJson.Default.WireNewContainer), EngineJson.Default.WireCreated, cancellationToken).ConfigureAwait(false);
        return created.Id ?? throw Malformed("POST /containers/create");
    }

    /// <summary>A hash of everything that a container is made from, to see whether one that exists is still the one that is wanted.</summary>
    /// <param name="specification">The container.</param>
    /// <param name="imageId">Identifier of its image: the same name may mean another image later.</param>
    public string FingerprintOf(ContainerSpecification specification, string imageId)
    {
        ArgumentNullException.ThrowIfNull(specification);
        ArgumentNullException.ThrowIfNull(imageId);
        byte[] text = [.. JsonSerializer.SerializeToUtf8Bytes(Wire(specification), EngineJson.Default.WireNewContainer), .. Encoding.UTF8.GetBytes(imageId)];
        return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, 16));
    }

    /// <summary>Starts a container; one that runs already is left alone.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">There is none, or it could not be started.</exception>
    public Task StartContainerAsync(string container, CancellationToken cancellationToken = default) => DoAsync(HttpMethod.Post, $"/containers/{Escaped(container)}/start", content: null, cancellationToken);

    /// <summary>Asks a container's program to end (SIGTERM) and kills it when it does not; one that has ended is left alone.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="patience">How long it may take, rounded to whole seconds.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">There is none, or the engine failed.</exception>
    public Task StopContainerAsync(string container, TimeSpan patience, CancellationToken cancellationToken = default) =>
        DoAsync(HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/containers/{Escaped(container)}/stop?t={Math.Ceiling(patience.TotalSeconds)}"), content: null, cancellationToken, patience + Patience);

    /// <summary>Sends a signal to a container's program.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="signal">The signal, such as SIGKILL.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EngineException">There is none, or it does not run.</exception>
    public Task KillContainerAsync(string container, string signal = "SIGKILL", CancellationToken cancellationToken = default) =>
        DoAsync(HttpMethod.Post, $"/containers/{Escaped(container)}/kill?signal={Escaped(signal)}", content: null, cancellationToken);

    /// <summary>Removes a container and its anonymous volumes, killed if it still runs. Folders of the machine that it saw are not touched.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="EngineException">The engine failed.</exception>
    public Task<bool> RemoveContainerAsync(string container, CancellationToken cancellationToken = default) => RemoveAsync($"/containers/{Escaped(container)}?force=1&v=1", cancellationToken);

    /// <summary>Waits until a container's program has ended.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="EngineException">There is none, or the engine went away.</exception>
    public async Task<int> WaitForExitAsync(string container, CancellationToken cancellationToken = default) =>
        (await AskAsync(HttpMethod.Post, $"/containers/{Escaped(container)}/wait", content: null, EngineJson.Default.WireExit, cancellationToken, TimeSpan.FromDays(1)).ConfigureAwait(false)).StatusCode;

    /// <summary>What a running container uses, measured once.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when it does not run.</returns>
    /// <exception cref="EngineException">There is none, or the engine failed.</exception>
    public async Task<ContainerFigures?> MeasureContainerAsync(string container, CancellationToken cancellationToken = default)
    {
        // one-shot: at once, without the engine's own second measurement a second later.
        var figures = await AskAsync(HttpMethod.Get, $"/containers/{Escaped(container)}/stats?stream=false&one-shot=true", content: null, EngineJson.Default.WireFigures, cancellationToken).ConfigureAwait(false);
        if (figures.Read.Year <= 1 || figures.Memory is not { Usage: > 0 } memory) return null;
        var parts = memory.Parts ?? [];
        // Pages of files that the kernel would give up first do not count, as in docker's own figures: version 1 and 2 of cgroups.
        var cached = parts.GetValueOrDefault("total_inactive_file", parts.GetValueOrDefault("inactive_file"));
        var traffic = figures.Networks?.Values ?? Enumerable.Empty<WireTraffic>();
        return new ContainerFigures(
            figures.Read,
            TimeSpan.FromMicroseconds((figures.Processor?.Use?.Nanoseconds ?? 0) / 1000.0),
            (long)Math.Min(long.MaxValue, memory.Usage - Math.Min(cached, memory.Usage)),
            (long)Math.Min(long.MaxValue, memory.Limit),
            figures.Processes?.Current ?? 0,
            traffic.Sum(one => one.Received),
            traffic.Sum(one => one.Sent));
    }

    /// <summary>What a container's program wrote, with times.</summary>
    /// <param name="container">Name or identifier.</param>
    /// <param name="tail">Lines from before; null: all.</param>
    /// <param name="follow">Whether to go on until the program ends.</param>
    /// <param name="since">Only what was written from then on.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EngineException">There is none, or the engine failed or went away.</exception>
    public IAsyncEnumerable<LogLine> ReadLogAsync(string container, int? tail = null, bool follow = false, DateTimeOffset? since = null, CancellationToken cancellationToken = default) =>
        ReadLogAsync("containers", container, tail, follow, since, cancellationToken);

    private async IAsyncEnumerable<LogLine> ReadLogAsync(string kind, string name, int? tail, bool follow, DateTimeOffset? since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = tail?.ToString(CultureInfo.InvariantCulture) ?? "all";
        var from = since is { } time ? string.Create(CultureInfo.InvariantCulture, $"&since={time.ToUnixTimeMilliseconds() / 1000}.{time.ToUnixTimeMilliseconds() % 1000:000}000000") : "";
        using var response = await SendAsync(HttpMethod.Get, $"/{kind}/{Escaped(name)}/logs?stdout=1&stderr=1&timestamps=1&tail={lines}&follow={(follow ? 1 : 0)}{from}", content: null, cancellationToken).ConfigureAwait(false);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var line in Guarded(LogReader.ReadAsync(stream, withTimes: true, cancellationToken), cancellationToken).ConfigureAwait(false)) yield return line;
    }

    private static ContainerState StateOf(string? text) => text switch
    {
        "created" => ContainerState.Created,
        "running" => ContainerState.Running,
        "paused" => ContainerState.Paused,
        "restarting" => ContainerState.Restarting,
        "removing" => ContainerState.Removing,
        "exited" => ContainerState.Exited,
        "dead" => ContainerState.Dead,
        _ => ContainerState.Unknown,
    };

    private static string LabelFilter(IReadOnlyDictionary<string, string> labels) => Filter(new Dictionary<string, string[]>(StringComparer.Ordinal) { ["label"] = [.. labels.Select(label => $"{label.Key}={label.Value}")] });

    private static WireHealthCheck WithoutHealthCheck => new() { Test = ["NONE"] };

    private static long Nanoseconds(TimeSpan time) => (long)time.TotalMicroseconds * 1000;

    private WireNewContainer Wire(ContainerSpecification container)
    {
        var confinement = container.Confinement;
        return new WireNewContainer
        {
            Image = container.Image,
            Cmd = container.Command,
            Entrypoint = container.Entrypoint,
            User = container.User,
            Env = [.. container.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
            Labels = container.Labels,
            ExposedPorts = container.Ports.ToDictionary(port => PortName(port.ContainerPort), _ => new WireEmpty(), StringComparer.Ordinal),
            Healthcheck = container.WithoutHealthCheck ? WithoutHealthCheck : container.HealthInterval is { } interval
                ? new WireHealthCheck { Interval = Nanoseconds(interval), StartInterval = ApiVersion >= StartIntervalVersion ? Nanoseconds(StartInterval) : null }
                : null,
            StopTimeout = (int)Math.Ceiling(container.StopPatience.TotalSeconds),
            HostConfig = new WireHostConfig
            {
                Mounts = [.. container.Mounts.Select(mount => new WireMount { Type = "bind", Source = mount.Source, Target = mount.Target, ReadOnly = mount.ReadOnly })],
                PortBindings = container.Ports.GroupBy(port => PortName(port.ContainerPort), StringComparer.Ordinal).ToDictionary(
                    group => group.Key,
                    group => group.Select(port => new WirePort(port.Address, port.Port.ToString(CultureInfo.InvariantCulture))).ToList(),
                    StringComparer.Ordinal),
                NetworkMode = container.Network,
                GroupAdd = container.Groups,
                ReadonlyRootfs = confinement is not null,
                Tmpfs = confinement is null ? null : new(StringComparer.Ordinal) { ["/tmp"] = string.Create(CultureInfo.InvariantCulture, $"rw,noexec,nosuid,nodev,size={confinement.TemporaryBytes},mode=1777") },
                CapDrop = confinement is null ? null : ["ALL"],
                SecurityOpt = confinement is null ? null : ["no-new-privileges:true"],
                Memory = confinement is { MemoryBytes: > 0 } ? confinement.MemoryBytes : null,
                MemorySwap = confinement is { MemoryBytes: > 0 } ? confinement.MemoryBytes : null, // together with swap: none
                PidsLimit = confinement is { Processes: > 0 } ? confinement.Processes : null,
                NanoCpus = confinement is { NanoProcessors: > 0 } ? confinement.NanoProcessors : null,
                RestartPolicy = container.EngineRestarts > 0 ? new WireRestart("on-failure", container.EngineRestarts) : null,
            },
            NetworkingConfig = container.Network is { } network ? new WireNetworking(new(StringComparer.Ordinal) { [network] = new WireEndpoint(container.Aliases) }) : null,
        };

        static string PortName(int port) => string.Create(CultureInfo.InvariantCulture, $"{port}/tcp");
    }

    private async Task<bool> RemoveAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await DoAsync(HttpMethod.Delete, path, content: null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (EngineException e) when (e.Failure == EngineFailure.NotFound)
        {
            return false;
        }
    }

    /// <summary>Turns what may go wrong on a connection while it is read into the exceptions of this library.</summary>
    private async IAsyncEnumerable<T> Guarded<T>(IAsyncEnumerable<T> values, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var each = values.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await each.MoveNextAsync().ConfigureAwait(false)) yield break;
            }
            catch (Exception e) when (e is MalformedStreamException or IOException or HttpRequestException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw Broken(e);
            }
            yield return each.Current;
        }
    }
}
