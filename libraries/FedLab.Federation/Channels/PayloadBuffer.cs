using System.Buffers;
using System.Security.Cryptography;

namespace FedLab.Federation.Channels;

/// <summary>
/// A message body in pooled segments of 1 MiB: written once, sent segment by segment, never copied into one array.
/// Holders share it by <see cref="Share"/> and each disposes its own hold; the segments go back to the pool with the last one.
/// </summary>
public sealed class PayloadBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Size of a full segment in bytes: the chunk that travels best over gRPC.</summary>
    public const int SegmentSize = 1 << 17;

    private readonly List<Segment> _segments = [];
    private int _holders = 1;

    /// <summary>Number of bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>Makes a payload that holds a copy of the bytes.</summary>
    /// <param name="bytes">The content.</param>
    public static PayloadBuffer Of(ReadOnlySpan<byte> bytes)
    {
        var buffer = new PayloadBuffer();
        buffer.Write(bytes);
        return buffer;
    }

    /// <summary>Adds a holder.</summary>
    /// <returns>This buffer.</returns>
    public PayloadBuffer Share()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Increment(ref _holders) <= 1, this);
        return this;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        var last = _segments[^1];
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(last.Array.Length - last.Used), nameof(count));
        last.Used += count;
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var segment = Room(sizeHint);
        return segment.Array.AsMemory(segment.Used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        var segment = Room(sizeHint);
        return segment.Array.AsSpan(segment.Used);
    }

    /// <summary>The content as one sequence; valid while the caller holds the buffer and does not write to it.</summary>
    public ReadOnlySequence<byte> AsSequence()
    {
        if (_segments.Count == 0) return ReadOnlySequence<byte>.Empty;
        Link? first = null, last = null;
        foreach (var segment in _segments)
        {
            var link = new Link(segment.Array.AsMemory(0, segment.Used), last);
            first ??= link;
            last = link;
        }
        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    /// <summary>The content segment by segment.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Segments() => _segments.Select(segment => (ReadOnlyMemory<byte>)segment.Array.AsMemory(0, segment.Used));

    /// <summary>SHA-256 of the content.</summary>
    public byte[] Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var segment in _segments) hash.AppendData(segment.Array.AsSpan(0, segment.Used));
        return hash.GetHashAndReset();
    }

    /// <summary>The content in one array, for small messages.</summary>
    public byte[] ToArray() => AsSequence().ToArray();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        foreach (var segment in _segments) ArrayPool<byte>.Shared.Return(segment.Array);
        _segments.Clear();
    }

    private Segment Room(int sizeHint)
    {
        if (_segments.Count > 0 && _segments[^1] is { } last && last.Array.Length - last.Used >= Math.Max(1, sizeHint)) return last;
        // The first segment of a small message is small: thousands of them are alive in a long run.
        var size = Math.Max(sizeHint, Length == 0 ? 4096 : SegmentSize);
        var segment = new Segment(ArrayPool<byte>.Shared.Rent(size));
        _segments.Add(segment);
        return segment;
    }

    private sealed class Segment(byte[] array)
    {
        public byte[] Array { get; } = array;

        public int Used { get; set; }
    }

    private sealed class Link : ReadOnlySequenceSegment<byte>
    {
        public Link(ReadOnlyMemory<byte> memory, Link? previous)
        {
            Memory = memory;
            if (previous is null) return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
