using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Containers.Labs;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Client.Launching;

/// <summary>What the programs of a lab run as.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LaunchKind>))]
public enum LaunchKind
{
    /// <summary>Processes of this machine.</summary>
    Processes,

    /// <summary>Containers of an engine.</summary>
    Containers,
}

/// <summary>
/// A lab of one person that was made to be brought up: homes, keys, data and the specification of an experiment in one folder
/// (<see cref="LabWorkspace"/>), with <c>up.json</c>, by which the commands find it again. It can be taken down and brought up any number of times.
/// </summary>
public sealed class LaunchedLab
{
    private const string RecordFile = "up.json";
    private const string CatalogueFile = "catalogue.json";

    private static readonly TimeSpan CataloguePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CataloguePause = TimeSpan.FromMilliseconds(50);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    private Record _record;

    private LaunchedLab(LabWorkspace workspace, Record record) => (Workspace, _record) = (workspace, record);

    /// <summary>The lab's folder.</summary>
    public LabWorkspace Workspace { get; }

    /// <summary>Its name.</summary>
    public string Name => _record.Lab;

    /// <summary>What its programs run as.</summary>
    public LaunchKind Kind => _record.Kind;

    /// <summary>Names of its parties.</summary>
    public IReadOnlyList<string> Parties => _record.Parties;

    /// <summary>The port at which this machine reaches its coordinator. A lab for which no port was asked gets another one when it is brought up and its port is taken.</summary>
    public int Port => _record.Port;

    /// <summary>Whether any port will do.</summary>
    internal bool HasAnyPort => _record.AnyPort;

    /// <summary>The port of the coordinator in its own configuration.</summary>
    internal int OwnPort => _record.OwnPort;

    /// <summary>Where its coordinator is reached from this machine.</summary>
    public Uri Address => new(FormattableString.Invariant($"https://localhost:{Port}"));

    /// <summary>Folder with the lead's keys.</summary>
    public string Keys => LocalLab.KeysOf(Workspace.Lead);

    /// <summary>The specification of the experiment that it was made for.</summary>
    public string Specification => Path.Combine(Workspace.Root, LabPreparation.SpecificationFile);

    /// <summary>Opens the lab of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>Null when no lab was made there.</returns>
    /// <exception cref="ConfigurationException">What is there is malformed.</exception>
    public static LaunchedLab? Find(string folder)
    {
        var workspace = LabWorkspace.Open(folder);
        var path = Path.Combine(workspace.Root, RecordFile);
        return File.Exists(path) ? new LaunchedLab(workspace, ConfigurationFile.Read<Record>(path)) : null;
    }

    /// <summary>Makes a lab: homes, keys, configurations, and the specification.</summary>
    /// <param name="kind">What its programs are to run as.</param>
    /// <param name="plan">The institutions and their files.</param>
    /// <param name="spec">The experiment; the lab has its name.</param>
    /// <param name="workspace">The folder.</param>
    /// <param name="time">Clock, for the certificates' dates.</param>
    /// <exception cref="ClientException">The port asked for is in use, or a name cannot be that of a container.</exception>
    public static LaunchedLab Prepare(LaunchKind kind, ILabPlan plan, ExperimentSpec spec, LabWorkspace workspace, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(workspace);
        CheckNames(kind, spec.Name, plan);
        // Before anything is written: a port in use leaves no folder behind.
        using var asked = plan.Port is { } wanted ? LocalPort.Take(wanted) : null;
        var port = asked?.Number ?? LocalPort.ChooseFrom(LabPreparation.DefaultPort);
        if (kind == LaunchKind.Processes)
        {
            LocalLab.Create(spec.Name, plan, workspace, port, time, publishes: true);
            KeyFiles.WriteAtomically(Path.Combine(workspace.Root, LabPreparation.SpecificationFile), spec.ToBytes(), ownerOnly: false);
        }
        else
        {
            LabPreparation.Write(plan, spec, workspace, LabContainers.Coordinator, time);
        }
        var record = new Record(spec.Name, kind, [.. plan.Parties.Select(party => party.Name)], port, kind == LaunchKind.Processes ? port : plan.Port ?? LabPreparation.DefaultPort, plan.Port is null);
        Write(workspace, record);
        return new LaunchedLab(workspace, record);
    }

    /// <summary>
    /// Takes a lab back that has never been up, by whoever has just made it: its folder is as it was before, without what the making and the attempt to bring it up have
    /// written, and gone when it was made for the lab. Nothing of it may run.
    /// </summary>
    /// <returns>False when something of it could not be removed; a lab that cannot be found again is then there no more.</returns>
    public bool TakeBack() => Workspace.Clear([RecordFile, LabPreparation.SpecificationFile, DetachedLab.LogName]);

    /// <summary>Reads again what the process that runs the lab may have changed: its port.</summary>
    /// <exception cref="ConfigurationException">What is there is malformed.</exception>
    public void Refresh() => _record = ConfigurationFile.Read<Record>(Path.Combine(Workspace.Root, RecordFile));

    /// <summary>
    /// Sees to it that the lab's port can be listened on, by the one process that runs the lab. Two labs that are made at once find the same port free, and one that is brought
    /// up again may find another lab at its port: the lab moves to the next one, unless a port was asked for when it was made.
    /// </summary>
    /// <exception cref="ClientException">The port that was asked for is in use.</exception>
    /// <exception cref="ConfigurationException">What is in the homes is malformed.</exception>
    internal void TakePort()
    {
        if (!HasAnyPort)
        {
            LocalPort.Take(Port).Dispose();
            return;
        }
        var port = LocalPort.ChooseFrom(Port);
        // Also where the port stays: a move that was cut off is brought to its end.
        if (Kind == LaunchKind.Processes) LocalLab.Move(Parties, Workspace, port);
        if (port == Port) return;
        _record = _record with { Port = port, OwnPort = Kind == LaunchKind.Processes ? port : OwnPort };
        Write(Workspace, _record);
    }

    /// <summary>
    /// Waits until the coordinator shows what the institutions of a lab of processes publish: they send it once they are connected, and whoever is told that the lab is up looks at it. Not
    /// for long: the coordinator may refuse one.
    /// </summary>
    /// <param name="connection">The lab.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async Task WaitForCataloguesAsync(LabConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!await ShowsCataloguesAsync(connection, cancellationToken) && time.GetElapsedTime(started) < CataloguePatience) await Task.Delay(CataloguePause, time, cancellationToken);
    }

    private async Task<bool> ShowsCataloguesAsync(LabConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var shown = (await connection.ListInstitutionsAsync(cancellationToken)).ToDictionary(institution => institution.Name, institution => institution.CatalogueSha256, StringComparer.Ordinal);
            // What is in a home's file is what its hash is of.
            return Parties
                .Select(party => (Party: party, File: Path.Combine(Workspace.Party(party), CatalogueFile)))
                .Where(home => File.Exists(home.File))
                .All(home => shown.GetValueOrDefault(home.Party) == Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(home.File))));
        }
        catch (ClientException)
        {
            return false; // whoever asks for the catalogues hears why
        }
    }

    private static void Write(LabWorkspace workspace, Record record) =>
        KeyFiles.WriteAtomically(Path.Combine(workspace.Root, RecordFile), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(record, Json) + "\n"), ownerOnly: false);

    private static void CheckNames(LaunchKind kind, string lab, ILabPlan plan)
    {
        if (kind == LaunchKind.Processes) return;
        // Engines want a letter or digit first; everything that our names allow otherwise they allow too.
        foreach (var name in plan.Parties.Select(party => party.Name).Prepend(lab))
        {
            if (name.Length > 48) throw ClientException.Usage(LaunchMessages.NameTooLong(name, 48));
        }
        if (plan.Parties.Any(party => party.Name == LabContainers.Coordinator)) throw ClientException.Usage(LaunchMessages.PartyIsCoordinator);
    }

    private sealed record Record(string Lab, LaunchKind Kind, IReadOnlyList<string> Parties, int Port, int OwnPort, bool AnyPort = false);
}
