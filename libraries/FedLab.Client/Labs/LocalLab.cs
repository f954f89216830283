using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FedLab.Client.Plans;
using FedLab.Data;
using FedLab.Federation.Identity;

namespace FedLab.Client.Labs;

/// <summary>
/// Makes the homes of a lab's coordinator, participants and lead on this machine: keys, certificates and configurations, just
/// as institutions would have them each on a machine of its own.
/// </summary>
internal sealed class LocalLab
{
    /// <summary>Name of the lead who launches the runs of a local lab.</summary>
    public const string LeadName = "lead";

    private const string CoordinatorName = "coordinator";
    private const string Host = "127.0.0.1";
    private const int ReconnectSeconds = 600;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private LocalLab(LabWorkspace workspace, IReadOnlyList<string> parties, int port)
    {
        Workspace = workspace;
        Parties = parties;
        Port = port;
    }

    /// <summary>The lab's folder.</summary>
    public LabWorkspace Workspace { get; }

    /// <summary>Names of the parties.</summary>
    public IReadOnlyList<string> Parties { get; }

    /// <summary>Port of the coordinator.</summary>
    public int Port { get; }

    /// <summary>Address of the coordinator.</summary>
    public Uri Address => new($"https://{Host}:{Port}");

    /// <summary>Makes a lab: an authority, identities, configurations.</summary>
    /// <param name="name">Name of the lab.</param>
    /// <param name="plan">The institutions and their files.</param>
    /// <param name="workspace">Its folder.</param>
    /// <param name="port">Port of the coordinator.</param>
    /// <param name="time">Clock, for the certificates' dates.</param>
    public static LocalLab Create(string name, SimulationPlan plan, LabWorkspace workspace, int port, TimeProvider time)
    {
        using var authority = LabAuthority.Create(name, time);
        authority.Save(workspace.Authority);
        Directory.CreateDirectory(Path.Combine(workspace.Root, "lab", "parties"));
        LabEnrolment.WriteKeys(workspace.Lead, authority, LeadName, LabRole.Lead);
        LabEnrolment.WriteKeys(workspace.Coordinator, authority, CoordinatorName, LabRole.Coordinator);
        foreach (var party in plan.Parties) LabEnrolment.WriteKeys(workspace.Party(party.Name), authority, party.Name, LabRole.Participant);
        foreach (var folder in plan.Parties.Select(party => Path.Combine(workspace.Party(party.Name), "peers")).Append(Path.Combine(workspace.Coordinator, "parties")))
        {
            LabWorkspace.CreateFolder(folder);
            foreach (var party in plan.Parties) File.Copy(CertificateOf(workspace.Party(party.Name)), Path.Combine(folder, party.Name + ".crt.pem"));
        }
        var lab = new LocalLab(workspace, [.. plan.Parties.Select(party => party.Name)], port);
        lab.WriteCoordinator(name);
        foreach (var party in plan.Parties) lab.WriteParticipant(party.Name, party.Source, plan.MinimumCohort);
        return lab;
    }

    /// <summary>Opens a lab again, on another port and with other data files.</summary>
    /// <param name="name">Name of the lab.</param>
    /// <param name="parties">The institutions with their new files.</param>
    /// <param name="minimumCohort">Smallest number of rows on either side of a source's split.</param>
    /// <param name="workspace">Its folder.</param>
    /// <param name="port">Port of the coordinator.</param>
    public static LocalLab Reopen(string name, IReadOnlyList<PartyFile> parties, int minimumCohort, LabWorkspace workspace, int port)
    {
        var lab = new LocalLab(workspace, [.. parties.Select(party => party.Name)], port);
        lab.WriteCoordinator(name);
        foreach (var party in parties) lab.WriteParticipant(party.Name, party.Source, minimumCohort);
        return lab;
    }

    /// <summary>The identity of a party.</summary>
    /// <param name="name">Name of the party.</param>
    public PartyIdentity LoadIdentity(string name) => new(name, KeyFiles.LoadIdentity(KeysOf(Workspace.Party(name))));

    /// <summary>The certificates of all parties.</summary>
    public PartyDirectory LoadDirectory() => new(Parties.Select(name =>
        KeyValuePair.Create(name, KeyFiles.LoadCertificate(CertificateOf(Workspace.Party(name))))));

    /// <summary>The folder of a home's keys.</summary>
    /// <param name="home">The home.</param>
    public static string KeysOf(string home) => Path.Combine(home, LabEnrolment.KeysFolder);

    /// <summary>The certificate of a home.</summary>
    /// <param name="home">The home.</param>
    public static string CertificateOf(string home) => Path.Combine(KeysOf(home), KeyFiles.IdentityCertificate);

    private static string KeyFormatName(KeyFormat? format) => format switch
    {
        null => "auto",
        KeyFormat.Text => "text",
        KeyFormat.UnifiedSocialCreditCode => "uscc",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    private void WriteCoordinator(string name) => Write(Path.Combine(Workspace.Coordinator, "coordinator.json"), new
    {
        lab = name,
        listen = Host,
        port = Port,
        parties = Parties.Select(party => new { name = party }).ToArray(),
        reconnectSeconds = ReconnectSeconds,
    });

    private void WriteParticipant(string name, DataSourceOptions source, int minimumCohort) => Write(Path.Combine(Workspace.Party(name), "participant.json"), new
    {
        name,
        coordinator = Address.GetLeftPart(UriPartial.Authority),
        data = new
        {
            path = source.Path,
            key = source.KeyColumn,
            label = source.LabelColumn,
            fold = source.FoldColumn,
            categorical = source.CategoricalColumns,
            keyFormat = KeyFormatName(source.KeyFormat),
            exclude = source.ExcludedColumns,
        },
        settings = new { minimumCohort, threads = 0 },
        approval = new { automatic = true, purposes = (string[])["credit-risk"], actives = (string[])["*"] },
    });

    private static void Write<T>(string path, T content) =>
        KeyFiles.WriteAtomically(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(content, Json) + "\n"), ownerOnly: true);
}
