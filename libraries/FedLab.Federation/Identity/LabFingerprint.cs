using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedLab.Federation.Identity;

/// <summary>
/// The fingerprint of a certificate: SHA-256 over its DER encoding. A project's fingerprint is that of its authority's certificate;
/// it is what a new participant holds before it trusts anything else.
/// </summary>
public static class LabFingerprint
{
    /// <summary>Length in bytes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int GroupDigits = 4;

    /// <summary>The fingerprint of a certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    public static byte[] Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return SHA256.HashData(certificate.RawData);
    }

    /// <summary>The fingerprint in groups of four digits, to be compared by eye or over the telephone.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <returns>Such as <c>3F2A-91C0-…</c>, sixteen groups.</returns>
    public static string TextOf(X509Certificate2 certificate)
    {
        var digits = Convert.ToHexString(Of(certificate));
        return string.Join('-', Enumerable.Range(0, digits.Length / GroupDigits).Select(group => digits.Substring(group * GroupDigits, GroupDigits)));
    }
}
