using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>
/// What a failure below gRPC means: HTTP statuses (grpc/grpc <c>doc/http-grpc-status-mapping.md</c>), reset streams
/// (<c>doc/PROTOCOL-HTTP2.md</c>, "Errors"), lost connections.
/// </summary>
internal static class TransportErrors
{
    /// <summary>The framework has no code for headers over a limit of either side, only texts with these words.</summary>
    private const string HeaderLimitText = "headers length exceeded";

    /// <summary>The framework has one exception for a reset stream and for a closed connection (GOAWAY, unanswered ping); only the text of the former has these words.</summary>
    private const string ResetStreamText = "reset the stream";

    /// <summary>The status for a response that has no grpc-status.</summary>
    public static Status ToStatus(HttpStatusCode code) => new(
        (int)code switch
        {
            400 or 431 => StatusCode.Internal,
            401 => StatusCode.Unauthenticated,
            403 => StatusCode.PermissionDenied,
            404 => StatusCode.Unimplemented,
            429 or 502 or 503 or 504 => StatusCode.Unavailable,
            _ => StatusCode.Unknown,
        },
        $"The answer has HTTP status {(int)code} and no grpc-status.");

    /// <summary>The status for an exception of the HTTP client.</summary>
    public static Status ToStatus(Exception exception)
    {
        // A call that its caller cancelled has ended before this is asked, so here the HTTP client gave up by itself: it could
        // not connect in time, or lost the connection while it sent the request.
        if (exception is OperationCanceledException) return new Status(StatusCode.Unavailable, "The connection failed: " + Text(exception), exception);
        // The innermost exception knows best: an outer one may call a connection that was closed during the handshake
        // (as a server does that does not like our certificate) an invalid response.
        var code = StatusCode.Internal;
        for (var e = exception; e is not null; e = e.InnerException) code = ToStatusCode(e) ?? code;
        return new Status(code, Text(exception), exception);
    }

    private static StatusCode? ToStatusCode(Exception exception) => exception switch
    {
        HttpProtocolException reset => ToStatusCode(reset),
        _ when exception.Message.Contains(HeaderLimitText, StringComparison.Ordinal) => StatusCode.ResourceExhausted,
        HttpRequestException request => ToStatusCode(request.HttpRequestError),
        HttpIOException io => ToStatusCode(io.HttpRequestError),
        SocketException or IOException or AuthenticationException => StatusCode.Unavailable,
        _ => null,
    };

    private static StatusCode ToStatusCode(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ResponseEnded or HttpRequestError.ProxyTunnelError or HttpRequestError.UserAuthenticationError => StatusCode.Unavailable,
        HttpRequestError.ConfigurationLimitExceeded => StatusCode.ResourceExhausted,
        // Among them a connection that was closed during the handshake, without an inner exception.
        HttpRequestError.Unknown => StatusCode.Unavailable,
        _ => StatusCode.Internal,
    };

    private static StatusCode ToStatusCode(HttpProtocolException exception)
    {
        // Only a reset stream speaks about this call.
        if (!exception.Message.Contains(ResetStreamText, StringComparison.Ordinal)) return StatusCode.Unavailable;
        return exception.ErrorCode switch
        {
            0x7 => StatusCode.Unavailable, // REFUSED_STREAM
            0x8 => StatusCode.Cancelled, // CANCEL
            0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
            0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
            _ => StatusCode.Internal,
        };
    }

    /// <summary>The message with the one that explains it.</summary>
    private static string Text(Exception exception) => exception.InnerException is { } inner && !exception.Message.Contains(inner.Message, StringComparison.Ordinal)
        ? exception.Message + " " + inner.Message
        : exception.Message;
}
