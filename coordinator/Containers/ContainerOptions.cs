using FedLab.Containers.Containers;
using FedLab.Federation.Channels;
using FedLab.Federation.Remote;

namespace FedLab.Coordinator.Containers;

/// <summary>A participant that the coordinator runs in a container.</summary>
/// <param name="Name">Its name: one of the lab's parties.</param>
/// <param name="Home">Its home on the engine's machine, absolute.</param>
internal sealed record ContainerParty(string Name, string Home)
{
    /// <summary>In a swarm, where it may run, such as <c>node.labels.bank==a</c>.</summary>
    public IReadOnlyList<string> Constraints { get; init; } = [];

    /// <summary>In a swarm, how many scan workers it has.</summary>
    public int Workers { get; init; }

    /// <summary>Folder with the workers' credential on their machines, absolute; null without workers.</summary>
    public string? WorkerHome { get; init; }
}

/// <summary>The section <c>containers</c> of <c>coordinator.json</c>: absent, the coordinator starts no containers.</summary>
internal sealed record ContainerOptions
{
    /// <summary>Path of the engine's socket, as this program sees it.</summary>
    public required string Engine { get; init; }

    /// <summary>Name or identifier of the container that this coordinator runs in.</summary>
    public required string Self { get; init; }

    /// <summary>The lab's folder on the engine's machine, by which everything is labelled.</summary>
    public required string Folder { get; init; }

    /// <summary>The participants' image.</summary>
    public required string Image { get; init; }

    /// <summary>User as <c>uid:gid</c>, who owns the homes; null: the image's.</summary>
    public string? User { get; init; }

    /// <summary>Largest memory of a participant in mebibytes; 0: no limit.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>Largest number of processes and threads of a participant.</summary>
    public int Processes { get; init; } = 512;

    /// <summary>How often a participant is started again within <see cref="RestartSeconds"/> before it is given up.</summary>
    public int Restarts { get; init; } = 5;

    /// <summary>The time within which restarts are counted.</summary>
    public int RestartSeconds { get; init; } = 600;

    /// <summary>Whether the participants are services of a swarm, which starts them again by itself, on whichever of its machines the constraints allow.</summary>
    public bool Swarm { get; init; }

    /// <summary>The participants.</summary>
    public required IReadOnlyList<ContainerParty> Participants { get; init; }

    /// <summary>What keeps a participant in its container.</summary>
    internal Confinement Confinement => new() { MemoryBytes = (long)MemoryMiB << 20, Processes = Processes };

    /// <summary>Checks every field.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <exception cref="ConfigurationException">A field is out of range; the message names it.</exception>
    internal void Validate(string path)
    {
        if (!Path.IsPathRooted(Engine)) throw Invalid("engine", Messages.MustBeAbsolute(Engine));
        if (!EnvelopeHeader.IsName(Self)) throw Invalid("self", Messages.MustBeName(Self));
        if (!Path.IsPathRooted(Folder)) throw Invalid("folder", Messages.MustBeAbsolute(Folder));
        if (Image.Length is 0 or > 256) throw Invalid("image", Messages.MustBeImage(Image));
        if (MemoryMiB is < 0 or > 16 << 20) throw Invalid("memoryMiB", Messages.MustBeBetween(MemoryMiB, 0, 16 << 20));
        if (Processes is < 16 or > 1 << 20) throw Invalid("processes", Messages.MustBeBetween(Processes, 16, 1 << 20));
        if (Restarts is < 0 or > 1000) throw Invalid("restarts", Messages.MustBeBetween(Restarts, 0, 1000));
        if (RestartSeconds is < 1 or > 86400) throw Invalid("restartSeconds", Messages.MustBeBetween(RestartSeconds, 1, 86400));
        for (var i = 0; i < Participants.Count; i++)
        {
            var participant = Participants[i];
            if (!EnvelopeHeader.IsName(participant.Name)) throw Invalid($"participants[{i}].name", Messages.MustBeName(participant.Name));
            if (Participants.Take(i).Any(other => other.Name == participant.Name)) throw Invalid($"participants[{i}].name", Messages.Twice(participant.Name));
            if (!Path.IsPathRooted(participant.Home)) throw Invalid($"participants[{i}].home", Messages.MustBeAbsolute(participant.Home));
            if (participant.Workers is < 0 or > 1000) throw Invalid($"participants[{i}].workers", Messages.MustBeBetween(participant.Workers, 0, 1000));
            if (participant.Workers > 0 && (participant.WorkerHome is null || !Path.IsPathRooted(participant.WorkerHome))) throw Invalid($"participants[{i}].workerHome", Messages.MustBeAbsolute(participant.WorkerHome ?? ""));
            if (!Swarm && (participant.Workers > 0 || participant.Constraints.Count > 0)) throw Invalid("swarm", Messages.NeedsSwarm);
        }

        ConfigurationException Invalid(string field, string problem) => new(Messages.FieldInvalid(path, "containers." + field, problem));
    }
}
