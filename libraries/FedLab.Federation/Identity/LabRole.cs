using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedLab.Federation.Identity;

/// <summary>What the holder of a certificate is in a lab: the organisational unit of its subject.</summary>
public enum LabRole
{
    /// <summary>The service that relays and keeps the lab's audit log.</summary>
    Coordinator,

    /// <summary>An institution's worker.</summary>
    Participant,

    /// <summary>A person who proposes and watches runs.</summary>
    Lead,
}

/// <summary>Reads and judges the certificates of a lab.</summary>
public static class LabCertificates
{
    internal const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    internal const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string CommonName = "2.5.4.3";
    private const string OrganizationalUnit = "2.5.4.11";

    /// <summary>The common name: the holder's name in the lab; empty when the subject has none or several.</summary>
    /// <param name="certificate">A certificate.</param>
    public static string NameOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Single(certificate, CommonName);
    }

    /// <summary>The role that the organisational unit names; null when it names none.</summary>
    /// <param name="certificate">A certificate.</param>
    public static LabRole? RoleOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Single(certificate, OrganizationalUnit) switch
        {
            "coordinator" => LabRole.Coordinator,
            "participant" => LabRole.Participant,
            "lead" => LabRole.Lead,
            _ => null,
        };
    }

    /// <summary>The name of a role in a subject.</summary>
    /// <param name="role">The role.</param>
    public static string UnitOf(LabRole role) => role switch
    {
        LabRole.Coordinator => "coordinator",
        LabRole.Participant => "participant",
        LabRole.Lead => "lead",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    /// <summary>Judges a certificate: issued by this authority, within its dates, for this role, with an ECDSA P-256 key.</summary>
    /// <param name="certificate">The certificate of the other side, or the own one.</param>
    /// <param name="authority">The lab's authority.</param>
    /// <param name="role">The role that it must have; null allows any.</param>
    /// <param name="time">Clock; null: the dates are not judged.</param>
    /// <returns>Null when it is good; otherwise one sentence for people.</returns>
    public static string? Refusal(X509Certificate2 certificate, X509Certificate2 authority, LabRole? role, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(authority);
        var name = Printable(NameOf(certificate));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // who is revoked is the coordinator's to refuse, and the pinned keys' at participants
        chain.ChainPolicy.DisableCertificateDownloads = true;
        var now = time?.GetUtcNow() ?? new DateTimeOffset(certificate.NotBefore) + ((certificate.NotAfter - certificate.NotBefore) / 2);
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        if (!chain.Build(certificate))
        {
            var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
            if ((status & ~X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError) return LabMessages.CertificateOfAnotherAuthority(name);
            return now.UtcDateTime < certificate.NotBefore.ToUniversalTime()
                ? LabMessages.CertificateNotYetValid(name, certificate.NotBefore.ToUniversalTime())
                : LabMessages.CertificateExpired(name, certificate.NotAfter.ToUniversalTime());
        }
        if (role is { } required && RoleOf(certificate) != required) return LabMessages.CertificateOfAnotherRole(name, Printable(Single(certificate, OrganizationalUnit)), UnitOf(required));
        using var key = certificate.GetECDsaPublicKey();
        return key is { KeySize: 256 } ? null : LabMessages.CertificateKey(name);
    }

    private static string Single(X509Certificate2 certificate, string type)
    {
        string? found = null;
        try
        {
            foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
            {
                if (part.HasMultipleElements || part.GetSingleElementType().Value != type) continue;
                if (found is not null) return "";
                found = part.GetSingleElementValue();
            }
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or InvalidOperationException)
        {
            return "";
        }
        return found ?? "";
    }

    /// <summary>Names from foreign certificates go to logs and terminals: no control characters, not too long.</summary>
    private static string Printable(string value)
    {
        var text = string.Concat(value.Take(64).Select(c => char.IsControl(c) ? '?' : c));
        return text.Length == 0 ? "?" : text;
    }
}
