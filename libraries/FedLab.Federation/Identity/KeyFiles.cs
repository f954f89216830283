using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace FedLab.Federation.Identity;

/// <summary>A key or certificate file is missing, malformed, or readable by others; the message names the file and the fix.</summary>
public sealed class KeyFileException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One sentence for people.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public KeyFileException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>Keys and certificates as PEM files. Private keys are readable by their owner alone: a wider file or folder is refused.</summary>
public static class KeyFiles
{
    /// <summary>File name of a party's private key within <c>keys/</c>.</summary>
    public const string IdentityKey = "identity.pem";

    /// <summary>File name of a party's certificate within <c>keys/</c>.</summary>
    public const string IdentityCertificate = "identity.crt.pem";

    private const int MaximumFileBytes = 64 * 1024;
    private const int MaximumCertificates = 40; // of about 800 bytes each
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder for its owner alone (0700); one that exists is left as it is.</summary>
    /// <param name="folder">The folder.</param>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerFolder);
    }

    /// <summary>Refuses a folder that others can enter.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="KeyFileException">It is missing or others have rights; the message has the command that takes them away.</exception>
    public static void RequirePrivateFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new KeyFileException(LabMessages.FolderMissing(folder));
        if (OperatingSystem.IsWindows()) return;
        var mode = File.GetUnixFileMode(folder);
        if ((mode & Others) != UnixFileMode.None) throw new KeyFileException(LabMessages.TooWide(folder, Octal(mode), "700"));
    }

    /// <summary>Refuses a file that others can read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KeyFileException">It is missing or others have rights; the message has the command that takes them away.</exception>
    public static void RequirePrivateFile(string path)
    {
        if (!File.Exists(path)) throw new KeyFileException(LabMessages.FileMissing(path));
        if (OperatingSystem.IsWindows()) return;
        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) != UnixFileMode.None) throw new KeyFileException(LabMessages.TooWide(path, Octal(mode), "600"));
    }

    /// <summary>Writes a secret for its owner alone (0600).</summary>
    /// <param name="path">The file.</param>
    /// <param name="pem">Its text.</param>
    public static void WriteSecret(string path, string pem)
    {
        var bytes = Encoding.ASCII.GetBytes(pem + "\n");
        try
        {
            WriteAtomically(path, bytes, ownerOnly: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes a file whole or not at all: beside its place, flushed to the disk, then renamed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its content.</param>
    /// <param name="ownerOnly">Whether only the owner may read it.</param>
    public static void WriteAtomically(string path, ReadOnlySpan<byte> content, bool ownerOnly)
    {
        var temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = ownerOnly ? OwnerFile : OwnerFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes a certificate and its private key into a folder (<see cref="IdentityCertificate"/>, <see cref="IdentityKey"/>).</summary>
    /// <param name="folder">The folder, for the owner alone; made when missing.</param>
    /// <param name="certificate">Certificate with an ECDSA private key.</param>
    public static void SaveIdentity(string folder, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("The certificate has no ECDSA private key.", nameof(certificate));
        CreateFolder(folder);
        WriteSecret(Path.Combine(folder, IdentityKey), key.ExportPkcs8PrivateKeyPem());
        SaveCertificate(Path.Combine(folder, IdentityCertificate), certificate);
    }

    /// <summary>Writes a certificate without its key.</summary>
    /// <param name="path">The file.</param>
    /// <param name="certificate">The certificate.</param>
    public static void SaveCertificate(string path, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        WriteAtomically(path, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"), ownerOnly: false);
    }

    /// <summary>Writes a certificate without its key, and behind it those that its holder had before: a reviewer needs them for what was signed then.</summary>
    /// <param name="path">The file. Whoever reads one certificate from it gets the first.</param>
    /// <param name="certificate">The certificate in force.</param>
    /// <param name="before">Earlier ones, the newest first; the oldest are dropped when there are too many.</param>
    public static void SaveCertificates(string path, X509Certificate2 certificate, IEnumerable<X509Certificate2> before)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(before);
        var text = string.Concat(before.Prepend(certificate).Take(MaximumCertificates).Select(one => one.ExportCertificatePem() + "\n"));
        WriteAtomically(path, Encoding.ASCII.GetBytes(text), ownerOnly: false);
    }

    /// <summary>Reads all certificates of a file.</summary>
    /// <param name="path">PEM file.</param>
    /// <returns>At least one; the one in force first.</returns>
    /// <exception cref="KeyFileException">It is missing or malformed.</exception>
    public static X509Certificate2Collection LoadCertificates(string path)
    {
        var text = Read(path);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new KeyFileException(LabMessages.NotACertificate(path), e);
        }
        return certificates.Count > 0 ? certificates : throw new KeyFileException(LabMessages.NotACertificate(path));
    }

    /// <summary>Reads a certificate and its private key.</summary>
    /// <param name="folder">The folder, for the owner alone.</param>
    /// <exception cref="KeyFileException">Something is missing, malformed, too widely readable, or the key is another certificate's.</exception>
    public static X509Certificate2 LoadIdentity(string folder)
    {
        RequirePrivateFolder(folder);
        using var certificate = LoadCertificate(Path.Combine(folder, IdentityCertificate));
        var path = Path.Combine(folder, IdentityKey);
        using var key = LoadKey(path);
        try
        {
            var whole = certificate.CopyWithPrivateKey(key);
            if (!OperatingSystem.IsWindows()) return whole;
            // SChannel takes no ephemeral keys: the key has to come from a key store.
            using (whole) return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or InvalidOperationException)
        {
            throw new KeyFileException(LabMessages.KeyOfAnotherCertificate(path), e);
        }
    }

    /// <summary>Reads a certificate.</summary>
    /// <param name="path">PEM file.</param>
    /// <exception cref="KeyFileException">It is missing or malformed.</exception>
    public static X509Certificate2 LoadCertificate(string path)
    {
        var text = Read(path);
        try
        {
            return X509Certificate2.CreateFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new KeyFileException(LabMessages.NotACertificate(path), e);
        }
    }

    /// <summary>Reads a private key.</summary>
    /// <param name="path">PEM file (PKCS#8), for the owner alone.</param>
    /// <exception cref="KeyFileException">It is missing, malformed or too widely readable.</exception>
    public static ECDsa LoadKey(string path)
    {
        RequirePrivateFile(path);
        var text = Read(path);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new KeyFileException(LabMessages.NotAKey(path), e);
        }
    }

    private static string Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new KeyFileException(LabMessages.FileMissing(path));
            if (file.Length > MaximumFileBytes) throw new KeyFileException(LabMessages.FileTooLarge(path, file.Length, MaximumFileBytes));
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException(LabMessages.FileUnreadable(path), e);
        }
    }

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode & 0b111_111_111, 8).PadLeft(3, '0').ToString(CultureInfo.InvariantCulture);
}
