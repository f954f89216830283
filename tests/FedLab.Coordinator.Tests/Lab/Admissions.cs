using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Tests.Lab;

/// <summary>What tests do at the admission of a coordinator, without a participant's program.</summary>
internal static class Admissions
{
    /// <summary>Invites a party.</summary>
    /// <returns>The token.</returns>
    public static async Task<EnrolmentToken> InviteAsync(TemporaryLab lab, Uri address, string party, int seconds = 3600)
    {
        using var channel = lab.LeadChannel(address);
        var token = EnrolmentToken.Create(TemporaryLab.Name, new Uri(address.GetLeftPart(UriPartial.Authority)), LabFingerprint.Of(lab.Authority.Certificate));
        await new Project.ProjectClient(channel.Invoker).InviteAsync(new InviteRequest { Party = party, TokenSha256 = ByteString.CopyFrom(token.Hash), LifetimeSeconds = seconds }, cancellationToken: TestContext.Current.CancellationToken);
        return token;
    }

    /// <summary>Sends a token and a signing request.</summary>
    /// <returns>The certificate, without a key.</returns>
    public static async Task<X509Certificate2> EnrolAsync(TemporaryLab lab, Uri address, byte[] secret, byte[] signingRequest, string claimed = "", X509Certificate2? own = null)
    {
        using var channel = new LabChannel(address, own, lab.Authority.Certificate);
        var reply = await new Admission.AdmissionClient(channel.Invoker).EnrolAsync(new EnrolRequest { Secret = ByteString.CopyFrom(secret), SigningRequest = ByteString.CopyFrom(signingRequest), Party = claimed }, cancellationToken: TestContext.Current.CancellationToken);
        return X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
    }

    /// <summary>Invites and enrols a party with a new key; a test participant of that name uses what it got.</summary>
    /// <returns>The key.</returns>
    public static async Task<ECDsa> JoinAsync(TemporaryLab lab, Uri address, string party)
    {
        var token = await InviteAsync(lab, address, party);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = await EnrolAsync(lab, address, token.CopySecret(), SigningRequest.Create(key, party));
        lab.Certificates[party] = certificate.CopyWithPrivateKey(key);
        return key;
    }

    /// <summary>The members of the project.</summary>
    public static async Task<ListMembersReply> MembersAsync(TemporaryLab lab, Uri address)
    {
        using var channel = lab.LeadChannel(address);
        return await new Project.ProjectClient(channel.Invoker).ListMembersAsync(new ListMembersRequest(), cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Puts a party out.</summary>
    public static async Task<Member> RevokeAsync(TemporaryLab lab, Uri address, string party, string reason = "")
    {
        using var channel = lab.LeadChannel(address);
        return await new Project.ProjectClient(channel.Invoker).RevokeAsync(new RevokeRequest { Party = party, Reason = reason }, cancellationToken: TestContext.Current.CancellationToken);
    }
}
