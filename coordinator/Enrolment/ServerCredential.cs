using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FedLab.Coordinator.Configuration;

namespace FedLab.Coordinator.Enrolment;

/// <summary>How the coordinator shows itself to those who connect: by the certificate in force, which may be renewed while it runs.</summary>
/// <param name="home">Has the certificate.</param>
internal sealed class ServerCredential(CoordinatorHome home)
{
    private readonly Lock _gate = new();
    private X509Certificate2? _shown;
    private SslServerAuthenticationOptions? _options;

    /// <summary>The settings for the next handshake.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "A client's certificate is judged behind the handshake, by AccessControl, which can say why it is refused.")]
    public SslServerAuthenticationOptions Options()
    {
        lock (_gate)
        {
            if (_options is not null && ReferenceEquals(_shown, home.Certificate)) return _options;
            _shown = home.Certificate;
            return _options = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(_shown, additionalCertificates: null, offline: true),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                // Asked for, not demanded: who is to be enrolled has none yet. AccessControl judges it and says why it is refused.
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            };
        }
    }
}
