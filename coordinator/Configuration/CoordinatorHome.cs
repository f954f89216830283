using System.Security.Cryptography.X509Certificates;
using FedLab.Curve25519;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Coordinator.Configuration;

/// <summary>A coordinator's home folder: configuration, keys, certificates of the parties, state, audit log, models.</summary>
internal sealed class CoordinatorHome : IDisposable
{
    private CoordinatorHome(string folder, CoordinatorOptions options)
    {
        Folder = folder;
        Options = options;
    }

    public string Folder { get; }

    public CoordinatorOptions Options { get; }

    public required X509Certificate2 Certificate { get; init; }

    public required X509Certificate2 Authority { get; init; }

    public required Ed25519PrivateKey LogKey { get; init; }

    public required IReadOnlyDictionary<string, X509Certificate2> PartyCertificates { get; init; }

    public required PartyDirectory Directory { get; init; }

    public string StatePath => Path.Combine(Folder, "state.db");

    public string AuditFolder => Path.Combine(Folder, "audit");

    public string LogPath => Path.Combine(Folder, "coordinator.log");

    public string ModelFolder(string run) => Path.Combine(Folder, "models", run);

    /// <summary>Reads and checks the whole folder.</summary>
    /// <param name="folder">The home folder.</param>
    /// <param name="port">Overrides the configuration's port.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ConfigurationException">The folder or the configuration is wrong.</exception>
    /// <exception cref="KeyFileException">A key or certificate is wrong.</exception>
    public static CoordinatorHome Open(string folder, int? port, TimeProvider time)
    {
        if (!System.IO.Directory.Exists(folder)) throw new ConfigurationException(Messages.HomeMissing(folder));
        var path = Path.Combine(folder, "coordinator.json");
        var options = ConfigurationFile.Read<CoordinatorOptions>(path).Validated(path);
        if (port is { } other) options = (options with { Port = other }).Validated(path);
        var keys = Path.Combine(folder, LabEnrolment.KeysFolder);
        var certificate = KeyFiles.LoadIdentity(keys);
        var authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
        if (LabCertificates.Refusal(certificate, authority, LabRole.Coordinator, time) is { } refusal) throw new KeyFileException(refusal);
        var parties = LabEnrolment.LoadParties(Path.Combine(folder, "parties"), authority, time);
        foreach (var party in options.Parties)
        {
            if (!parties.ContainsKey(party.Name)) throw new ConfigurationException(Messages.PartyWithoutCertificate(party.Name, Path.Combine(folder, "parties", party.Name + ".crt.pem")));
        }
        return new CoordinatorHome(folder, options)
        {
            Certificate = certificate,
            Authority = authority,
            LogKey = LabEnrolment.LoadSigningKey(Path.Combine(keys, LabEnrolment.LogKey)),
            PartyCertificates = parties,
            Directory = new PartyDirectory(parties.Where(pair => options.Parties.Any(party => party.Name == pair.Key))),
        };
    }

    public void Dispose()
    {
        Directory.Dispose();
        LogKey.Dispose();
        Certificate.Dispose();
        Authority.Dispose();
        foreach (var certificate in PartyCertificates.Values) certificate.Dispose();
    }
}
