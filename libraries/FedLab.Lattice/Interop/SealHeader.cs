using System.Buffers.Binary;

namespace FedLab.Lattice.Interop;

/// <summary>How the bytes behind a header are packed: SEAL's compr_mode_type.</summary>
internal enum SealCompression : byte
{
    /// <summary>As they are.</summary>
    None = 0,

    /// <summary>One zlib stream (RFC 1950).</summary>
    Zlib = 1,

    /// <summary>One Zstandard frame (RFC 8878); not read here.</summary>
    Zstandard = 2,
}

/// <summary>
/// The 16 bytes before every object and every object within an object: magic number (2), size of the header (1), version (1 major,
/// 1 minor), compression (1), zero (2), size of the whole object with its header (8); little-endian.
/// </summary>
/// <param name="Major">First number of the version of SEAL that wrote it.</param>
/// <param name="Minor">Second number.</param>
/// <param name="Compression">Of the bytes that follow.</param>
/// <param name="Size">Bytes of the object as it lies there, header included.</param>
internal readonly record struct SealHeader(byte Major, byte Minor, SealCompression Compression, ulong Size)
{
    /// <summary>Bytes of a header.</summary>
    public const int Bytes = 16;

    /// <summary>The one major version whose objects have this layout.</summary>
    public const byte ReadMajor = 4;

    /// <summary>The newest minor version that is read: 4.0 to 4.4 share the layout.</summary>
    public const byte NewestMinor = 4;

    /// <summary>What is written: SEAL up to 4.3 takes only its own minor version and 4.4 takes all, and SEAL 4.1 is in widest use.</summary>
    private const byte WrittenMinor = 1;

    private const ushort Magic = 0xA15E;

    /// <summary>Writes the header of an uncompressed object.</summary>
    public static void Write(Span<byte> target, long size)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, Magic);
        target[2] = Bytes;
        target[3] = ReadMajor;
        target[4] = WrittenMinor;
        target[5] = (byte)SealCompression.None;
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], (ulong)size);
    }

    /// <summary>Reads a header of <see cref="Bytes"/> bytes and refuses what is none, or of another version.</summary>
    /// <exception cref="LatticeFormatException">It is not a header that this library reads.</exception>
    public static SealHeader Read(ReadOnlySpan<byte> source, string kind)
    {
        if (BinaryPrimitives.ReadUInt16LittleEndian(source) != Magic || source[2] != Bytes || BinaryPrimitives.ReadUInt16LittleEndian(source[6..]) != 0)
            throw new LatticeFormatException(Messages.SealNoHeader(kind));
        if (source[3] != ReadMajor || source[4] > NewestMinor)
            throw new LatticeFormatException(Messages.SealVersion(kind, source[3], source[4]));
        return new SealHeader(source[3], source[4], (SealCompression)source[5], BinaryPrimitives.ReadUInt64LittleEndian(source[8..]));
    }
}
