namespace Grpc.Wire;

/// <summary>Header names and values of gRPC over HTTP/2 (grpc/grpc <c>doc/PROTOCOL-HTTP2.md</c>).</summary>
internal static class ProtocolNames
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string IdentityEncoding = "identity";
    public const string Te = "te";
    public const string Trailers = "trailers";

    /// <summary>Limit of a received message when nobody sets one: 4 MiB, as in the official packages.</summary>
    public const int DefaultMaxReceiveMessageSize = 4 << 20;

    /// <summary>Limit of metadata when nobody sets one: 8 KiB, as the protocol suggests.</summary>
    public const int DefaultMaxMetadataSize = 8 << 10;

    /// <summary>
    /// Whether a content type announces protobuf messages in gRPC frames. Other serialisations
    /// (<c>application/grpc+json</c>) and gRPC-Web are other formats.
    /// </summary>
    public static bool IsGrpcContentType(string? value)
    {
        if (value is null) return false;
        var end = value.IndexOf(';', StringComparison.Ordinal);
        var type = (end < 0 ? value.AsSpan() : value.AsSpan(0, end)).Trim();
        return type.Equals(ContentType, StringComparison.OrdinalIgnoreCase) || type.Equals("application/grpc+proto", StringComparison.OrdinalIgnoreCase);
    }
}
