using System.IO.Compression;

namespace FedLab.Data.Reading;

/// <summary>
/// Makes the end of compressed data visible. GZipStream takes data that stop in the middle for data that end there, so a copy that
/// broke off would silently lose rows. A gzip file may consist of several members: one more is put behind the file, which holds a
/// single byte that no UTF-8 text contains. If that byte comes out at the end, everything before it was whole.
/// </summary>
internal sealed class EndMark(Stream compressed) : ReadOnlyStream
{
    /// <summary>What the last member decompresses to.</summary>
    public const byte Mark = 0xFF;

    private readonly byte[] _member = CreateMember();
    private int _given;

    public override int Read(Span<byte> buffer)
    {
        var count = compressed.Read(buffer);
        if (count > 0 || buffer.Length == 0) return count;
        count = Math.Min(buffer.Length, _member.Length - _given);
        _member.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) compressed.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] CreateMember()
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true)) gzip.WriteByte(Mark);
        return member.ToArray();
    }
}
