using System.Security.Cryptography.X509Certificates;
using FedLab.Curve25519;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;

namespace FedLab.Coordinator.Configuration;

/// <summary>A coordinator's home folder: configuration, keys, certificates of the parties, state, audit log, models.</summary>
internal sealed class CoordinatorHome : IDisposable
{
    /// <summary>Name of the configuration in the home folder.</summary>
    public const string ConfigurationFileName = "coordinator.json";

    private const string AuthorityFolderName = "authority";
    private const string PartiesFolderName = "parties";

    private CoordinatorHome(string folder, CoordinatorOptions options)
    {
        Folder = folder;
        Options = options;
    }

    public string Folder { get; }

    public CoordinatorOptions Options { get; }

    /// <summary>The certificate in force.</summary>
    public X509Certificate2 Certificate => Identity.Certificate;

    /// <summary>The name and key with which the coordinator signs what it says in a protocol.</summary>
    public required PartyIdentity Identity { get; init; }

    public required X509Certificate2 Authority { get; init; }

    /// <summary>The authority with its key, with which this coordinator enrols, renews and revokes; null when the key is kept elsewhere.</summary>
    public LabAuthority? Signer { get; init; }

    public required Ed25519PrivateKey LogKey { get; init; }

    public required IReadOnlyDictionary<string, X509Certificate2> PartyCertificates { get; init; }

    public string StatePath => Path.Combine(Folder, "state.db");

    public string AuthorityFolder => Path.Combine(Folder, AuthorityFolderName);

    public string AuditFolder => Path.Combine(Folder, "audit");

    public string LogPath => Path.Combine(Folder, "coordinator.log");

    public string ModelFolder(string run) => Path.Combine(Folder, "models", run);

    /// <summary>Reads and checks the whole folder.</summary>
    /// <param name="folder">The home folder.</param>
    /// <param name="port">Overrides the configuration's port.</param>
    /// <param name="settings">The command line's settings, each <c>field=value</c>.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="ConfigurationException">The folder or the configuration is wrong.</exception>
    /// <exception cref="KeyFileException">A key or certificate is wrong.</exception>
    public static CoordinatorHome Open(string folder, int? port, IReadOnlyList<string> settings, TimeProvider time)
    {
        if (!System.IO.Directory.Exists(folder)) throw new ConfigurationException(Messages.HomeMissing(folder));
        var path = Path.Combine(folder, ConfigurationFileName);
        var (options, source) = LayeredConfiguration.Read<CoordinatorOptions>(path, settings);
        options = (port is { } other ? options with { Port = other } : options).Validated(source);
        var keys = Path.Combine(folder, LabEnrolment.KeysFolder);
        var certificate = KeyFiles.LoadIdentity(keys);
        var authority = KeyFiles.LoadCertificate(Path.Combine(keys, LabAuthority.CertificateFile));
        var signer = LoadSigner(Path.Combine(folder, AuthorityFolderName), authority, time);
        // With the authority's key at hand an expired certificate is renewed before anybody sees it.
        if (LabCertificates.Refusal(certificate, authority, LabRole.Coordinator, signer is null ? time : null) is { } refusal) throw new KeyFileException(refusal);
        if (options.Invitations.Count > 0 && signer is null) throw new ConfigurationException(Messages.FieldInvalid(path, "invitations", Messages.NoAuthority(Path.Combine(folder, AuthorityFolderName))));
        var partiesFolder = Path.Combine(folder, PartiesFolderName);
        var parties = options.Parties.Count > 0 || System.IO.Directory.Exists(partiesFolder) ? LabEnrolment.LoadParties(partiesFolder, authority, time) : [];
        foreach (var party in options.Parties)
        {
            if (party.Name == LabCertificates.NameOf(certificate)) throw new ConfigurationException(Messages.FieldInvalid(path, "parties", Messages.PartyNamedAsCoordinator(party.Name)));
            if (!parties.ContainsKey(party.Name)) throw new ConfigurationException(Messages.PartyWithoutCertificate(party.Name, Path.Combine(folder, "parties", party.Name + ".crt.pem")));
        }
        return new CoordinatorHome(folder, options)
        {
            Identity = new PartyIdentity(LabCertificates.NameOf(certificate), certificate),
            Authority = authority,
            Signer = signer,
            LogKey = LabEnrolment.LoadSigningKey(Path.Combine(keys, LabEnrolment.LogKey)),
            PartyCertificates = parties,
        };
    }

    /// <summary>Takes a later certificate of the coordinator and writes it before the ones that it had.</summary>
    /// <param name="certificate">The certificate with its private key.</param>
    public void Renew(X509Certificate2 certificate)
    {
        var path = Path.Combine(Folder, LabEnrolment.KeysFolder, KeyFiles.IdentityCertificate);
        KeyFiles.SaveCertificates(path, certificate, KeyFiles.LoadCertificates(path));
        Identity.Renew(certificate);
    }

    private static LabAuthority? LoadSigner(string folder, X509Certificate2 authority, TimeProvider time)
    {
        if (!System.IO.Directory.Exists(folder)) return null;
        KeyFiles.RequirePrivateFolder(folder);
        var signer = LabAuthority.Load(folder, time);
        if (signer.Certificate.RawDataMemory.Span.SequenceEqual(authority.RawDataMemory.Span)) return signer;
        signer.Dispose();
        throw new KeyFileException(Messages.AuthorityOfAnotherLab(folder));
    }

    public void Dispose()
    {
        Signer?.Dispose();
        LogKey.Dispose();
        Identity.Dispose();
        Authority.Dispose();
        foreach (var certificate in PartyCertificates.Values) certificate.Dispose();
    }
}
