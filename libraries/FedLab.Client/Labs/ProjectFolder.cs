using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FedLab.Client.Resources;
using FedLab.Client.Wording;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Client.Labs;

/// <summary>
/// The folder of a project as its lead makes it.
/// <code>
///   project.json      name, coordinator's address, fingerprint
///   coordinator/      home of the coordinator, with its keys and the project's certificate authority: to be moved to its machine
///   lead/keys/        identity of the lead
/// </code>
/// </summary>
public sealed class ProjectFolder
{
    /// <summary>File with the project's name and address.</summary>
    public const string FileName = "project.json";

    private const string CoordinatorFolder = "coordinator";
    private const string LeadFolder = "lead";
    private const string CoordinatorName = "coordinator";
    private const string AllAddresses = "0.0.0.0";
    private const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private ProjectFolder(string root, string name, Uri coordinator, string fingerprint) => (Root, Name, Coordinator, Fingerprint) = (root, name, coordinator, fingerprint);

    /// <summary>The folder, absolute.</summary>
    public string Root { get; }

    /// <summary>Name of the project.</summary>
    public string Name { get; }

    /// <summary>The coordinator, <c>https://host:port</c>.</summary>
    public Uri Coordinator { get; }

    /// <summary>The authority's fingerprint in groups of four digits.</summary>
    public string Fingerprint { get; }

    /// <summary>Home of the coordinator.</summary>
    public string CoordinatorHome => Path.Combine(Root, CoordinatorFolder);

    /// <summary>The project's certificate authority; it may have been moved away with the coordinator's home.</summary>
    public string Authority => Path.Combine(CoordinatorHome, "authority");

    /// <summary>Keys of the lead.</summary>
    public string LeadKeys => Path.Combine(Root, LeadFolder, LabEnrolment.KeysFolder);

    /// <summary>Reads the host and port by which participants reach a coordinator.</summary>
    /// <param name="text"><c>HOST</c> or <c>HOST:PORT</c>; the default port is <see cref="LabPreparation.DefaultPort"/>.</param>
    /// <exception cref="ClientException">It is neither.</exception>
    public static Uri ParseHost(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var port = LabPreparation.DefaultPort;
        if (colon >= 0 && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)) throw ClientException.Usage(Messages.PortInvalid(text));
        LabPreparation.CheckHost(host);
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{host}:{port}"));
    }

    /// <summary>Makes a project: an authority, the coordinator's home with the authority's key, the lead's identity.</summary>
    /// <param name="root">The folder; it may not exist yet, or be empty.</param>
    /// <param name="name">Name of the project.</param>
    /// <param name="coordinator">Where participants are to reach the coordinator.</param>
    /// <param name="lead">Name of the lead.</param>
    /// <param name="time">Clock, for the certificates' dates.</param>
    /// <exception cref="ClientException">A name is not a name, or the folder is not vacant or cannot be written.</exception>
    public static ProjectFolder Create(string root, string name, Uri coordinator, string lead, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(coordinator);
        if (!EnvelopeHeader.IsName(name)) throw ClientException.Usage(Messages.ProjectNameInvalid(name));
        if (!EnvelopeHeader.IsName(lead)) throw ClientException.Usage(Messages.ProjectNameInvalid(lead));
        var workspace = LabWorkspace.Create(root);
        using var authority = LabAuthority.Create(name, time);
        var project = new ProjectFolder(workspace.Root, name, coordinator, LabFingerprint.TextOf(authority.Certificate));
        try
        {
            LabEnrolment.WriteKeys(Path.Combine(project.Root, LeadFolder), authority, lead, LabRole.Lead);
            LabEnrolment.WriteKeys(project.CoordinatorHome, authority, CoordinatorName, LabRole.Coordinator, [coordinator.Host]);
            authority.Save(project.Authority);
            Write(Path.Combine(project.CoordinatorHome, "coordinator.json"), new { lab = name, listen = AllAddresses, port = coordinator.Port });
            // Last: a folder with this file is whole.
            Write(Path.Combine(project.Root, FileName), new StoredProject(CurrentVersion, name, coordinator.GetLeftPart(UriPartial.Authority), project.Fingerprint));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientException(Messages.OutNotWritable(root, e.Message, CallerWords.CommandLine), e);
        }
        return project;
    }

    /// <summary>Opens a project.</summary>
    /// <param name="root">Its folder.</param>
    /// <exception cref="ClientException">There is none.</exception>
    /// <exception cref="ConfigurationException"><c>project.json</c> is malformed.</exception>
    public static ProjectFolder Open(string root)
    {
        var path = Path.Combine(Path.GetFullPath(root), FileName);
        if (!File.Exists(path)) throw ClientException.Usage(Messages.ProjectMissing(root));
        var stored = ConfigurationFile.Read<StoredProject>(path);
        if (stored.Version != CurrentVersion || !Uri.TryCreate(stored.Coordinator, UriKind.Absolute, out var coordinator) || coordinator.Scheme != Uri.UriSchemeHttps) throw ClientException.Usage(Messages.ProjectUnreadable(path));
        return new ProjectFolder(Path.GetFullPath(root), stored.Name, coordinator, stored.Fingerprint);
    }

    private static void Write<T>(string path, T content) => KeyFiles.WriteAtomically(path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(content, Json) + "\n"), ownerOnly: true);

    private sealed record StoredProject(int Version, string Name, string Coordinator, string Fingerprint);
}
