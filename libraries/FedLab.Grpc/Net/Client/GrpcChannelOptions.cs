using Grpc.Transport;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client;

/// <summary>Settings of a channel.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>
    /// How connections are made: certificates, proxies, keepalive. Without one the channel makes a handler with
    /// <see cref="LongSessions.CreateHandler"/> and disposes it.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether disposing the channel disposes <see cref="HttpHandler"/>.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>Longest message to send, in bytes; null (the default) for no limit. A longer one fails with ResourceExhausted.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Longest message to receive, in bytes; 4 MiB by default, null for no limit. A longer one ends the call with ResourceExhausted.</summary>
    public int? MaxReceiveMessageSize { get; set; } = Wire.ProtocolNames.DefaultMaxReceiveMessageSize;

    /// <summary>
    /// Most bytes of metadata to send with a call: the sum over all entries of key, value and 32 (RFC 9113, section 10.5.1);
    /// 8 KiB by default, which every gRPC server accepts. More fails with ResourceExhausted, because a server may close the
    /// connection with all its calls over it. This setting is not in the official packages.
    /// </summary>
    public int MaxSendMetadataSize { get; set; } = Wire.ProtocolNames.DefaultMaxMetadataSize;

    /// <summary>Where the channel logs; nowhere by default.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock of deadlines. This setting is not in the official packages.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
