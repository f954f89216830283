using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Client.Plans;
using FedLab.Data;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Client.Labs;

/// <summary>
/// Makes the homes of a lab's coordinator, participants and lead on this machine: keys, certificates and configurations, just
/// as institutions would have them each on a machine of its own. Each participant's home has a token, with which its program enrols
/// when it starts.
/// </summary>
internal sealed class LocalLab
{
    /// <summary>Name of the lead who launches the runs of a local lab.</summary>
    public const string LeadName = "lead";

    private const string CoordinatorName = "coordinator";
    private const string Host = "127.0.0.1";
    private const string AllAddresses = "0.0.0.0";
    private const int ReconnectSeconds = 600;

    // A lab that is prepared for containers may be brought up days later.
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(7);

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly string? _coordinatorHost;

    private LocalLab(LabWorkspace workspace, IReadOnlyList<string> parties, int port, string? coordinatorHost = null)
    {
        Workspace = workspace;
        Parties = parties;
        Port = port;
        _coordinatorHost = coordinatorHost;
    }

    /// <summary>The lab's folder.</summary>
    public LabWorkspace Workspace { get; }

    /// <summary>Names of the parties.</summary>
    public IReadOnlyList<string> Parties { get; }

    /// <summary>Port of the coordinator.</summary>
    public int Port { get; }

    /// <summary>Address of the coordinator.</summary>
    public Uri Address => new($"https://{_coordinatorHost ?? Host}:{Port}");

    /// <summary>Makes a lab: an authority, identities, configurations.</summary>
    /// <param name="name">Name of the lab.</param>
    /// <param name="plan">The institutions and their files.</param>
    /// <param name="workspace">Its folder.</param>
    /// <param name="port">Port of the coordinator.</param>
    /// <param name="time">Clock, for the certificates' dates.</param>
    /// <param name="coordinatorHost">
    /// Name by which the participants reach the coordinator, when the homes are for other machines or containers: then it listens on all
    /// addresses, and each institution's file is copied into its home. Null for a lab on this machine alone.
    /// </param>
    /// <param name="publishes">
    /// Whether the institutions publish catalogues, as they do in a lab that stays up: it is one person's, who is to see them. In a run that ends with its lab
    /// nobody can look, and only made-up institutions publish.
    /// </param>
    /// <param name="isIssued">Whether the participants get their certificates at once, as they need them where no program enrols them: in a run in memory.</param>
    public static LocalLab Create(string name, ILabPlan plan, LabWorkspace workspace, int port, TimeProvider time, string? coordinatorHost = null, bool publishes = false, bool isIssued = false)
    {
        using var authority = LabAuthority.Create(name, time);
        Directory.CreateDirectory(Path.Combine(workspace.Root, "lab", "parties"));
        LabEnrolment.WriteKeys(workspace.Lead, authority, LeadName, LabRole.Lead);
        LabEnrolment.WriteKeys(workspace.Coordinator, authority, CoordinatorName, LabRole.Coordinator, coordinatorHost is null ? null : [coordinatorHost]);
        authority.Save(workspace.Authority);
        var lab = new LocalLab(workspace, [.. plan.Parties.Select(party => party.Name)], port, coordinatorHost);
        if (isIssued) lab.Issue(authority);
        lab.WriteCoordinator(name, isIssued ? [] : lab.Invite(name, authority, time.GetUtcNow() + TokenLifetime));
        foreach (var party in plan.Parties) lab.WriteParticipant(party.Name, coordinatorHost is null ? party.Source : Moved(party.Source, workspace.Party(party.Name)), publishes || party.Description is not null ? CatalogueOf(party.Description) : null, plan.MinimumCohort, plan.AllowsTwoBanks, plan.AllowsThresholdKeys);
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
        lab.WriteCoordinator(name, []); // those who enrolled are in the coordinator's state
        foreach (var party in parties) lab.WriteParticipant(party.Name, party.Source, lab.CatalogueOf(party.Name), minimumCohort, allowsTwoBanks: false, allowsThresholdKeys: false);
        return lab;
    }

    /// <summary>Has the homes of a lab of this machine say another port, where they do not yet.</summary>
    /// <param name="parties">Names of its institutions.</param>
    /// <param name="workspace">Its folder.</param>
    /// <param name="port">Port of the coordinator.</param>
    /// <exception cref="ConfigurationException">What is in the homes is malformed.</exception>
    /// <exception cref="EnrolmentException">A token that is still to be redeemed is damaged.</exception>
    public static void Move(IReadOnlyList<string> parties, LabWorkspace workspace, int port)
    {
        var lab = new LocalLab(workspace, parties, port);
        var address = lab.Address.GetLeftPart(UriPartial.Authority);
        foreach (var home in parties.Select(workspace.Party))
        {
            Set(Path.Combine(home, "participant.json"), "coordinator", address);
            var file = Path.Combine(home, EnrolmentToken.FileName);
            if (File.Exists(file) && EnrolmentToken.Parse(File.ReadAllText(file)) is var token && token.Coordinator != lab.Address) KeyFiles.WriteSecret(file, token.At(lab.Address).ToText());
        }
        Set(Path.Combine(workspace.Coordinator, "coordinator.json"), "port", port);
    }

    /// <summary>The identity of a party.</summary>
    /// <param name="name">Name of the party.</param>
    public PartyIdentity LoadIdentity(string name) => new(name, KeyFiles.LoadIdentity(KeysOf(Workspace.Party(name))));

    /// <summary>The identity of the coordinator.</summary>
    public PartyIdentity LoadCoordinator() => new(CoordinatorName, KeyFiles.LoadIdentity(KeysOf(Workspace.Coordinator)));

    /// <summary>The certificates of all parties.</summary>
    public PartyDirectory LoadDirectory() => new(Parties.Select(name =>
        KeyValuePair.Create(name, KeyFiles.LoadCertificate(CertificateOf(Workspace.Party(name))))));

    /// <summary>The folder of a home's keys.</summary>
    /// <param name="home">The home.</param>
    public static string KeysOf(string home) => Path.Combine(home, LabEnrolment.KeysFolder);

    /// <summary>The certificate of a home.</summary>
    /// <param name="home">The home.</param>
    public static string CertificateOf(string home) => Path.Combine(KeysOf(home), KeyFiles.IdentityCertificate);

    /// <summary>Writes the participants' keys and certificates into their homes and makes all known to all.</summary>
    private void Issue(LabAuthority authority)
    {
        foreach (var party in Parties) LabEnrolment.WriteKeys(Workspace.Party(party), authority, party, LabRole.Participant);
        foreach (var folder in Parties.Select(party => Path.Combine(Workspace.Party(party), "peers")).Append(CertificatesFolder))
        {
            LabWorkspace.CreateFolder(folder);
            foreach (var party in Parties) File.Copy(CertificateOf(Workspace.Party(party)), Path.Combine(folder, party + ".crt.pem"));
        }
    }

    /// <summary>Writes a token into each participant's home.</summary>
    /// <returns>What the coordinator is to know of them.</returns>
    private object[] Invite(string name, LabAuthority authority, DateTimeOffset expires) => [.. Parties.Select(party =>
    {
        var token = EnrolmentToken.Create(name, Address, LabFingerprint.Of(authority.Certificate));
        KeyFiles.CreateFolder(Workspace.Party(party));
        KeyFiles.WriteSecret(Path.Combine(Workspace.Party(party), EnrolmentToken.FileName), token.ToText());
        return new { name = party, tokenSha256 = Convert.ToHexStringLower(token.Hash), expires };
    })];

    /// <summary>The catalogue of an institution that publishes everything that it may.</summary>
    private static JsonNode? CatalogueOf(PartyDescription? description) => JsonSerializer.SerializeToNode(
        new
        {
            publish = true,
            rows = true,
            title = description?.Title,
            titleZh = description?.TitleZh,
            describe = description?.Columns.ToDictionary(column => column.Key, column => new { title = column.Value.Title, titleZh = column.Value.TitleZh, unit = column.Value.Unit }, StringComparer.Ordinal),
        },
        Json);

    /// <summary>What a party's configuration says of its catalogue.</summary>
    private JsonNode? CatalogueOf(string party) => ConfigurationFile.ReadObject(Path.Combine(Workspace.Party(party), "participant.json"))["catalogue"]?.DeepClone();

    private static string KeyFormatName(KeyFormat? format) => format switch
    {
        null => "auto",
        KeyFormat.Text => "text",
        KeyFormat.UnifiedSocialCreditCode => "uscc",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <summary>Copies a party's file into its home and names it from there.</summary>
    private static DataSourceOptions Moved(DataSourceOptions source, string home)
    {
        var name = Path.GetFileName(source.Path);
        File.Copy(source.Path, Path.Combine(home, name));
        return source with { Path = name };
    }

    /// <summary>Certificates of parties that did not enrol with the coordinator.</summary>
    private string CertificatesFolder => Path.Combine(Workspace.Coordinator, "parties");

    private void WriteCoordinator(string name, object[] invitations) => Write(Path.Combine(Workspace.Coordinator, "coordinator.json"), new
    {
        lab = name,
        listen = _coordinatorHost is null ? Host : AllAddresses,
        port = Port,
        parties = Directory.Exists(CertificatesFolder) ? Parties.Select(party => new { name = party }).ToArray() : null,
        invitations = invitations.Length > 0 ? invitations : null,
        reconnectSeconds = ReconnectSeconds,
    });

    private void WriteParticipant(string name, DataSourceOptions source, JsonNode? catalogue, int minimumCohort, bool allowsTwoBanks, bool allowsThresholdKeys) => Write(Path.Combine(Workspace.Party(name), "participant.json"), new
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
        catalogue,
        settings = new { minimumCohort, threads = 0 },
        approval = new
        {
            automatic = true,
            purposes = (string[])["credit-risk"],
            actives = (string[])["*"],
            // Exceptions stand in a policy only where they are wanted.
            twoBanks = allowsTwoBanks ? true : (bool?)null,
            thresholdKeys = allowsThresholdKeys ? true : (bool?)null,
        },
    });

    private static void Set(string path, string field, JsonNode value)
    {
        var content = ConfigurationFile.ReadObject(path);
        if (JsonNode.DeepEquals(content[field], value)) return;
        content[field] = value;
        Write(path, content);
    }

    private static void Write<T>(string path, T content) =>
        KeyFiles.WriteAtomically(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(content, Json) + "\n"), ownerOnly: true);
}
