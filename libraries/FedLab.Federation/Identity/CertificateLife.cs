using System.Security.Cryptography.X509Certificates;

namespace FedLab.Federation.Identity;

/// <summary>When a certificate is renewed, and what of it goes into the next one.</summary>
public static class CertificateLife
{
    /// <summary>A certificate is renewed when this part of its life is left.</summary>
    private const double RenewedAtShare = 1.0 / 3;

    /// <summary>When a certificate is to be renewed.</summary>
    /// <param name="certificate">The certificate.</param>
    public static DateTimeOffset RenewalOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return new DateTimeOffset(certificate.NotAfter) - ((certificate.NotAfter - certificate.NotBefore) * RenewedAtShare);
    }

    /// <summary>Whether that time has come.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="time">Clock.</param>
    public static bool IsRenewalDue(X509Certificate2 certificate, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time.GetUtcNow() >= RenewalOf(certificate);
    }

    /// <summary>The host names and addresses that a server's certificate holds.</summary>
    /// <param name="certificate">The certificate.</param>
    public static IReadOnlyList<string> HostsOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is null ? [] : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())];
    }
}
