namespace Grpc.Core;

/// <summary>How a message is written.</summary>
[Flags]
public enum WriteFlags
{
    /// <summary>Sent at once.</summary>
    None = 0,

    /// <summary>May wait in the buffer until the next message or the end of the stream.</summary>
    BufferHint = 1,

    /// <summary>Not compressed; this layer never compresses.</summary>
    NoCompress = 2,
}

/// <summary>Options for written messages.</summary>
public class WriteOptions
{
    /// <summary>No flags.</summary>
    public static readonly WriteOptions Default = new();

    /// <summary>Creates options.</summary>
    /// <param name="flags">How messages are written.</param>
    public WriteOptions(WriteFlags flags = WriteFlags.None) => Flags = flags;

    /// <summary>How messages are written.</summary>
    public WriteFlags Flags { get; }
}

/// <summary>A stream of sent messages, written by one writer at a time.</summary>
/// <typeparam name="T">The message.</typeparam>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>Options for the messages written from now on.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Writes a message. The task ends when the transport has taken it, so awaiting it is the backpressure.</summary>
    /// <param name="message">The message; it may be changed again when the task has ended.</param>
    /// <exception cref="InvalidOperationException">Another write is still waiting, or the stream was completed.</exception>
    /// <exception cref="RpcException">The call has failed, or the message is over the limit.</exception>
    Task WriteAsync(T message);

    /// <summary>Writes a message.</summary>
    /// <param name="message">The message; it may be changed again when the task has ended.</param>
    /// <param name="cancellationToken">Gives up: a message cannot be half sent, so a cancelled write cancels the call.</param>
    /// <exception cref="InvalidOperationException">Another write is still waiting, or the stream was completed.</exception>
    /// <exception cref="RpcException">The call has failed, or the message is over the limit.</exception>
    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled) throw new NotSupportedException("This stream cannot cancel a single write.");
        return WriteAsync(message);
    }
}

/// <summary>The responses that a handler writes.</summary>
/// <typeparam name="T">The response message.</typeparam>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;

/// <summary>The requests that a client writes.</summary>
/// <typeparam name="T">The request message.</typeparam>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Says that no further request follows. Responses can still be read.</summary>
    Task CompleteAsync();
}
