using FedLab.Containers.Containers;
using FedLab.Containers.Networks;

namespace FedLab.Containers.Labs;

/// <summary>
/// How a lab's containers and networks are named, labelled and confined, so that whoever makes them (the coordinator, the command
/// line) makes the same, and whoever removes them finds all of them by label.
/// <code>
///   lead's machine ──127.0.0.1:port──► fedlab-LAB-coordinator ◄── network fedlab-LAB_lead
///                                        │ also in each institution's network, as "coordinator"
///                                        ├── network fedlab-LAB-bank-a (internal) ── fedlab-LAB-bank-a
///                                        └── network fedlab-LAB-chain  (internal) ── fedlab-LAB-chain
/// </code>
/// </summary>
public static class LabContainers
{
    /// <summary>Label with the name of the lab.</summary>
    public const string LabLabel = "org.fedlab.lab";

    /// <summary>Label with the lab's folder on the engine's machine.</summary>
    public const string FolderLabel = "org.fedlab.folder";

    /// <summary>Label with the name of the party, or of the coordinator.</summary>
    public const string PartyLabel = "org.fedlab.party";

    /// <summary>Label with what a container is: <see cref="CoordinatorRole"/>, <see cref="ParticipantRole"/> or <see cref="WorkerRole"/>.</summary>
    public const string RoleLabel = "org.fedlab.role";

    /// <summary>Label with a hash of what a container was made from.</summary>
    public const string SpecificationLabel = "org.fedlab.specification";

    /// <summary>A container that runs the coordinator.</summary>
    public const string CoordinatorRole = "coordinator";

    /// <summary>A container that runs a participant.</summary>
    public const string ParticipantRole = "participant";

    /// <summary>A container that computes for a participant.</summary>
    public const string WorkerRole = "worker";

    /// <summary>Name by which participants find the coordinator, and its name among a lab's containers.</summary>
    public const string Coordinator = "coordinator";

    /// <summary>Home folder of every program within its container.</summary>
    public const string Home = "/var/lib/fedlab";

    /// <summary>The engine's socket within the coordinator's container.</summary>
    public const string EngineSocketPath = "/run/engine.sock";

    /// <summary>Name of a container.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="party">Name of the party, or of the coordinator.</param>
    public static string ContainerName(string lab, string party) => $"fedlab-{lab}-{party}";

    /// <summary>Name of the network that an institution and the coordinator share.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="party">Name of the party.</param>
    public static string NetworkName(string lab, string party) => $"fedlab-{lab}-{party}";

    /// <summary>The network through which this machine reaches the coordinator.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    public static NetworkSpecification NetworkOfLead(string lab, string folder) => new() { Name = $"fedlab-{lab}_lead", Labels = LabLabels(lab, folder) };

    /// <summary>A network in which an institution reaches the coordinator and nothing else, not even the engine's machine.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    /// <param name="party">Name of the party.</param>
    public static NetworkSpecification NetworkOf(string lab, string folder, string party) => new() { Name = NetworkName(lab, party), Internal = true, WithoutMachine = true, Labels = LabLabels(lab, folder) };

    /// <summary>The labels that everything of a lab has.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    public static IReadOnlyDictionary<string, string> LabLabels(string lab, string folder) => new Dictionary<string, string>(StringComparer.Ordinal) { [LabLabel] = lab, [FolderLabel] = folder };

    /// <summary>The labels of a container.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    /// <param name="role">What it is.</param>
    /// <param name="party">Name of the party, or of the coordinator.</param>
    public static Dictionary<string, string> ContainerLabels(string lab, string folder, string role, string party) =>
        new(LabLabels(lab, folder), StringComparer.Ordinal) { [RoleLabel] = role, [PartyLabel] = party };

    /// <summary>A participant's container, in its network and confined.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    /// <param name="party">Name of the party.</param>
    /// <param name="home">Its home on the engine's machine.</param>
    /// <param name="image">The participant's image.</param>
    /// <param name="user">User as <c>uid:gid</c>, who owns the home.</param>
    /// <param name="confinement">Its limits.</param>
    public static ContainerSpecification Participant(string lab, string folder, string party, string home, string image, string? user, Confinement confinement) => new()
    {
        Name = ContainerName(lab, party),
        Image = image,
        User = user,
        Labels = ContainerLabels(lab, folder, ParticipantRole, party),
        Mounts = [new BindMount(home, Home)],
        Network = NetworkName(lab, party),
        Confinement = confinement,
        HealthInterval = HealthInterval,
    };

    /// <summary>Name of the service of an institution's scan workers; <c>tasks.NAME</c> is where its participant finds them.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="party">Name of the party.</param>
    public static string WorkersName(string lab, string party) => $"fedlab-{lab}_{party}-workers";

    /// <summary>As <see cref="NetworkOf"/>, over the machines of a swarm.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    /// <param name="party">Name of the party.</param>
    public static NetworkSpecification SwarmNetworkOf(string lab, string folder, string party) =>
        NetworkOf(lab, folder, party) with { Driver = NetworkSpecification.Overlay, ForSwarm = true, Attachable = true };

    /// <summary>A network in which an institution's participant reaches its workers, and they nothing else.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    /// <param name="party">Name of the party.</param>
    public static NetworkSpecification NetworkOfWorkers(string lab, string folder, string party) => new()
    {
        Name = WorkersName(lab, party),
        Internal = true,
        Driver = NetworkSpecification.Overlay,
        ForSwarm = true,
        Labels = LabLabels(lab, folder),
    };

    /// <summary>A scan worker's container: its credential to read and nothing to write.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="folder">The lab's folder.</param>
    /// <param name="party">Name of the party.</param>
    /// <param name="home">Folder with its credential on the engine's machine.</param>
    /// <param name="image">The participant's image.</param>
    /// <param name="user">User as <c>uid:gid</c>, who owns the folder.</param>
    /// <param name="confinement">Its limits.</param>
    public static ContainerSpecification Worker(string lab, string folder, string party, string home, string image, string? user, Confinement confinement) => new()
    {
        Name = WorkersName(lab, party),
        Image = image,
        Command = ["--role", "worker", "--home", Home, "--listen", FormattableString.Invariant($"0.0.0.0:{WorkerPort}")],
        User = user,
        Labels = ContainerLabels(lab, folder, WorkerRole, party),
        Mounts = [new BindMount(home, Home, ReadOnly: true)],
        Confinement = confinement,
        WithoutHealthCheck = true, // the image's looks for a participant
    };

    /// <summary>Port on which scan workers listen.</summary>
    public const int WorkerPort = 7444;

    /// <summary>
    /// Time between health checks. Each of them starts a program; an engine that can ask more often while a container starts
    /// (API 1.44) is the faster to call it healthy.
    /// </summary>
    public static TimeSpan HealthInterval { get; } = TimeSpan.FromSeconds(5);
}
