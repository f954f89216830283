using System.Buffers.Binary;

namespace FedLab.Kernel.Zmtp;

/// <summary>Reads frames and messages off a connection. Memory grows with the bytes that came, never with the length that a peer claims.</summary>
internal sealed class ZmtpReader(Stream stream, ZmtpLimits limits, IncomingBudget budget)
{
    private const int FirstChunk = 16 << 10;
    private const byte KnownFlags = ZmtpWire.More | ZmtpWire.Long | ZmtpWire.Command;

    private readonly byte[] _header = new byte[9];
    private long _reserved;

    /// <summary>Reads the peer's greeting.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Its 64 bytes.</returns>
    public async ValueTask<byte[]> ReadGreetingAsync(CancellationToken cancellationToken)
    {
        var greeting = new byte[ZmtpWire.GreetingBytes];
        await stream.ReadExactlyAsync(greeting, cancellationToken).ConfigureAwait(false);
        return greeting;
    }

    /// <summary>Reads one frame.</summary>
    /// <param name="maximum">Most bytes that it may have.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Flags and content; null where the peer ended the connection between frames.</returns>
    /// <exception cref="InvalidDataException">The frame is malformed or too long.</exception>
    /// <exception cref="EndOfStreamException">The connection ended inside the frame.</exception>
    public async ValueTask<(byte Flags, byte[] Content)?> ReadFrameAsync(int maximum, CancellationToken cancellationToken)
    {
        if (await stream.ReadAsync(_header.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) == 0) return null;
        var flags = _header[0];
        if ((flags & ~KnownFlags) != 0) throw new InvalidDataException("A frame has flags that do not exist.");
        ulong length;
        if ((flags & ZmtpWire.Long) != 0)
        {
            await stream.ReadExactlyAsync(_header.AsMemory(1, 8), cancellationToken).ConfigureAwait(false);
            length = BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(1));
        }
        else
        {
            await stream.ReadExactlyAsync(_header.AsMemory(1, 1), cancellationToken).ConfigureAwait(false);
            length = _header[1];
        }
        if (length > (ulong)maximum) throw new InvalidDataException("A frame is longer than it may be.");
        return (flags, await ReadContentAsync((int)length, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads one message; commands between messages are ignored. What it reserved of the budget stays reserved until <see cref="Release"/>.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The frames; null where the peer ended the connection.</returns>
    /// <exception cref="InvalidDataException">A frame is malformed or the message too long.</exception>
    public async ValueTask<IReadOnlyList<byte[]>?> ReadMessageAsync(CancellationToken cancellationToken)
    {
        var frames = new List<byte[]>();
        var remaining = limits.MessageBytes;
        while (true)
        {
            if (await ReadFrameAsync(remaining, cancellationToken).ConfigureAwait(false) is not var (flags, content))
                return frames.Count == 0 ? null : throw new EndOfStreamException();
            if ((flags & ZmtpWire.Command) != 0)
            {
                if ((flags & ZmtpWire.More) != 0 || frames.Count > 0) throw new InvalidDataException("A command stands inside a message.");
                Release();
                continue;
            }
            remaining -= content.Length;
            frames.Add(content);
            if ((flags & ZmtpWire.More) == 0) return frames;
            if (frames.Count == limits.MessageFrames) throw new InvalidDataException("A message has more frames than it may.");
        }
    }

    /// <summary>Gives back what was reserved for the messages that were read.</summary>
    public void Release()
    {
        budget.Release(_reserved);
        _reserved = 0;
    }

    private async ValueTask<byte[]> ReadContentAsync(int length, CancellationToken cancellationToken)
    {
        if (length == 0) return [];
        var content = new byte[Reserve(Math.Min(length, FirstChunk))];
        var filled = 0;
        while (true)
        {
            await stream.ReadExactlyAsync(content.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            filled = content.Length;
            if (filled == length) return content;
            var larger = (int)Math.Min(length, 2L * filled);
            Reserve(larger - filled);
            Array.Resize(ref content, larger);
        }
    }

    private int Reserve(int bytes)
    {
        budget.Reserve(bytes);
        _reserved += bytes;
        return bytes;
    }
}

/// <summary>The memory that all peers of a socket may hold together with messages that are not finished.</summary>
internal sealed class IncomingBudget(long bytes)
{
    private long _free = bytes;

    /// <summary>Takes bytes.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="InvalidDataException">There are not that many.</exception>
    public void Reserve(int count)
    {
        if (Interlocked.Add(ref _free, -count) >= 0) return;
        Interlocked.Add(ref _free, count);
        throw new InvalidDataException("The peers together have begun more than they may.");
    }

    /// <summary>Gives bytes back.</summary>
    /// <param name="count">How many.</param>
    public void Release(long count) => Interlocked.Add(ref _free, count);

    /// <summary>Bytes that are not taken.</summary>
    public long Free => Interlocked.Read(ref _free);
}
