using System.Buffers;
using System.Threading.Channels;

namespace FedLab.Kernel.Zmtp;

/// <summary>One connected peer: its identity and the queue of what it is to be sent. Only its own task writes, so a peer that does not read keeps nobody waiting.</summary>
internal sealed class ZmtpPeer : IAsyncDisposable
{
    // Frames from this size on are written as they are instead of being copied together with their neighbours.
    private const int LargeFrame = 32 << 10;

    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private readonly Stream _stream;
    private readonly ZmtpLimits _limits;
    private readonly Channel<IReadOnlyList<byte[]>> _outgoing = Channel.CreateUnbounded<IReadOnlyList<byte[]>>(new() { SingleReader = true });
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _writing;
    private long _queued;

    /// <summary>Takes a connection over whose handshake is done.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="identity">The identity that the peer chose.</param>
    /// <param name="limits">How much may wait for it.</param>
    public ZmtpPeer(Stream stream, byte[] identity, ZmtpLimits limits)
    {
        (_stream, Identity, _limits) = (stream, identity, limits);
        _writing = WriteAsync();
    }

    /// <summary>The identity that the peer chose; empty where it chose none.</summary>
    public byte[] Identity { get; }

    /// <summary>Cancelled when the peer is to be read no longer.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Queues a message.</summary>
    /// <param name="frames">Its frames; not changed any more by the caller.</param>
    /// <returns>Whether there was room; what there is no room for is dropped.</returns>
    public bool TrySend(IReadOnlyList<byte[]> frames)
    {
        long bytes = 0;
        foreach (var frame in frames) bytes += frame.Length + 9;
        if (Interlocked.Add(ref _queued, bytes) <= _limits.OutgoingBytes && _outgoing.Writer.TryWrite(frames)) return true;
        Interlocked.Add(ref _queued, -bytes);
        return false;
    }

    /// <summary>Ends the connection without waiting for what is queued.</summary>
    public void Abort() => _closed.Cancel();

    /// <summary>Writes what is queued, for a moment, and ends the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(Linger, CancellationToken.None)).ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        var buffer = new ArrayBufferWriter<byte>(4 << 10);
        try
        {
            await foreach (var frames in _outgoing.Reader.ReadAllAsync(_closed.Token).ConfigureAwait(false))
            {
                long bytes = 0;
                for (var index = 0; index < frames.Count; index++)
                {
                    var frame = frames[index];
                    bytes += frame.Length + 9;
                    ZmtpWire.WriteHeader(buffer, frame.Length, index < frames.Count - 1);
                    if (frame.Length < LargeFrame)
                    {
                        buffer.Write(frame);
                        continue;
                    }
                    await FlushAsync(buffer).ConfigureAwait(false);
                    await _stream.WriteAsync(frame, _closed.Token).ConfigureAwait(false);
                }
                await FlushAsync(buffer).ConfigureAwait(false);
                Interlocked.Add(ref _queued, -bytes);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            _outgoing.Writer.TryComplete();
            await _closed.CancelAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask FlushAsync(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.WrittenCount == 0) return;
        await _stream.WriteAsync(buffer.WrittenMemory, _closed.Token).ConfigureAwait(false);
        buffer.ResetWrittenCount();
    }
}
