namespace FedLab.Containers.Containers;

/// <summary>Where a container is in its life.</summary>
public enum ContainerState
{
    /// <summary>In a state that this version does not know.</summary>
    Unknown,

    /// <summary>Made and never started.</summary>
    Created,

    /// <summary>Its program runs.</summary>
    Running,

    /// <summary>Its program is stopped for the time being.</summary>
    Paused,

    /// <summary>The engine starts it again.</summary>
    Restarting,

    /// <summary>It is being removed.</summary>
    Removing,

    /// <summary>Its program has ended.</summary>
    Exited,

    /// <summary>It could not be removed.</summary>
    Dead,
}

/// <summary>What a container's health check says.</summary>
public enum ContainerHealth
{
    /// <summary>It has no health check, or does not run.</summary>
    None,

    /// <summary>It has not been well yet, and has time left to become so.</summary>
    Starting,

    /// <summary>It is at work.</summary>
    Healthy,

    /// <summary>It is not at work.</summary>
    Unhealthy,
}

/// <summary>A container in a list.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Name">Its name.</param>
/// <param name="Image">Its image, as it was named.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Labels">Its labels.</param>
public sealed record ContainerSummary(string Id, string Name, string Image, ContainerState State, IReadOnlyDictionary<string, string> Labels);

/// <summary>What an engine knows of a container.</summary>
public sealed record ContainerDetails
{
    /// <summary>Its identifier: 64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Identifier of its image.</summary>
    public required string ImageId { get; init; }

    /// <summary>Its labels, the image's included.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Where it is in its life.</summary>
    public ContainerState State { get; init; }

    /// <summary>What its health check says.</summary>
    public ContainerHealth Health { get; init; }

    /// <summary>What its last health check wrote; may be empty.</summary>
    public string HealthOutput { get; init; } = "";

    /// <summary>How its program ended last.</summary>
    public int ExitCode { get; init; }

    /// <summary>Whether it was ended because its memory was used up.</summary>
    public bool OutOfMemory { get; init; }

    /// <summary>Why it could not be started; may be empty.</summary>
    public string Error { get; init; } = "";

    /// <summary>Number of its program's process on the engine's machine; 0 when it does not run.</summary>
    public int Process { get; init; }

    /// <summary>When its program was started last; null: never.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When its program ended last; null: never.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>The networks it is in, by name, with its address there (empty when it does not run).</summary>
    public required IReadOnlyDictionary<string, string> Networks { get; init; }
}

/// <summary>What a container uses.</summary>
/// <param name="Read">When it was measured, on the engine's clock.</param>
/// <param name="ProcessorTime">Processor time since its start.</param>
/// <param name="MemoryBytes">Memory, without what the kernel only keeps of files.</param>
/// <param name="MemoryLimitBytes">Largest memory.</param>
/// <param name="Processes">Processes and threads.</param>
/// <param name="ReceivedBytes">Bytes received over all its networks.</param>
/// <param name="SentBytes">Bytes sent.</param>
public sealed record ContainerFigures(DateTimeOffset Read, TimeSpan ProcessorTime, long MemoryBytes, long MemoryLimitBytes, long Processes, long ReceivedBytes, long SentBytes)
{
    /// <summary>Processors used since an earlier measurement: 1 is one whole processor.</summary>
    /// <param name="earlier">The earlier measurement.</param>
    /// <returns>Null when no time has passed, or the container was started anew between the two.</returns>
    public double? ProcessorsSince(ContainerFigures earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        var (used, passed) = (ProcessorTime - earlier.ProcessorTime, Read - earlier.Read);
        return passed > TimeSpan.Zero && used >= TimeSpan.Zero ? used / passed : null;
    }
}
