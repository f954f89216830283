using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Identity;

namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// The credential that an institution's participant and its scan workers share: one self-signed certificate and its key. Each side
/// presents it and takes no other, so nobody else's certificate, authority or clock matters.
/// </summary>
public static class WorkerCredential
{
    /// <summary>File name of the key within <c>keys/</c>.</summary>
    public const string KeyFile = "workers.pem";

    /// <summary>File name of the certificate within <c>keys/</c>.</summary>
    public const string CertificateFile = "workers.crt.pem";

    private const string Subject = "CN=scan-workers";
    private const int Years = 10;

    /// <summary>Makes a credential; one that exists is left alone.</summary>
    /// <param name="folder">The folder, for the owner alone; made when missing.</param>
    /// <param name="time">Clock.</param>
    /// <returns>Whether one was made.</returns>
    public static bool Create(string folder, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        KeyFiles.CreateFolder(folder);
        KeyFiles.RequirePrivateFolder(folder);
        if (File.Exists(Path.Combine(folder, KeyFile))) return false;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        // The certificate first: a key without one would look like a credential.
        KeyFiles.SaveCertificate(Path.Combine(folder, CertificateFile), certificate);
        KeyFiles.WriteSecret(Path.Combine(folder, KeyFile), key.ExportPkcs8PrivateKeyPem());
        return true;
    }

    /// <summary>Reads a credential.</summary>
    /// <param name="folder">The folder, for the owner alone.</param>
    /// <exception cref="KeyFileException">Something is missing, malformed, too widely readable, or the key is another certificate's.</exception>
    public static X509Certificate2 Load(string folder)
    {
        // The first missing thing by name, and what makes it: a folder that is there may be another's, without this credential.
        if (!Directory.Exists(folder)) throw new KeyFileException(LabMessages.WorkerCredentialMissing(Path.Combine(folder, KeyFile)));
        KeyFiles.RequirePrivateFolder(folder);
        foreach (var path in (string[])[Path.Combine(folder, KeyFile), Path.Combine(folder, CertificateFile)])
        {
            if (!File.Exists(path)) throw new KeyFileException(LabMessages.WorkerCredentialMissing(path));
        }

        using var certificate = KeyFiles.LoadCertificate(Path.Combine(folder, CertificateFile));
        var keyPath = Path.Combine(folder, KeyFile);
        using var key = KeyFiles.LoadKey(keyPath);
        try
        {
            return certificate.CopyWithPrivateKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or InvalidOperationException)
        {
            throw new KeyFileException(LabMessages.KeyOfAnotherCertificate(keyPath), e);
        }
    }

    /// <summary>Whether a certificate is the credential's.</summary>
    /// <param name="credential">The own credential.</param>
    /// <param name="presented">What the other side presents.</param>
    public static bool Matches(X509Certificate2 credential, X509Certificate? presented)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return presented is not null && presented.GetRawCertData().AsSpan().SequenceEqual(credential.RawDataMemory.Span);
    }
}
