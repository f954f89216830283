using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The responses of a call, read by its caller.</summary>
/// <typeparam name="T">The response message.</typeparam>
internal sealed class ResponseStream<T>(HttpCall<T> call) : IAsyncStreamReader<T>
    where T : class
{
    private MessageReader<T>? _messages;
    private int _reading;

    public T Current { get; private set; } = default!;

    /// <summary>Whether a read waits now, so that the end of the call will be noticed.</summary>
    public bool IsReading => Volatile.Read(ref _reading) != 0;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0) throw new InvalidOperationException("Another read of this call is still waiting.");
        try
        {
            using var registration = cancellationToken.UnsafeRegister(static state => ((HttpCall)state!).End(new Status(StatusCode.Cancelled, "The call was cancelled by the client.")), call);
            Current = default!;
            if (await ReadAsync().ConfigureAwait(false) is { } message)
            {
                Current = message;
                return true;
            }
            return call.GetStatus().StatusCode == StatusCode.OK ? false : throw call.EndedException();
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <summary>The only response of a call that has one.</summary>
    public async Task<T> ReadSingleAsync()
    {
        Interlocked.Exchange(ref _reading, 1);
        var message = await ReadAsync(mustBeMessage: true).ConfigureAwait(false);
        if (message is null) throw call.EndedException();
        if (await ReadAsync().ConfigureAwait(false) is not null) call.End(new Status(StatusCode.Unimplemented, "The server sent more than one response to a method that has one."));
        // Another thread may be ending the call at this moment.
        var status = await call.Ended.ConfigureAwait(false);
        return status.StatusCode == StatusCode.OK ? message : throw call.EndedException();
    }

    /// <summary>Reads a message, or ends the call.</summary>
    private async ValueTask<T?> ReadAsync(bool mustBeMessage = false)
    {
        try
        {
            if (call.HasEnded) return await CloseAsync().ConfigureAwait(false);
            _messages ??= await call.OpenAsync().ConfigureAwait(false);
            if (_messages is null) return await CloseAsync().ConfigureAwait(false);
            var outcome = await _messages.ReadAsync(call.Token).ConfigureAwait(false);
            if (outcome == ReadOutcome.Message) return _messages.Current;
            var (status, trailers) = call.ReadTrailers();
            if (status.StatusCode == StatusCode.OK)
            {
                if (outcome == ReadOutcome.Truncated) status = new Status(StatusCode.Internal, "The response ended inside a message.");
                else if (mustBeMessage) status = new Status(StatusCode.Unimplemented, "The server sent no response to a method that has one.");
            }
            call.End(status, trailers);
        }
        catch (Exception e)
        {
            call.End(e);
        }
        return await CloseAsync().ConfigureAwait(false);
    }

    /// <summary>Gives the buffers back and waits until the call has its status, which another thread may just be giving it; nothing else reads when this runs.</summary>
    private async ValueTask<T?> CloseAsync()
    {
        if (_messages is not null) await _messages.Pipe.CompleteAsync().ConfigureAwait(false);
        _messages = null;
        await call.Ended.ConfigureAwait(false);
        return null;
    }
}
