using System.Security.Cryptography.X509Certificates;
using FedLab.Curve25519;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;
using FedLab.Participant.Enrolment;
using FedLab.Sources;

namespace FedLab.Participant.Configuration;

/// <summary>A participant's home folder: configuration, keys, certificates of the other parties, runs, audit log.</summary>
internal sealed class ParticipantHome : IDisposable
{
    /// <summary>Name of the configuration in the home folder.</summary>
    public const string ConfigurationFileName = HomeConfiguration.FileName;

    /// <summary>Name of the folder with the pinned certificates of the other parties.</summary>
    public const string PeersFolderName = "peers";

    private ParticipantHome(string folder, ParticipantOptions options)
    {
        Folder = folder;
        Options = options;
    }

    public string Folder { get; }

    public ParticipantOptions Options { get; }

    public required PartyIdentity Identity { get; init; }

    public required X509Certificate2 Authority { get; init; }

    public required Ed25519PrivateKey CosigningKey { get; init; }

    public required PartyDirectory Directory { get; init; }

    /// <summary>The pinned certificates of the other parties.</summary>
    public required PeerBook Peers { get; init; }

    public Uri Coordinator => new(Options.Coordinator);

    public string KeysFolder => Path.Combine(Folder, LabEnrolment.KeysFolder);

    public string AuditFolder => Path.Combine(Folder, "audit");

    public string WitnessFolder => Path.Combine(Folder, "witness");

    public string RunsFolder => Path.Combine(Folder, "runs");

    public string ProposalsFolder => Path.Combine(Folder, "proposals");

    public string ConfigurationPath => Path.Combine(Folder, ConfigurationFileName);

    public string LogPath => Path.Combine(Folder, "participant.log");

    public string DataReportPath => Path.Combine(Folder, "data-report.json");

    /// <summary>The catalogue that is published, as the audit logs have its hash.</summary>
    public string CataloguePath => Path.Combine(Folder, "catalogue.json");

    /// <summary>The key of the coordinator's audit log, as it was seen first.</summary>
    public string CoordinatorKeyPath => Path.Combine(Folder, "coordinator.vkey");

    /// <summary>Reads and checks the whole folder.</summary>
    /// <param name="folder">The home folder.</param>
    /// <param name="settings">The command line's settings, each <c>field=value</c>.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ConfigurationException">The folder or the configuration is wrong.</exception>
    /// <exception cref="KeyFileException">A key or certificate is wrong.</exception>
    public static ParticipantHome Open(string folder, IReadOnlyList<string> settings, TimeProvider time)
    {
        if (!System.IO.Directory.Exists(folder)) throw new ConfigurationException(Messages.HomeMissing(folder));
        var path = Path.Combine(folder, ConfigurationFileName);
        var options = ReadOptions(folder, settings);
        var keys = Path.Combine(folder, LabEnrolment.KeysFolder);
        var certificate = KeyFiles.LoadIdentity(keys);
        if (LabCertificates.NameOf(certificate) != options.Name) throw new ConfigurationException(Messages.FieldInvalid(path, "name", Messages.CertificateOfOther(options.Name, LabCertificates.NameOf(certificate))));
        options.Workers?.RequireCredential(folder);
        var authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
        var directory = new PartyDirectory([KeyValuePair.Create(options.Name, certificate)]);
        var peers = new PeerBook(Path.Combine(folder, PeersFolderName), options.Name, authority, directory, time);
        peers.Load();
        foreach (var name in (string[])["runs", "proposals", "witness"]) KeyFiles.CreateFolder(Path.Combine(folder, name));
        return new ParticipantHome(folder, options)
        {
            Identity = new PartyIdentity(options.Name, certificate),
            Authority = authority,
            CosigningKey = LabEnrolment.LoadSigningKey(Path.Combine(keys, LabEnrolment.CosigningKey)),
            Directory = directory,
            Peers = peers,
        };
    }

    /// <summary>Reads and checks the configuration alone.</summary>
    /// <param name="folder">The home folder.</param>
    /// <param name="settings">The command line's settings, each <c>field=value</c>.</param>
    /// <exception cref="ConfigurationException">It is missing or wrong.</exception>
    public static ParticipantOptions ReadOptions(string folder, IReadOnlyList<string> settings)
    {
        var (options, source) = LayeredConfiguration.Read<ParticipantOptions>(Path.Combine(folder, ConfigurationFileName), settings);
        return options.Validated(source);
    }

    /// <summary>Takes a later certificate of this party and writes it before the ones that it had.</summary>
    /// <param name="certificate">The certificate with its private key.</param>
    public void Renew(X509Certificate2 certificate)
    {
        var path = Path.Combine(KeysFolder, KeyFiles.IdentityCertificate);
        KeyFiles.SaveCertificates(path, certificate, KeyFiles.LoadCertificates(path));
        Identity.Renew(certificate);
    }

    public void Dispose()
    {
        Peers.Dispose();
        Directory.Dispose();
        CosigningKey.Dispose();
        Authority.Dispose();
        Identity.Dispose();
    }
}
