using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FedLab.Federation.Identity;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Transport;

namespace FedLab.Federation.Remote;

/// <summary>A connection to a lab's coordinator over mutual TLS; the coordinator's certificate is checked against the lab's authority and its role.</summary>
public sealed class LabChannel : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly SocketsHttpHandler _handler;
    private readonly GrpcChannel _channel;

    /// <summary>Prepares a connection; nothing is dialled before the first call.</summary>
    /// <param name="address">The coordinator, <c>https://host:port</c>.</param>
    /// <param name="own">Own certificate with its private key; null to be nobody, as a participant is before it is enrolled.</param>
    /// <param name="authority">The lab's authority.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <exception cref="ArgumentException">The address is not an https address.</exception>
    public LabChannel(Uri address, X509Certificate2? own, X509Certificate2 authority, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme != Uri.UriSchemeHttps) throw new ArgumentException("The address must begin with https://.", nameof(address));
        time ??= TimeProvider.System;
        _handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ConnectTimeout,
            EnableMultipleHttp2Connections = false,
            InitialHttp2StreamWindowSize = LongSessions.StreamWindowSize,
            KeepAlivePingDelay = LongSessions.KeepAlivePingDelay,
            KeepAlivePingTimeout = LongSessions.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accept(certificate as X509Certificate2, errors, authority, address, time),
            },
        };
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = _handler, MaxReceiveMessageSize = LabProtocol.MaximumMessageBytes, MaxSendMessageSize = LabProtocol.MaximumMessageBytes });
    }

    /// <summary>Why the coordinator's certificate was refused, one sentence for people; null when it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Makes calls.</summary>
    public CallInvoker Invoker => _channel.CreateCallInvoker();

    /// <inheritdoc/>
    public void Dispose()
    {
        _channel.Dispose();
        _handler.Dispose();
    }

    private bool Accept(X509Certificate2? certificate, SslPolicyErrors errors, X509Certificate2 authority, Uri address, TimeProvider time)
    {
        Refusal = certificate is null ? LabMessages.NoServerCertificate(address.Authority)
            : LabCertificates.Refusal(certificate, authority, LabRole.Coordinator, time) is { } refusal ? LabMessages.ServerRefused(address.Authority, refusal)
            : (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != SslPolicyErrors.None ? LabMessages.ServerNameMismatch(address.Host)
            : null;
        return Refusal is null;
    }
}
