using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Interop;

/// <summary>
/// Reads one SEAL object of an untrusted sender, front to back. Nothing is allocated for a length that the bytes at hand could not
/// hold. Every refusal is a <see cref="LatticeFormatException"/> that names the object.
/// </summary>
internal ref struct SealReader
{
    private const int BlockBytes = TransformTable.Block * sizeof(ulong);
    private readonly string _kind;
    private readonly SealUnpacked? _unpacked;
    private SequenceReader<byte> _reader;

    /// <summary>Opens an object: checks its header and, where it is compressed with zlib, unpacks it.</summary>
    /// <param name="source">Exactly the object.</param>
    /// <param name="kind">What it should be, for messages.</param>
    /// <param name="largest">Most bytes that may follow the header once unpacked; checked before they are held in memory.</param>
    public SealReader(in ReadOnlySequence<byte> source, string kind, long largest)
    {
        _kind = kind;
        if (source.Length < SealHeader.Bytes)
            throw new LatticeFormatException(Messages.SealNoHeader(kind));
        Span<byte> bytes = stackalloc byte[SealHeader.Bytes];
        source.Slice(0, SealHeader.Bytes).CopyTo(bytes);
        var header = SealHeader.Read(bytes, kind);
        if (header.Size != (ulong)source.Length)
            throw new LatticeFormatException(Messages.SealCut(kind, header.Size, source.Length));
        var content = source.Slice(SealHeader.Bytes);
        switch (header.Compression)
        {
            case SealCompression.None:
                if (content.Length > largest)
                    throw new LatticeFormatException(Messages.SealTooLong(kind, largest));
                break;
            case SealCompression.Zlib:
                _unpacked = new SealUnpacked(content, kind, largest);
                content = _unpacked.Content;
                break;
            default:
                throw new LatticeFormatException(Messages.SealCompression(kind));
        }

        _reader = new SequenceReader<byte>(content);
    }

    /// <summary>Bytes not read yet.</summary>
    public readonly long Remaining => _reader.Remaining;

    /// <summary>Zeroes what was unpacked.</summary>
    public readonly void Dispose() => _unpacked?.Dispose();

    /// <summary>Reads the header of an object within the object, which is never compressed and never longer than what is left.</summary>
    /// <returns>The object's size, header included.</returns>
    public ulong ReadHeader()
    {
        Span<byte> bytes = stackalloc byte[SealHeader.Bytes];
        Read(bytes);
        var header = SealHeader.Read(bytes, _kind);
        if (header.Compression != SealCompression.None)
            throw new LatticeFormatException(Messages.SealCompression(_kind));
        if (header.Size < SealHeader.Bytes || header.Size - SealHeader.Bytes > (ulong)Remaining)
            throw new LatticeFormatException(Messages.SealCut(_kind, header.Size, SealHeader.Bytes + Remaining));
        return header.Size;
    }

    /// <summary>Reads the header of an object whose size is known.</summary>
    public void ReadHeader(long size)
    {
        if (ReadHeader() is var declared && declared != (ulong)size)
            throw new LatticeFormatException(Messages.SealCut(_kind, declared, size));
    }

    public byte ReadByte()
    {
        if (!_reader.TryRead(out var value))
            throw Truncated();
        return value;
    }

    public ulong ReadWord()
    {
        if (!_reader.TryReadLittleEndian(out long value))
            throw Truncated();
        return (ulong)value;
    }

    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadWord());

    public void Read(scoped Span<byte> target)
    {
        if (!_reader.TryCopyTo(target))
            throw Truncated();
        _reader.Advance(target.Length);
    }

    /// <summary>Reads a word that can have one value only.</summary>
    public void Expect(string field, ulong expected)
    {
        var value = ReadWord();
        if (value != expected)
            throw Unexpected(field, expected, value);
    }

    /// <summary>Opens an array of words, of which there can be two numbers, and checks that they are all there.</summary>
    /// <returns>The number.</returns>
    public ulong OpenArray(string field, ulong expected, ulong alternative)
    {
        var size = ReadHeader();
        var count = ReadWord();
        if (count != expected && count != alternative)
            throw Unexpected(field, expected, count);
        if (size != (ulong)SealSizes.Array((long)count))
            throw new LatticeFormatException(Messages.SealCut(_kind, size, SealSizes.Array((long)count)));
        if ((ulong)Remaining < count * sizeof(ulong))
            throw Truncated();
        return count;
    }

    /// <summary>Reads the residues of one prime, turns them into the library's order and checks that each is below the prime.</summary>
    /// <remarks>The time does not depend on the residues, which may be a secret key's.</remarks>
    [SkipLocalsInit]
    public void ReadRow(TransformTable table, Span<double> row)
    {
        Span<ulong> block = stackalloc ulong[TransformTable.Block];
        var bytes = MemoryMarshal.AsBytes(block);
        var last = table.Prime - 1;
        ulong outside = 0;
        if (_reader.Remaining < (long)row.Length * sizeof(ulong))
            throw Truncated();
        for (var start = 0; start < row.Length; start += TransformTable.Block)
        {
            _reader.TryCopyTo(bytes);
            _reader.Advance(BlockBytes);
            if (!BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(block, block);
            for (var i = 0; i < TransformTable.Block; i++)
            {
                outside |= block[i] | (last - block[i]);
                row[start + TransformTable.PositionOf(i)] = (long)block[i];
            }
        }

        System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        if (outside >> 63 != 0)
            throw new LatticeFormatException(Messages.ResidueTooLarge(_kind, table.Prime));
    }

    /// <summary>Refuses bytes after the last field.</summary>
    public readonly void End()
    {
        if (Remaining != 0)
            throw new LatticeFormatException(Messages.SealTrailing(_kind, Remaining));
    }

    /// <summary>The object is of other parameters.</summary>
    public readonly LatticeFormatException OtherParameters(ReadOnlySpan<byte> identifier) =>
        new(Messages.SealOtherParameters(_kind, Convert.ToHexStringLower(identifier)));

    public readonly LatticeFormatException UnknownGenerator(int generator) => new(Messages.SealGenerator(_kind, generator));

    public readonly LatticeFormatException Truncated() => new(Messages.SealTruncated(_kind));

    public readonly LatticeFormatException Unexpected(string field, object expected, object actual) =>
        new(Messages.SealField(_kind, field, expected, actual));
}
