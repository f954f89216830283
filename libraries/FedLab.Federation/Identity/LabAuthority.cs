using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Channels;

namespace FedLab.Federation.Identity;

/// <summary>
/// The certificate authority of a lab (ECDSA P-256): it names the coordinator, the participants and the leads.
/// Its key is needed to enrol, renew and revoke, never to run.
/// </summary>
public sealed class LabAuthority : IDisposable
{
    /// <summary>File name of the authority's certificate.</summary>
    public const string CertificateFile = "ca.pem";

    /// <summary>File name of the authority's private key.</summary>
    public const string KeyFile = "ca.key.pem";

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5); // machines of a lab whose clocks differ a little
    private static readonly TimeSpan AuthorityValidity = TimeSpan.FromDays(3650);
    private static readonly TimeSpan DefaultValidity = TimeSpan.FromDays(365);
    private static readonly TimeSpan RevocationListValidity = TimeSpan.FromDays(30);
    private const int SerialBytes = 16;

    private readonly ECDsa _key;
    private readonly TimeProvider _time;

    private LabAuthority(X509Certificate2 certificate, ECDsa key, TimeProvider time)
    {
        Certificate = certificate;
        _key = key;
        _time = time;
    }

    /// <summary>The authority's certificate, without the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Makes an authority with a new key.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <exception cref="ArgumentException">The name is not a name (<see cref="EnvelopeHeader.IsName"/>).</exception>
    public static LabAuthority Create(string lab, TimeProvider? time = null)
    {
        if (!EnvelopeHeader.IsName(lab)) throw new ArgumentException($"'{lab}' is not a name.", nameof(lab));
        time ??= TimeProvider.System;
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            var request = new CertificateRequest($"CN={lab}, OU=authority, O=FedLab", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
            var now = time.GetUtcNow();
            using var selfSigned = request.CreateSelfSigned(now - ClockTolerance, now + AuthorityValidity);
            return new LabAuthority(X509CertificateLoader.LoadCertificate(selfSigned.RawData), key, time);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Reads an authority that <see cref="Save"/> wrote.</summary>
    /// <param name="folder">Folder with both files.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <exception cref="KeyFileException">A file is missing, malformed or readable by others.</exception>
    public static LabAuthority Load(string folder, TimeProvider? time = null)
    {
        var certificate = KeyFiles.LoadCertificate(Path.Combine(folder, CertificateFile));
        try
        {
            return new LabAuthority(certificate, KeyFiles.LoadKey(Path.Combine(folder, KeyFile)), time ?? TimeProvider.System);
        }
        catch
        {
            certificate.Dispose();
            throw;
        }
    }

    /// <summary>Writes certificate and key into a folder that only the owner can read.</summary>
    /// <param name="folder">The folder; made when it is missing.</param>
    public void Save(string folder)
    {
        KeyFiles.CreateFolder(folder);
        KeyFiles.WriteSecret(Path.Combine(folder, KeyFile), _key.ExportPkcs8PrivateKeyPem());
        KeyFiles.WriteAtomically(Path.Combine(folder, CertificateFile), System.Text.Encoding.ASCII.GetBytes(Certificate.ExportCertificatePem() + "\n"), ownerOnly: false);
    }

    /// <summary>Issues a certificate with a new key.</summary>
    /// <param name="name">The holder's name in the lab.</param>
    /// <param name="role">The holder's role; a coordinator's certificate is for servers, the others' for clients.</param>
    /// <param name="hosts">For a coordinator: host names and addresses besides localhost and 127.0.0.1.</param>
    /// <param name="validity">How long it holds, from five minutes ago; a year by default.</param>
    /// <returns>The certificate with its private key.</returns>
    /// <exception cref="ArgumentException">The name is not a name.</exception>
    public X509Certificate2 Issue(string name, LabRole role, IEnumerable<string>? hosts = null, TimeSpan? validity = null)
    {
        if (!EnvelopeHeader.IsName(name)) throw new ArgumentException($"'{name}' is not a name.", nameof(name));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Certify(name, role, new PublicKey(key), hosts, validity);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Issues a certificate for a key that its holder made.</summary>
    /// <param name="name">The holder's name in the lab.</param>
    /// <param name="role">The holder's role; a coordinator's certificate is for servers, the others' for clients.</param>
    /// <param name="key">The holder's public key, on P-256 (<see cref="SigningRequest.Read"/>).</param>
    /// <param name="hosts">For a coordinator: host names and addresses besides localhost and 127.0.0.1.</param>
    /// <param name="validity">How long it holds, from five minutes ago; a year by default.</param>
    /// <returns>The certificate, without a private key.</returns>
    /// <exception cref="ArgumentException">The name is not a name.</exception>
    public X509Certificate2 Certify(string name, LabRole role, PublicKey key, IEnumerable<string>? hosts = null, TimeSpan? validity = null)
    {
        if (!EnvelopeHeader.IsName(name)) throw new ArgumentException($"'{name}' is not a name.", nameof(name));
        var request = new CertificateRequest(new X500DistinguishedName($"CN={name}, OU={LabCertificates.UnitOf(role)}, O=FedLab"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(role == LabRole.Coordinator ? LabCertificates.ServerAuthentication : LabCertificates.ClientAuthentication)], critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (role == LabRole.Coordinator) request.CertificateExtensions.Add(AlternativeNames(hosts ?? []));
        var now = _time.GetUtcNow();
        var end = now + (validity ?? DefaultValidity);
        var (first, last) = (new DateTimeOffset(Certificate.NotBefore), new DateTimeOffset(Certificate.NotAfter));
        if (end > last) end = last;
        var start = now - ClockTolerance;
        if (start < first) start = first;
        if (end <= start) start = end - TimeSpan.FromSeconds(1);
        return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), start, end, RandomNumberGenerator.GetBytes(SerialBytes));
    }

    /// <summary>Signs a list of the certificates that this authority has revoked.</summary>
    /// <param name="revoked">The certificates and when each was revoked.</param>
    /// <returns>DER, for <see cref="RevocationList.TryRead"/> and any other reader of RFC 5280.</returns>
    public byte[] SignRevocations(IEnumerable<(X509Certificate2 Certificate, DateTimeOffset Time)> revoked)
    {
        ArgumentNullException.ThrowIfNull(revoked);
        var list = new CertificateRevocationListBuilder();
        foreach (var (certificate, when) in revoked) list.AddEntry(certificate, when);
        var now = _time.GetUtcNow();
        var issuer = X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false);
        return list.Build(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), now.ToUnixTimeMilliseconds(), now + RevocationListValidity, HashAlgorithmName.SHA256, issuer, now);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        Certificate.Dispose();
    }

    private static X509Extension AlternativeNames(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        foreach (var host in hosts.Distinct(StringComparer.OrdinalIgnoreCase).Where(host => host is not ("localhost" or "127.0.0.1")))
        {
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        }
        return names.Build();
    }
}
