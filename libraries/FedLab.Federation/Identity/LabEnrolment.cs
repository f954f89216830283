using System.Security.Cryptography.X509Certificates;
using FedLab.Curve25519;

namespace FedLab.Federation.Identity;

/// <summary>Writes and reads the keys of a home folder: <c>keys/</c> of a coordinator or a participant.</summary>
public static class LabEnrolment
{
    /// <summary>Folder of the keys within a home.</summary>
    public const string KeysFolder = "keys";

    /// <summary>File name of the key that signs a coordinator's audit log.</summary>
    public const string LogKey = "log.key";

    /// <summary>File name of the key with which a participant cosigns checkpoints and signs its own audit log.</summary>
    public const string CosigningKey = "cosigning.key";

    /// <summary>Issues a certificate and writes everything that <c>keys/</c> holds: certificate, private key, the authority's certificate, and for coordinator and participant an Ed25519 key.</summary>
    /// <param name="home">The home folder; made for its owner alone when it is missing.</param>
    /// <param name="authority">The lab's authority.</param>
    /// <param name="name">The holder's name.</param>
    /// <param name="role">The holder's role.</param>
    /// <param name="hosts">For a coordinator: host names and addresses besides localhost and 127.0.0.1.</param>
    public static void WriteKeys(string home, LabAuthority authority, string name, LabRole role, IEnumerable<string>? hosts = null)
    {
        ArgumentNullException.ThrowIfNull(authority);
        KeyFiles.CreateFolder(home);
        var keys = Path.Combine(home, KeysFolder);
        using var certificate = authority.Issue(name, role, hosts);
        KeyFiles.SaveIdentity(keys, certificate);
        KeyFiles.SaveCertificate(Path.Combine(keys, LabAuthority.CertificateFile), authority.Certificate);
        if (role == LabRole.Lead) return;
        using var key = Ed25519PrivateKey.Generate();
        SaveSigningKey(Path.Combine(keys, role == LabRole.Coordinator ? LogKey : CosigningKey), key);
    }

    /// <summary>Writes an Ed25519 key: its seed in base64, for the owner alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key.</param>
    public static void SaveSigningKey(string path, Ed25519PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyFiles.WriteSecret(path, Convert.ToBase64String(key.ExportSeed()));
    }

    /// <summary>Reads an Ed25519 key.</summary>
    /// <param name="path">The file, for the owner alone.</param>
    /// <exception cref="KeyFileException">It is missing, malformed or too widely readable.</exception>
    public static Ed25519PrivateKey LoadSigningKey(string path)
    {
        KeyFiles.RequirePrivateFile(path);
        try
        {
            var text = File.ReadAllText(path);
            var seed = new byte[Ed25519PrivateKey.SeedSize];
            if (text.Length < 256 && Convert.TryFromBase64String(text.Trim(), seed, out var length) && length == seed.Length) return Ed25519PrivateKey.FromSeed(seed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException(LabMessages.FileUnreadable(path), e);
        }
        throw new KeyFileException(LabMessages.NotASigningKey(path));
    }

    /// <summary>Reads the certificates of a folder, checks them against the authority, and gives them by the party's name.</summary>
    /// <param name="folder">Folder with <c>NAME.crt.pem</c> files.</param>
    /// <param name="authority">The lab's authority.</param>
    /// <param name="time">Clock; null: the dates are not judged.</param>
    /// <exception cref="KeyFileException">The folder is missing, or a certificate is malformed, another authority's, or named otherwise than its file.</exception>
    public static Dictionary<string, X509Certificate2> LoadParties(string folder, X509Certificate2 authority, TimeProvider? time)
    {
        const string suffix = ".crt.pem";
        if (!Directory.Exists(folder)) throw new KeyFileException(LabMessages.FolderMissing(folder));
        var parties = new Dictionary<string, X509Certificate2>(StringComparer.Ordinal);
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*" + suffix).Order(StringComparer.Ordinal))
            {
                var name = Path.GetFileName(path)[..^suffix.Length];
                var certificate = KeyFiles.LoadCertificate(path);
                parties.Add(name, certificate);
                if (LabCertificates.Refusal(certificate, authority, LabRole.Participant, time) is { } refusal) throw new KeyFileException($"{path}: {refusal}");
                if (LabCertificates.NameOf(certificate) != name) throw new KeyFileException(LabMessages.CertificateNamedOtherwise(path, LabCertificates.NameOf(certificate)));
            }
            return parties;
        }
        catch
        {
            foreach (var certificate in parties.Values) certificate.Dispose();
            throw;
        }
    }
}
