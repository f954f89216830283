using Grpc.Core;
using Grpc.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grpc.Net.Client;

/// <summary>
/// A way to one server over HTTP/2. It dials when a call needs it and again after a connection broke; it never repeats
/// a call by itself. A channel serves any number of calls at the same time.
/// </summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _shutdown = new();
    private int _disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        Address = address;
        Shutdown = _shutdown.Token;
        MaxSendMessageSize = NotNegative(options.MaxSendMessageSize, nameof(options.MaxSendMessageSize));
        MaxReceiveMessageSize = NotNegative(options.MaxReceiveMessageSize, nameof(options.MaxReceiveMessageSize));
        MaxSendMetadataSize = NotNegative(options.MaxSendMetadataSize, nameof(options.MaxSendMetadataSize)).GetValueOrDefault();
        Time = options.TimeProvider;
        Logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Grpc.Net.Client.GrpcCall");
        _http = options.HttpHandler is null
            ? new HttpMessageInvoker(LongSessions.CreateHandler(), disposeHandler: true)
            : new HttpMessageInvoker(options.HttpHandler, options.DisposeHttpClient);
    }

    internal Uri Address { get; }

    internal int? MaxSendMessageSize { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal int MaxSendMetadataSize { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal HttpMessageInvoker Http => _http;

    /// <summary>Fires when the channel is disposed. Taken once: a call that begins at that moment is cancelled, as one that began before it.</summary>
    internal CancellationToken Shutdown { get; }

    /// <summary>Creates a channel with default settings.</summary>
    /// <param name="address">The server: <c>https://host:port</c>, or <c>http://host:port</c> for HTTP/2 without TLS.</param>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Creates a channel.</summary>
    /// <param name="address">The server: <c>https://host:port</c>, or <c>http://host:port</c> for HTTP/2 without TLS.</param>
    /// <param name="channelOptions">Settings.</param>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        return ForAddress(new Uri(address, UriKind.Absolute), channelOptions);
    }

    /// <summary>Creates a channel with default settings.</summary>
    /// <param name="address">The server: <c>https://host:port</c>, or <c>http://host:port</c> for HTTP/2 without TLS.</param>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Creates a channel.</summary>
    /// <param name="address">The server: <c>https://host:port</c>, or <c>http://host:port</c> for HTTP/2 without TLS.</param>
    /// <param name="channelOptions">Settings.</param>
    /// <exception cref="ArgumentException">The address is not an absolute http or https address.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"The address '{address}' must begin with http:// or https://.", nameof(address));
        }
        return new GrpcChannel(address, channelOptions);
    }

    /// <inheritdoc/>
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return new HttpCallInvoker(this);
    }

    /// <summary>Cancels the calls that still run and closes the connections that the channel made.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _shutdown.Cancel();
        _http.Dispose();
        _shutdown.Dispose();
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed != 0, this);

    /// <inheritdoc/>
    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private static int? NotNegative(int? value, string name) => value is < 0 ? throw new ArgumentOutOfRangeException(name, value, "A limit must not be negative; null means no limit.") : value;
}
