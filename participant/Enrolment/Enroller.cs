using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Curve25519;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Participant.Enrolment;

/// <summary>Redeems a token for an identity: makes the keys here, authenticates the coordinator by the project's fingerprint, and writes what it gets.</summary>
/// <remarks>
/// <code>
///   keys/enrolment.key.pem     a new key, on the disk before anything is sent
///   connection 1               whoever answers is asked for the authority's certificate; its SHA-256 must be the token's fingerprint
///   connection 2               the server must hold a coordinator's certificate of that authority for the host; then the secret and the signing request
///   keys/                      ca.pem, cosigning.key, identity.pem, and last identity.crt.pem: a home with that file is enrolled
/// </code>
/// Broken off anywhere, it can be repeated: the same key gets the same certificate while the token lives.
/// </remarks>
internal sealed class Enroller(string home, TimeProvider time)
{
    private const string PendingKey = "enrolment.key.pem";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(20);

    private string KeysFolder => Path.Combine(home, LabEnrolment.KeysFolder);

    /// <summary>Whether a home has an identity.</summary>
    /// <param name="home">The home folder.</param>
    public static bool IsEnrolled(string home) => File.Exists(Path.Combine(home, LabEnrolment.KeysFolder, KeyFiles.IdentityCertificate));

    /// <summary>Enrols; replaces an identity that is there.</summary>
    /// <param name="token">The token.</param>
    /// <param name="address">The coordinator.</param>
    /// <param name="name">The name that this participant is configured with; empty when it has none.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>The name in the project.</returns>
    /// <exception cref="EnrolmentException">The coordinator is not the one that the token names, or refuses.</exception>
    /// <exception cref="RpcException">The coordinator cannot be reached; nothing is lost.</exception>
    public async Task<string> EnrolAsync(EnrolmentToken token, Uri address, string name, CancellationToken cancellationToken)
    {
        KeyFiles.CreateFolder(home);
        KeyFiles.CreateFolder(KeysFolder);
        KeyFiles.RequirePrivateFolder(KeysFolder);
        using var key = LoadOrMakeKey();
        using var authority = await FetchAuthorityAsync(token, address, cancellationToken).ConfigureAwait(false);
        using var certificate = await RedeemAsync(token, address, authority, key, name, cancellationToken).ConfigureAwait(false);
        var given = LabCertificates.NameOf(certificate);
        RequireOwn(certificate, authority, key, name);
        Write(authority, certificate, key);
        return given;
    }

    /// <summary>Fetches the authority's certificate from whoever answers; it is believed for its hash alone.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "Only a certificate with a known hash is taken from this connection; the secret goes over another one.")]
    private async Task<X509Certificate2> FetchAuthorityAsync(EnrolmentToken token, Uri address, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = CallTimeout,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = AcceptToAsk },
        };
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(address, new Grpc.Net.Client.GrpcChannelOptions { HttpHandler = handler, MaxReceiveMessageSize = SigningRequest.MaximumBytes });
        var reply = await new Admission.AdmissionClient(channel.CreateCallInvoker()).GetAuthorityAsync(new GetAuthorityRequest(), deadline: Deadline(), cancellationToken: cancellationToken);
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(reply.Certificate.Span), token.Fingerprint.ToArray())) throw new EnrolmentException(Messages.FingerprintDiffers(address.Authority, token.Lab));
        return X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
    }

    /// <summary>Nothing secret goes over this connection, and nothing that comes over it is believed but a certificate whose hash is known.</summary>
    private static bool AcceptToAsk(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    private async Task<X509Certificate2> RedeemAsync(EnrolmentToken token, Uri address, X509Certificate2 authority, ECDsa key, string name, CancellationToken cancellationToken)
    {
        using var channel = new LabChannel(address, own: null, authority, time);
        var request = new EnrolRequest { Secret = ByteString.CopyFrom(token.CopySecret()), SigningRequest = ByteString.CopyFrom(SigningRequest.Create(key, name.Length > 0 ? name : "participant")), Party = name };
        try
        {
            var reply = await new Admission.AdmissionClient(channel.Invoker).EnrolAsync(request, deadline: Deadline(), cancellationToken: cancellationToken);
            return X509CertificateLoader.LoadCertificate(reply.Certificate.Span);
        }
        catch (RpcException) when (channel.Refusal is { } refusal)
        {
            throw new EnrolmentException(refusal);
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.PermissionDenied or StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.Unauthenticated or StatusCode.Unimplemented)
        {
            throw new EnrolmentException(Messages.EnrolmentRefused(address.Authority, e.Status.Detail), e);
        }
        catch (CryptographicException e)
        {
            throw new EnrolmentException(Messages.EnrolmentAnswer(address.Authority), e);
        }
    }

    private void RequireOwn(X509Certificate2 certificate, X509Certificate2 authority, ECDsa key, string name)
    {
        if (LabCertificates.Refusal(certificate, authority, LabRole.Participant, time) is { } refusal) throw new EnrolmentException(refusal);
        var isOwn = certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
        if (!isOwn || (name.Length > 0 && LabCertificates.NameOf(certificate) != name)) throw new EnrolmentException(Messages.EnrolmentOfOther(LabCertificates.NameOf(certificate)));
    }

    private DateTime Deadline() => time.GetUtcNow().UtcDateTime + CallTimeout;

    private ECDsa LoadOrMakeKey()
    {
        var path = Path.Combine(KeysFolder, PendingKey);
        if (File.Exists(path)) return KeyFiles.LoadKey(path);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyFiles.WriteSecret(path, key.ExportPkcs8PrivateKeyPem());
        return key;
    }

    private void Write(X509Certificate2 authority, X509Certificate2 certificate, ECDsa key)
    {
        var identity = Path.Combine(KeysFolder, KeyFiles.IdentityCertificate);
        // What was signed by an earlier identity is checked with its certificate: they stay, behind the new one.
        var before = File.Exists(identity) ? KeyFiles.LoadCertificates(identity) : [];
        KeyFiles.SaveCertificate(Path.Combine(KeysFolder, LabAuthority.CertificateFile), authority);
        var cosigning = Path.Combine(KeysFolder, LabEnrolment.CosigningKey);
        if (!File.Exists(cosigning))
        {
            using var made = Ed25519PrivateKey.Generate();
            LabEnrolment.SaveSigningKey(cosigning, made);
        }
        KeyFiles.WriteSecret(Path.Combine(KeysFolder, KeyFiles.IdentityKey), key.ExportPkcs8PrivateKeyPem());
        KeyFiles.SaveCertificates(identity, certificate, before.Where(one => !one.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)));
        File.Delete(Path.Combine(KeysFolder, PendingKey));
        foreach (var one in before) one.Dispose();
    }
}
