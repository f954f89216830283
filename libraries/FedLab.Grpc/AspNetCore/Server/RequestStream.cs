using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>The requests of a call, read by its handler.</summary>
/// <typeparam name="T">The request message.</typeparam>
internal sealed class RequestStream<T>(HttpContext http, ServerResponse response, Marshaller<T> marshaller, int? limit, CancellationTokenSource cancelCall) : IAsyncStreamReader<T>
    where T : class
{
    private readonly MessageReader<T> _messages = new(http.Request.BodyReader, marshaller, limit, Encoding(http), StatusCode.Unimplemented);
    private int _reading;
    private bool _finished;

    public T Current { get; private set; } = default!;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0) throw new InvalidOperationException("Another read of this call is still waiting.");
        try
        {
            Current = default!;
            // A client that waits for headers before it sends must not wait for a response that depends on what it sends.
            await response.EnsureBegunAsync();
            return await ReadAsync(cancellationToken);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <summary>The only request of a method that has one.</summary>
    public async Task<T> ReadSingleAsync()
    {
        if (!await ReadAsync(CancellationToken.None)) throw new RpcException(new Status(StatusCode.Unimplemented, "The client sent no request to a method that has one."));
        var request = Current;
        if (await ReadAsync(CancellationToken.None)) throw new RpcException(new Status(StatusCode.Unimplemented, "The client sent more than one request to a method that has one."));
        return request;
    }

    private static string? Encoding(HttpContext http) => http.Request.Headers.TryGetValue(ProtocolNames.Encoding, out var value) ? value.ToString() : null;

    private async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (_finished) return false;
        using var both = cancellationToken.CanBeCanceled && cancellationToken != cancelCall.Token ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cancelCall.Token) : null;
        var token = both?.Token ?? cancelCall.Token;
        try
        {
            switch (await _messages.ReadAsync(token))
            {
                case ReadOutcome.Message:
                    Current = _messages.Current;
                    return true;
                case ReadOutcome.End:
                    _finished = true;
                    return false;
                default:
                    throw new RpcException(new Status(StatusCode.Internal, "The request ended inside a message."));
            }
        }
        catch (BadHttpRequestException e)
        {
            throw new RpcException(new Status(StatusCode.Internal, "The request is malformed: " + e.Message, e));
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !token.IsCancellationRequested))
        {
            // A reset stream shows here before RequestAborted fires.
            await cancelCall.CancelAsync();
            throw new OperationCanceledException("The client cancelled the call or went away.", e, cancelCall.Token);
        }
    }
}
