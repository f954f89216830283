using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Grpc.Transport;

namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// The scan workers behind host names: each address to which one resolves is a worker (the tasks of a Swarm service, the replicas of a
/// compose service, a list in DNS). Connections use the institution's worker credential and take nobody else.
/// </summary>
public sealed class ScanWorkerPool : IScanWorkers, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    // A worker that froze or lost its cable is noticed by pings too, not only by its silence.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<DnsEndPoint> _hosts;
    private readonly X509Certificate2 _credential;
    private readonly ConcurrentDictionary<DnsEndPoint, string> _unresolved = [];
    private readonly ConcurrentDictionary<string, GrpcChannel> _channels = new(StringComparer.Ordinal);

    /// <summary>Prepares a pool; nothing is dialled.</summary>
    /// <param name="hosts">Host names or addresses, and ports.</param>
    /// <param name="credential">The institution's worker credential; disposed with the pool.</param>
    public ScanWorkerPool(IReadOnlyList<DnsEndPoint> hosts, X509Certificate2 credential) => (_hosts, _credential) = (hosts, credential);

    /// <inheritdoc/>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Told of a worker that takes part.</summary>
    public Action<string>? OnFound { get; init; }

    /// <summary>Told of a worker that is lost, and why.</summary>
    public Action<string, string>? OnLost { get; init; }

    /// <summary>Told when the participant computes alone.</summary>
    public Action? OnNoneLeft { get; init; }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ScanWorker>> FindAsync(CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var host in _hosts)
        {
            try
            {
                foreach (var address in await Dns.GetHostAddressesAsync(host.Host, cancellationToken).ConfigureAwait(false)) names.Add(new IPEndPoint(address, host.Port).ToString());
                _unresolved.TryRemove(host, out _);
            }
            catch (SocketException e)
            {
                // Told once, not before every scan.
                if (_unresolved.TryAdd(host, e.Message)) OnLost?.Invoke(host.Host, e.Message);
            }
        }
        return [.. names.Select(name => new ScanWorker(name, _channels.GetOrAdd(name, Dial).CreateCallInvoker()))];
    }

    /// <inheritdoc/>
    public void Found(string name) => OnFound?.Invoke(name);

    /// <inheritdoc/>
    public void Lost(string name, string reason) => OnLost?.Invoke(name, reason);

    /// <inheritdoc/>
    public void NoneLeft() => OnNoneLeft?.Invoke();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var channel in _channels.Values) channel.Dispose();
        _credential.Dispose();
    }

    private GrpcChannel Dial(string name)
    {
        var handler = LongSessions.CreateHandler();
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ConnectTimeout = ConnectTimeout;
        handler.KeepAlivePingDelay = PingDelay;
        handler.UseProxy = false;
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateContext = SslStreamCertificateContext.Create(_credential, additionalCertificates: null, offline: true),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => WorkerCredential.Matches(_credential, certificate) ? true : throw new AuthenticationException(LabMessages.WorkerCertificateOther(name)),
        };
        return GrpcChannel.ForAddress(
            string.Create(CultureInfo.InvariantCulture, $"https://{name}"),
            new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = WorkerProtocol.MaximumMessageBytes, MaxSendMessageSize = WorkerProtocol.MaximumMessageBytes });
    }
}
