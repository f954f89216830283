namespace FedLab.Containers.Networks;

/// <summary>A network to be made.</summary>
public sealed record NetworkSpecification
{
    /// <summary>Its name on the engine.</summary>
    public required string Name { get; init; }

    /// <summary>Whether nothing outside it is reached from it.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether the engine's machine has no address in it, so that the machine's own services are not reached from it either.</summary>
    public bool WithoutMachine { get; init; }

    /// <summary><c>bridge</c> on one machine, <c>overlay</c> over the machines of a swarm.</summary>
    public string Driver { get; init; } = Bridge;

    /// <summary>Whether it belongs to the swarm, so that services can be in it.</summary>
    public bool ForSwarm { get; init; }

    /// <summary>Whether containers that are no service's can be in a swarm's network.</summary>
    public bool Attachable { get; init; }

    /// <summary>Labels, by which it is found again.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The driver for one machine.</summary>
    public const string Bridge = "bridge";

    /// <summary>The driver for the machines of a swarm.</summary>
    public const string Overlay = "overlay";
}

/// <summary>A network of an engine.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Name">Its name.</param>
/// <param name="Internal">Whether nothing outside it is reached from it.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Containers">Identifiers of the running containers in it.</param>
public sealed record NetworkDetails(string Id, string Name, bool Internal, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<string> Containers);
