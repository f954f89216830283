using System.Buffers.Binary;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// Counts the files in a zip file's directory before the framework reads it, because that reads all of them into memory,
/// however many (PKWARE APPNOTE, sections 4.3.12 and 4.3.16).
/// </summary>
internal static class ZipDirectory
{
    private const int EndLength = 22;
    private const int MaximumCommentLength = ushort.MaxValue;
    private const int HeaderLength = 46;
    private const uint HeaderSignature = 0x02014b50;

    /// <summary>Refuses what is not a zip file, is one of the 64-bit form, which no bundle within the limits needs, or has too many files.</summary>
    /// <exception cref="AuditFormatException">As said.</exception>
    internal static void RequireAtMost(Stream zip, int maximumFiles, string path)
    {
        var tail = new byte[(int)Math.Min(zip.Length, EndLength + MaximumCommentLength)];
        zip.Seek(-tail.Length, SeekOrigin.End);
        zip.ReadExactly(tail);
        int end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || tail.Length - end < EndLength) throw new AuditFormatException(Messages.BundleNotZip(path));
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 10));
        if (offset == uint.MaxValue || count == ushort.MaxValue || BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 4)) == ushort.MaxValue) throw new AuditFormatException(Messages.BundleNotZip(path));

        var header = new byte[HeaderLength];
        long position = offset;
        for (int files = 0; ; files++)
        {
            zip.Position = position;
            if (zip.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(header) != HeaderSignature) break;
            if (files >= maximumFiles) throw new AuditFormatException(Messages.BundleTooManyFiles(maximumFiles));
            position += HeaderLength
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28))
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30))
                + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
        }

        zip.Position = 0;
    }
}
