using System.Security.Cryptography.X509Certificates;
using FedLab.Curve25519;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Participant.Configuration;

/// <summary>A participant's home folder: configuration, keys, certificates of the other parties, runs, audit log.</summary>
internal sealed class ParticipantHome : IDisposable
{
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

    public Uri Coordinator => new(Options.Coordinator);

    public string KeysFolder => Path.Combine(Folder, LabEnrolment.KeysFolder);

    public string AuditFolder => Path.Combine(Folder, "audit");

    public string WitnessFolder => Path.Combine(Folder, "witness");

    public string RunsFolder => Path.Combine(Folder, "runs");

    public string ProposalsFolder => Path.Combine(Folder, "proposals");

    public string LogPath => Path.Combine(Folder, "participant.log");

    public string DataReportPath => Path.Combine(Folder, "data-report.json");

    /// <summary>The key of the coordinator's audit log, as it was seen first.</summary>
    public string CoordinatorKeyPath => Path.Combine(Folder, "coordinator.vkey");

    /// <summary>Reads and checks the whole folder.</summary>
    /// <param name="folder">The home folder.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ConfigurationException">The folder or the configuration is wrong.</exception>
    /// <exception cref="KeyFileException">A key or certificate is wrong.</exception>
    public static ParticipantHome Open(string folder, TimeProvider time)
    {
        if (!System.IO.Directory.Exists(folder)) throw new ConfigurationException(Messages.HomeMissing(folder));
        var path = Path.Combine(folder, "participant.json");
        var options = ConfigurationFile.Read<ParticipantOptions>(path).Validated(path);
        var keys = Path.Combine(folder, LabEnrolment.KeysFolder);
        var certificate = KeyFiles.LoadIdentity(keys);
        if (LabCertificates.NameOf(certificate) != options.Name) throw new ConfigurationException(Messages.FieldInvalid(path, "name", Messages.CertificateOfOther(options.Name, LabCertificates.NameOf(certificate))));
        var authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
        var peers = LabEnrolment.LoadParties(Path.Combine(folder, "peers"), authority, time);
        peers[options.Name] = certificate;
        foreach (var name in (string[])["runs", "proposals", "witness"]) KeyFiles.CreateFolder(Path.Combine(folder, name));
        return new ParticipantHome(folder, options)
        {
            Identity = new PartyIdentity(options.Name, certificate),
            Authority = authority,
            CosigningKey = LabEnrolment.LoadSigningKey(Path.Combine(keys, LabEnrolment.CosigningKey)),
            Directory = new PartyDirectory(peers),
        };
    }

    public void Dispose()
    {
        Directory.Dispose();
        CosigningKey.Dispose();
        Authority.Dispose();
        Identity.Dispose();
    }
}
