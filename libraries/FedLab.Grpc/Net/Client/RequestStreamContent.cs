using System.IO.Pipelines;
using System.Net;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>What the request bodies share.</summary>
internal static class RequestStreamContent
{
    /// <summary>Buffers of 64 KiB: a message of 1 MiB leaves in sixteen pieces, each copied while it is in the cache.</summary>
    public static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: 64 * 1024, leaveOpen: true);
}

/// <summary>The request body of a call with a stream of requests; it stays open until the caller completes it.</summary>
/// <typeparam name="T">The request message.</typeparam>
internal sealed class RequestStreamContent<T>(HttpCall call, Marshaller<T> marshaller, int? limit, WriteOptions? options) : HttpContent, IClientStreamWriter<T>
    where T : class
{
    /// <summary>How long a write that the server did not want waits for the status that a running read will bring.</summary>
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PipeWriter? _pipe;
    private MessageWriter<T>? _messages;
    private int _writing;
    private bool _isComplete;

    public WriteOptions? WriteOptions { get; set; } = options;

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        BeginWrite();
        try
        {
            if (_isComplete) throw new InvalidOperationException("The request stream was completed.");
            if (call.HasEnded) throw call.EndedException();
            using var registration = cancellationToken.UnsafeRegister(static state => ((HttpCall)state!).End(new Status(StatusCode.Cancelled, "The call was cancelled by the client.")), call);
            await WriteCoreAsync(message).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    public async Task CompleteAsync()
    {
        BeginWrite();
        try
        {
            if (_isComplete) throw new InvalidOperationException("The request stream was completed.");
            _isComplete = true;
            // Sends what a BufferHint held back. A call that has ended has nothing to complete, and its status is known.
            if (_messages is not null && !call.HasEnded) await FlushAsync().ConfigureAwait(false);
            _completed.TrySetResult();
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var pipe = PipeWriter.Create(stream, RequestStreamContent.WriterOptions);
        lock (_lock)
        {
            // The HTTP client repeats a request that the server refused unprocessed, as it does while it shuts down. That is
            // right as long as no message was written into the first one. The pipe changes before the repeated headers leave,
            // so that nobody who has the server's answer to them still writes into the first one.
            if (_messages is null) _pipe = pipe;
        }
        if (_pipe != pipe)
        {
            var lost = new IOException("The server refused the call unprocessed after requests had been written into it.");
            call.End(lost);
            throw lost;
        }
        // The headers must go out before the first message exists, or a server that speaks first is never asked.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        _opened.TrySetResult();
        // An aborted call must not look like a completed one, so this fails instead of returning when the call ends. It does
        // not listen to the HTTP client's token: as long as the stream is open, a write into it tells why it was given up.
        using var ended = call.Token.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), _completed);
        await _completed.Task.ConfigureAwait(false);
        await pipe.CompleteAsync().ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private void BeginWrite()
    {
        if (Interlocked.Exchange(ref _writing, 1) != 0) throw new InvalidOperationException("Another write of this call is still waiting; one message is written at a time.");
    }

    private async Task WriteCoreAsync(T message)
    {
        try
        {
            await _opened.Task.WaitAsync(call.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw call.EndedException();
        }

        lock (_lock) _messages ??= new MessageWriter<T>(_pipe!, marshaller, limit);
        try
        {
            _messages.Write(message);
        }
        catch (RpcException e)
        {
            if (_messages.IsBroken) call.End(e);
            throw;
        }
        if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) != true) await FlushAsync().ConfigureAwait(false);
    }

    private async Task FlushAsync()
    {
        try
        {
            await _pipe!.FlushAsync(call.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !call.HasEnded)
        {
            // The server ended the call before it read all requests. Its status stands behind the last response.
            throw await StatusOfRefusedWriteAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            call.End(e);
            await call.Ended.ConfigureAwait(false); // another thread may be ending the call at this moment
            throw call.EndedException();
        }
    }

    private async Task<RpcException> StatusOfRefusedWriteAsync()
    {
        try
        {
            if (call.IsReading) await call.Ended.WaitAsync(StatusPatience, call.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The reader is busy with the responses before the status.
        }
        return call.HasEnded
            ? call.EndedException()
            : new RpcException(new Status(StatusCode.Cancelled, "The server ended the call before it read all requests; its status stands behind the last response."));
    }
}
