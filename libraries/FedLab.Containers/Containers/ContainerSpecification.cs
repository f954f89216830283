namespace FedLab.Containers.Containers;

/// <summary>A container to be made.</summary>
public sealed record ContainerSpecification
{
    /// <summary>Its name on the engine.</summary>
    public required string Name { get; init; }

    /// <summary>The image: name and tag, or identifier.</summary>
    public required string Image { get; init; }

    /// <summary>Arguments in place of the image's; null keeps those.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Program in place of the image's; null keeps that.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>User as <c>uid:gid</c>; null keeps the image's.</summary>
    public string? User { get; init; }

    /// <summary>Further groups of the user, by number.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Variables of the environment beside the image's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Labels, by which it is found again.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Folders and sockets of the engine's machine that it sees.</summary>
    public IReadOnlyList<BindMount> Mounts { get; init; } = [];

    /// <summary>The network it is made in; null: the engine's own. Others are added with <see cref="DockerEngine.ConnectNetworkAsync"/>.</summary>
    public string? Network { get; init; }

    /// <summary>Names by which others in that network find it, beside its own.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Ports of the engine's machine that lead to it.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    /// <summary>How little it may do; null leaves everything that the engine allows.</summary>
    public Confinement? Confinement { get; init; }

    /// <summary>How often the engine itself starts it again after a failure; 0: never.</summary>
    public int EngineRestarts { get; init; }

    /// <summary>Time between health checks in place of the image's.</summary>
    public TimeSpan? HealthInterval { get; init; }

    /// <summary>Whether the image's health check is left out.</summary>
    public bool WithoutHealthCheck { get; init; }

    /// <summary>How long it may take to end before it is killed.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>A folder or socket of the engine's machine in a container.</summary>
/// <param name="Source">Absolute path on the engine's machine; it must be there.</param>
/// <param name="Target">Absolute path in the container.</param>
/// <param name="ReadOnly">Whether it can only be read.</param>
public sealed record BindMount(string Source, string Target, bool ReadOnly = false);

/// <summary>A port of the engine's machine that leads to a container.</summary>
/// <param name="Address">Address that is listened on, such as 127.0.0.1.</param>
/// <param name="Port">The port there.</param>
/// <param name="ContainerPort">The port in the container.</param>
public sealed record PublishedPort(string Address, int Port, int ContainerPort);

/// <summary>
/// What keeps a program in its container: a read-only root file system with a small /tmp in memory, no capability, no way to gain
/// one, and limits on memory and processes.
/// </summary>
public sealed record Confinement
{
    /// <summary>Largest memory in bytes; 0: no limit.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Largest number of processes and threads; 0: no limit.</summary>
    public long Processes { get; init; } = 512;

    /// <summary>Largest share of processors, in billionths of one; 0: no limit.</summary>
    public long NanoProcessors { get; init; }

    /// <summary>Size of /tmp in bytes.</summary>
    public long TemporaryBytes { get; init; } = 64L << 20;
}
