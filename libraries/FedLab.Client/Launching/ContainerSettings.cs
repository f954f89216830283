using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Containers.Labs;
using FedLab.Federation.Identity;

namespace FedLab.Client.Launching;

/// <summary>How a lab's containers are made.</summary>
public sealed record ContainerSettings
{
    /// <summary>Tag of the images.</summary>
    public string Tag { get; init; } = "latest";

    /// <summary>Largest memory of each container in mebibytes; 0: no limit.</summary>
    public int MemoryMiB { get; init; } = 4096;

    /// <summary>Whether the participants are services of a swarm.</summary>
    public bool Swarm { get; init; }

    /// <summary>In a swarm, by party: where it may run, such as <c>node.labels.bank==a</c>. Its home must be at the same path there.</summary>
    public ILookup<string, string> Constraints { get; init; } = Array.Empty<string>().ToLookup(text => text, StringComparer.Ordinal);

    /// <summary>In a swarm, by party: how many scan workers it has.</summary>
    public IReadOnlyDictionary<string, int> Workers { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>The coordinator's image.</summary>
    public string CoordinatorImage => $"fedlab/coordinator:{Tag}";

    /// <summary>The participants' image.</summary>
    public string ParticipantImage => $"fedlab/participant:{Tag}";

    /// <summary>Writes the section <c>containers</c> into the coordinator's configuration.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="user">Whom the containers run as.</param>
    internal void WriteInto(LaunchedLab lab, string user)
    {
        var path = Path.Combine(lab.Workspace.Coordinator, "coordinator.json");
        var configuration = Read(path);
        configuration["containers"] = new JsonObject
        {
            ["engine"] = LabContainers.EngineSocketPath,
            ["self"] = LabContainers.ContainerName(lab.Name, LabContainers.Coordinator),
            ["folder"] = lab.Workspace.Root,
            ["image"] = ParticipantImage,
            ["user"] = user,
            ["memoryMiB"] = MemoryMiB,
            ["swarm"] = Swarm,
            ["participants"] = new JsonArray([.. lab.Parties.Select(party => (JsonNode)Participant(lab, party))]),
        };
        Write(path, configuration);
        foreach (var party in lab.Parties) WriteWorkers(lab, party);
    }

    /// <summary>Folder with the credential of a party's scan workers.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="party">Name of the party.</param>
    internal static string WorkerHome(LaunchedLab lab, string party) => Path.Combine(lab.Workspace.Root, "lab", "workers", party);

    private static void Write(string path, JsonObject configuration) => KeyFiles.WriteAtomically(path, Encoding.UTF8.GetBytes(configuration.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n"), ownerOnly: true);

    private static JsonObject Read(string path) =>
        JsonNode.Parse(File.ReadAllBytes(path), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject();

    private JsonObject Participant(LaunchedLab lab, string party)
    {
        var participant = new JsonObject { ["name"] = party, ["home"] = lab.Workspace.Party(party) };
        if (Constraints.Contains(party)) participant["constraints"] = new JsonArray([.. Constraints[party].Select(text => (JsonNode)text)]);
        if (Workers.TryGetValue(party, out var workers) && workers > 0) (participant["workers"], participant["workerHome"]) = (workers, WorkerHome(lab, party));
        return participant;
    }

    /// <summary>Tells a participant where its workers are, or that it has none any more.</summary>
    private void WriteWorkers(LaunchedLab lab, string party)
    {
        var path = Path.Combine(lab.Workspace.Party(party), "participant.json");
        var configuration = Read(path);
        var address = Workers.GetValueOrDefault(party) > 0 ? FormattableString.Invariant($"tasks.{LabContainers.WorkersName(lab.Name, party)}:{LabContainers.WorkerPort}") : null;
        if (configuration["workers"]?["address"]?.GetValue<string>() == address) return;
        if (address is null) configuration.Remove("workers");
        else configuration["workers"] = new JsonObject { ["address"] = address };
        Write(path, configuration);
    }
}
