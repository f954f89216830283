using FedLab.Containers;
using FedLab.Containers.Containers;
using FedLab.Proto;

namespace FedLab.Coordinator.Containers;

/// <summary>Whoever sees to it that the participants run: as containers of one engine, or as services of a swarm.</summary>
internal interface ILabSupervisor
{
    /// <summary>The engine; null while it cannot be reached.</summary>
    DockerEngine? Engine { get; }

    /// <summary>Why nothing can be done at the moment; empty otherwise.</summary>
    string Problem { get; }

    /// <summary>What became of the participants, and of their workers.</summary>
    IReadOnlyList<ContainerDescription> Describe();

    /// <summary>The containers on this machine that belong to a description, by name or identifier.</summary>
    IReadOnlyList<string> ContainersOf(ContainerDescription description);

    /// <summary>Ends a participant's program, which is then started again, also when it was given up.</summary>
    /// <returns>False when there is no such participant.</returns>
    /// <exception cref="EngineException">The engine could not do it.</exception>
    Task<bool> RestartAsync(string name, CancellationToken cancellationToken);

    /// <summary>What the program of a description wrote.</summary>
    /// <exception cref="EngineException">The engine could not be asked.</exception>
    IAsyncEnumerable<LogLine> ReadLogAsync(DockerEngine engine, ContainerDescription description, int? tail, bool follow, DateTimeOffset? since, CancellationToken cancellationToken);
}
