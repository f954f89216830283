using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>The responses of a call, written by its handler.</summary>
/// <typeparam name="T">The response message.</typeparam>
internal sealed class ResponseWriter<T>(HttpContext http, ServerResponse response, ServerCallContext context, Marshaller<T> marshaller, int? limit, CancellationTokenSource cancelCall) : IServerStreamWriter<T>
    where T : class
{
    private readonly MessageWriter<T> _messages = new(http.Response.BodyWriter, marshaller, limit);

    public WriteOptions? WriteOptions
    {
        get => context.WriteOptions;
        set => context.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        if (http.RequestAborted.IsCancellationRequested) throw await ClientGoneAsync();
        var headers = response.BeginWrite();
        try
        {
            await headers;
            _messages.Write(message);
            if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) == true) return;
            var result = await http.Response.BodyWriter.FlushAsync(cancellationToken);
            if (result.IsCanceled || result.IsCompleted || http.RequestAborted.IsCancellationRequested) throw await ClientGoneAsync();
        }
        catch (RpcException) when (_messages.IsBroken)
        {
            response.Abort();
            throw;
        }
        finally
        {
            response.EndWrite();
        }
    }

    private async Task<OperationCanceledException> ClientGoneAsync()
    {
        // A reset stream may show here before RequestAborted fires.
        await cancelCall.CancelAsync();
        return new OperationCanceledException("The client cancelled the call or went away.", cancelCall.Token);
    }
}
