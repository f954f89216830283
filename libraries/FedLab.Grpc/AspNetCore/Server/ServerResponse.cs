using System.Globalization;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// The response of one call: headers, messages, status. The headers begin it once; the status ends it once, as trailers
/// or, when nothing was sent before, as a response of headers alone. A reader and a writer may begin it at the same time.
/// </summary>
internal sealed class ServerResponse(HttpContext http, int maxSendMetadataSize)
{
    /// <summary>HTTP/2 error codes (RFC 9113, section 7).</summary>
    private const int InternalError = 0x2;
    private const int Cancel = 0x8;

    private readonly Lock _lock = new();
    private Task? _begun;
    private bool _writing;
    private bool _ended;
    private bool _isOverdue;

    /// <summary>Answers a call that no handler sees.</summary>
    public void Refuse(Status status) => End(status, Metadata.Empty);

    /// <summary>Sends the headers with metadata.</summary>
    /// <exception cref="InvalidOperationException">They were sent before.</exception>
    /// <exception cref="RpcException">They are over the limit.</exception>
    public Task BeginAsync(Metadata headers)
    {
        MetadataText.Validate(headers);
        MetadataText.CheckSize(headers, maxSendMetadataSize);
        lock (_lock)
        {
            if (_ended) throw new InvalidOperationException("The call has ended.");
            if (_begun is not null) throw new InvalidOperationException("The response has already begun, so headers cannot be sent: call WriteResponseHeadersAsync before reading requests and writing responses.");
            AppendHeaders(headers);
            return _begun = FlushAsync();
        }
    }

    /// <summary>Sends the headers, unless they were sent: a client that waits for them may go on.</summary>
    public Task EnsureBegunAsync()
    {
        lock (_lock)
        {
            if (_ended || _writing) return Task.CompletedTask;
            if (_begun is null)
            {
                AppendHeaders(Metadata.Empty);
                _begun = FlushAsync();
            }
            return _begun;
        }
    }

    /// <summary>Takes the right to write, for one message.</summary>
    /// <returns>A task to await before writing: headers that are being sent.</returns>
    /// <exception cref="InvalidOperationException">Another message is being written, or the call has ended.</exception>
    /// <exception cref="OperationCanceledException">The deadline ended the call.</exception>
    public Task BeginWrite()
    {
        lock (_lock)
        {
            if (_isOverdue) throw new OperationCanceledException("The deadline of the call passed.");
            if (_ended) throw new InvalidOperationException("The call has ended; nothing more can be written.");
            if (_writing) throw new InvalidOperationException("Another write of this call is still waiting; one message is written at a time.");
            _writing = true;
            if (_begun is null)
            {
                AppendHeaders(Metadata.Empty); // they leave with the message
                _begun = Task.CompletedTask;
            }
            return _begun;
        }
    }

    /// <summary>Gives the right to write back.</summary>
    public void EndWrite()
    {
        lock (_lock) _writing = false;
    }

    /// <summary>Ends the response while the handler still runs.</summary>
    /// <returns>Whether the status will reach the client.</returns>
    public bool EndOverdue(Status status, Metadata trailers)
    {
        lock (_lock)
        {
            _isOverdue = true;
            return End(status, trailers);
        }
    }

    /// <summary>Ends the response; only the first end counts.</summary>
    /// <returns>Whether the status will reach the client.</returns>
    public bool End(Status status, Metadata trailers)
    {
        lock (_lock)
        {
            if (_ended) return false;
            _ended = true;
            if (http.RequestAborted.IsCancellationRequested) return false;
            if (_writing)
            {
                // A message stands half in the stream; no status can follow it.
                Reset(Cancel);
                return false;
            }
            if (_begun is null && status.StatusCode != StatusCode.OK)
            {
                http.Response.ContentType = ProtocolNames.ContentType;
                http.Response.Headers[ProtocolNames.AcceptEncoding] = ProtocolNames.IdentityEncoding;
                Append(status, trailers, (name, value) => http.Response.Headers.Append(name, value));
                return true;
            }
            if (_begun is null) AppendHeaders(Metadata.Empty);
            _begun ??= Task.CompletedTask;
            Append(status, trailers, (name, value) => http.Response.AppendTrailer(name, value));
            return true;
        }
    }

    /// <summary>Breaks the stream off because it holds half a message that cannot be finished.</summary>
    public void Abort()
    {
        lock (_lock) _ended = true;
        Reset(InternalError);
    }

    private static void Append(Status status, Metadata trailers, Action<string, string> append)
    {
        append(ProtocolNames.Status, ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture));
        if (status.Detail.Length > 0) append(ProtocolNames.Message, StatusText.EncodeMessage(status.Detail));
        foreach (var entry in trailers) append(entry.Key, MetadataText.Encode(entry));
    }

    private void AppendHeaders(Metadata headers)
    {
        http.Response.ContentType = ProtocolNames.ContentType;
        http.Response.Headers[ProtocolNames.AcceptEncoding] = ProtocolNames.IdentityEncoding;
        foreach (var entry in headers) http.Response.Headers.Append(entry.Key, MetadataText.Encode(entry));
    }

    private async Task FlushAsync() => await http.Response.BodyWriter.FlushAsync();

    private void Reset(int code)
    {
        if (http.Features.Get<IHttpResetFeature>() is { } reset) reset.Reset(code);
        else http.Abort();
    }
}
