using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;

namespace FedLab.Lattice.Interop;

/// <summary>The bytes of a zlib stream, held in memory that grows with what was unpacked and is zeroed at the end: it may be a secret key.</summary>
internal sealed class SealUnpacked : IDisposable
{
    private const int FirstBytes = 4096;
    private const int LargestBytes = 1 << 20;
    private readonly List<byte[]> _parts = [];

    /// <summary>Unpacks a whole stream.</summary>
    /// <exception cref="LatticeFormatException">The stream is damaged or holds more than <paramref name="largest"/> bytes.</exception>
    public SealUnpacked(in ReadOnlySequence<byte> packed, string kind, long largest)
    {
        var input = packed.ToArray();
        using var stream = new ZLibStream(new MemoryStream(input, writable: false), CompressionMode.Decompress);
        Segment? first = null, last = null;
        var lastLength = 0;
        try
        {
            for (var (total, size) = (0L, FirstBytes); ; size = Math.Min(2 * size, LargestBytes))
            {
                // On the pinned heap, so that the collector leaves no copies behind.
                var part = GC.AllocateUninitializedArray<byte>(size, pinned: true);
                _parts.Add(part);
                var length = stream.ReadAtLeast(part, size, throwOnEndOfStream: false);
                total += length;
                if (total > largest)
                    throw new LatticeFormatException(Messages.SealTooLong(kind, largest));
                last = last is null ? first = new Segment(part.AsMemory(0, length), 0) : last.Append(part.AsMemory(0, length));
                lastLength = length;
                if (length < size)
                    break;
            }
        }
        catch (InvalidDataException)
        {
            Dispose();
            throw new LatticeFormatException(Messages.SealDamagedCompression(kind));
        }
        catch (LatticeFormatException)
        {
            Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }

        Content = new ReadOnlySequence<byte>(first!, 0, last, lastLength);
    }

    /// <summary>What the stream held.</summary>
    public ReadOnlySequence<byte> Content { get; }

    public void Dispose()
    {
        foreach (var part in _parts)
            CryptographicOperations.ZeroMemory(part);
        _parts.Clear();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
