using FedLab.Containers.Containers;

namespace FedLab.Containers.Swarm;

/// <summary>A program that a swarm keeps running on its machines, in one or several replicas.</summary>
public sealed record ServiceSpecification
{
    /// <summary>What each replica is. Its ports, groups and health interval have no counterpart in a service and are left out.</summary>
    public required ContainerSpecification Container { get; init; }

    /// <summary>The swarm's networks that it is in, in place of the container's.</summary>
    public required IReadOnlyList<string> Networks { get; init; }

    /// <summary>How many replicas run.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Where they may run, such as <c>node.labels.bank==a</c>; all must hold.</summary>
    public IReadOnlyList<string> Constraints { get; init; } = [];

    /// <summary>How often a replica is started again within <see cref="RestartWindow"/>; 0: always.</summary>
    public int RestartAttempts { get; init; }

    /// <summary>The time within which restarts are counted.</summary>
    public TimeSpan RestartWindow { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>A service of a swarm.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Replicas">How many replicas it should have.</param>
public sealed record ServiceDetails(string Id, string Name, IReadOnlyDictionary<string, string> Labels, int Replicas);

/// <summary>One life of one replica of a service.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Slot">Number of the replica, from 1.</param>
/// <param name="Node">The machine; empty before one is found.</param>
/// <param name="State">Where it is: new, pending, assigned, preparing, starting, running, complete, failed, rejected, shutdown …; running only once its health check agrees.</param>
/// <param name="IsWanted">Whether it should run.</param>
/// <param name="Problem">What the swarm says about it when it is not well; may be empty.</param>
/// <param name="Container">Identifier of its container; empty before there is one.</param>
/// <param name="Created">When the swarm made it.</param>
public sealed record TaskDetails(string Id, int Slot, string Node, string State, bool IsWanted, string Problem, string Container, DateTimeOffset Created)
{
    /// <summary>Whether its program runs and is well.</summary>
    public bool IsRunning => State == "running";

    /// <summary>Whether its program ended by itself, or could not be started.</summary>
    public bool HasFailed => State is "failed" or "rejected" or "orphaned" or "complete";
}

/// <summary>What an engine is to a swarm.</summary>
public enum SwarmRole
{
    /// <summary>It belongs to none.</summary>
    None,

    /// <summary>It runs what it is told.</summary>
    Worker,

    /// <summary>It can be asked to run services.</summary>
    Manager,
}
