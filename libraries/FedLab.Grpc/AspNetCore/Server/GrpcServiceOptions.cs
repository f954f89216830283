namespace Grpc.AspNetCore.Server;

/// <summary>Settings of all services of a server.</summary>
public class GrpcServiceOptions
{
    /// <summary>Longest message to send, in bytes; null (the default) for no limit. A longer one fails with ResourceExhausted.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>Longest message to receive, in bytes; 4 MiB by default, null for no limit. A longer one ends the call with ResourceExhausted.</summary>
    public int? MaxReceiveMessageSize { get; set; } = Wire.ProtocolNames.DefaultMaxReceiveMessageSize;

    /// <summary>
    /// Most bytes of request headers: the sum over all fields of name, value and 32 (RFC 9113, section 10.5.1); 8 KiB by
    /// default, as the protocol suggests. More ends the call with ResourceExhausted. Kestrel's own limit
    /// (<c>MaxRequestHeadersTotalSize</c>, 32 KiB) stands behind it. This setting is not in the official packages.
    /// </summary>
    public int MaxReceiveMetadataSize { get; set; } = Wire.ProtocolNames.DefaultMaxMetadataSize;

    /// <summary>
    /// Most bytes of metadata to send in headers and again in trailers, counted in the same way; 8 KiB by default, which every
    /// gRPC client accepts. More fails with ResourceExhausted, because a client may close the connection with all its calls
    /// over it. This setting is not in the official packages.
    /// </summary>
    public int MaxSendMetadataSize { get; set; } = Wire.ProtocolNames.DefaultMaxMetadataSize;
}
