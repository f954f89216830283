using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Transport;

/// <summary>
/// Settings of Kestrel and of the HTTP client under which a call may last for days, be idle for hours and still move
/// large messages fast. This class is not part of the official packages and works with them as well.
/// </summary>
public static class LongSessions
{
    /// <summary>A connection that was silent for so long is asked whether it lives.</summary>
    public static readonly TimeSpan KeepAlivePingDelay = TimeSpan.FromSeconds(20);

    /// <summary>A connection that does not answer in this time is closed, and its calls end with Unavailable.</summary>
    public static readonly TimeSpan KeepAlivePingTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The longest time for which a connection can be dead without its being known.</summary>
    public static readonly TimeSpan LongestSilence = KeepAlivePingDelay + KeepAlivePingTimeout;

    /// <summary>
    /// Bytes that may be on their way to this side in one call: more than the product of rate and delay of a good wide-area link (100 Mbit/s and 200 ms hold 2.5 MB;
    /// the default of 64 KiB halves the rate even on loopback).
    /// </summary>
    public const int StreamWindowSize = 8 << 20;

    /// <summary>Bytes that may be on their way to the server in all calls of one connection.</summary>
    public const int ConnectionWindowSize = 16 << 20;

    /// <summary>The largest HTTP/2 frame that the server accepts.</summary>
    public const int MaxFrameSize = 256 << 10;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Sets keepalive pings and windows, and takes away the limits that end long calls: the size of a request body and the
    /// least rates of requests and responses, which would punish a peer that thinks for a while. A server that uses this
    /// should know its clients (mutual TLS).
    /// </summary>
    /// <param name="kestrel">The server's options.</param>
    public static KestrelServerOptions UseLongSessions(this KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.Http2.KeepAlivePingDelay = KeepAlivePingDelay;
        limits.Http2.KeepAlivePingTimeout = KeepAlivePingTimeout;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowSize;
        limits.Http2.InitialStreamWindowSize = StreamWindowSize;
        limits.Http2.MaxFrameSize = MaxFrameSize;
        return kestrel;
    }

    /// <summary>Gives the server's connections buffers of 64 KiB instead of 4 KiB: fewer TLS records, copies and system calls a megabyte.</summary>
    /// <param name="services">The server's services, before it is built.</param>
    public static IServiceCollection AddLongSessions(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlockMemoryPoolFactory>();
    }

    /// <summary>Sets keepalive pings, windows and timeouts; a silent connection is pinged as long as a call uses it.</summary>
    /// <param name="handler">The HTTP client's handler, before its first request.</param>
    public static SocketsHttpHandler UseLongSessions(this SocketsHttpHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        handler.KeepAlivePingDelay = KeepAlivePingDelay;
        handler.KeepAlivePingTimeout = KeepAlivePingTimeout;
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.InitialHttp2StreamWindowSize = StreamWindowSize;
        handler.EnableMultipleHttp2Connections = true;
        handler.ConnectTimeout = ConnectTimeout;
        return handler;
    }

    /// <summary>A handler with these settings.</summary>
    public static SocketsHttpHandler CreateHandler() => new SocketsHttpHandler().UseLongSessions();
}
