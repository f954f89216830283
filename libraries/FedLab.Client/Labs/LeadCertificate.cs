using System.Security.Cryptography.X509Certificates;
using FedLab.Client.Resources;
using FedLab.Federation.Identity;

namespace FedLab.Client.Labs;

/// <summary>The certificate of a lead: when it is to be renewed, and how. The key stays.</summary>
/// <param name="Name">Name of the lead.</param>
/// <param name="Until">When it expires.</param>
/// <param name="Renewal">From when on it can be renewed: when a third of its life is left.</param>
public sealed record LeadCertificate(string Name, DateTimeOffset Until, DateTimeOffset Renewal)
{
    /// <summary>Reads it.</summary>
    /// <param name="keys">Folder with the lead's identity.</param>
    /// <exception cref="KeyFileException">A file is missing, malformed or readable by others.</exception>
    public static LeadCertificate Read(string keys)
    {
        using var own = KeyFiles.LoadIdentity(keys);
        return Of(own);
    }

    /// <summary>Renews it, where that is due, by the coordinator.</summary>
    /// <param name="address">The coordinator.</param>
    /// <param name="keys">Folder with the lead's identity and the lab's authority.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="KeyFileException">The keys cannot be used; an expired certificate is renewed by the authority alone.</exception>
    /// <exception cref="ClientException">The coordinator cannot be reached, refuses, or gives another certificate than was asked for.</exception>
    public static async Task<LeadCertificate> RenewAsync(Uri address, string keys, TimeProvider time, CancellationToken cancellationToken)
    {
        using var own = KeyFiles.LoadIdentity(keys);
        if (!CertificateLife.IsRenewalDue(own, time)) return Of(own);
        using var key = own.GetECDsaPrivateKey()!;
        using var lab = new LabConnection(address, keys, time);
        using var renewed = await lab.RenewAsync(SigningRequest.Create(key, LabCertificates.NameOf(own)), cancellationToken);
        var isOwn = LabCertificates.NameOf(renewed) == LabCertificates.NameOf(own) && renewed.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(own.PublicKey.ExportSubjectPublicKeyInfo());
        if (LabCertificates.Refusal(renewed, lab.Authority, LabRole.Lead, time) is not null || !isOwn || renewed.NotAfter <= own.NotAfter) throw new ClientException(Messages.LeadCertificateNotRenewed(address.Authority));
        return Save(keys, renewed);
    }

    /// <summary>Renews it, where that is due or it has expired, by the authority itself.</summary>
    /// <param name="authorityFolder">Folder of the authority with its key.</param>
    /// <param name="keys">Folder with the lead's identity.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="KeyFileException">A file is missing, malformed or readable by others, or the identity is not a lead's of this authority.</exception>
    public static LeadCertificate Renew(string authorityFolder, string keys, TimeProvider time)
    {
        using var own = KeyFiles.LoadIdentity(keys);
        using var authority = LabAuthority.Load(authorityFolder, time);
        // An expired certificate shows as well whose it was.
        if (LabCertificates.Refusal(own, authority.Certificate, LabRole.Lead, time: null) is { } refusal) throw new KeyFileException(Messages.KeysUnusable(keys, refusal));
        if (!CertificateLife.IsRenewalDue(own, time)) return Of(own);
        using var key = own.GetECDsaPrivateKey()!;
        using var renewed = authority.Certify(LabCertificates.NameOf(own), LabRole.Lead, new PublicKey(key));
        return Save(keys, renewed);
    }

    private static LeadCertificate Of(X509Certificate2 certificate) => new(LabCertificates.NameOf(certificate), new DateTimeOffset(certificate.NotAfter), CertificateLife.RenewalOf(certificate));

    private static LeadCertificate Save(string keys, X509Certificate2 certificate)
    {
        var path = Path.Combine(keys, KeyFiles.IdentityCertificate);
        try
        {
            KeyFiles.SaveCertificates(path, certificate, KeyFiles.LoadCertificates(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientException(Messages.LeadCertificateNotWritable(path, e.Message), e);
        }
        return Of(certificate);
    }
}
