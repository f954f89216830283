using System.IO.Compression;
using System.Security.Cryptography;

namespace FedLab.Data.Reading;

/// <summary>
/// Makes the end of compressed data visible. GZipStream takes data that stop in the middle for data that end there, so a copy that
/// broke off would silently lose rows. A gzip file may consist of several members: once everything in the file was decompressed and its
/// end was told, one more member is given, which holds random bytes. If they and nothing else come out then, the file was whole. If it
/// was not, the member is taken for the rest of the broken one: what comes out begins with what its fixed head is taken for, and
/// none of it is mixed with the file's own text.
/// </summary>
internal sealed class EndMark(Stream compressed) : ReadOnlyStream
{
    private const int MarkBytes = 16;

    private readonly byte[] _mark = RandomNumberGenerator.GetBytes(MarkBytes);
    private byte[]? _member;
    private int _given;

    public override int Read(Span<byte> buffer)
    {
        if (_member is null) return compressed.Read(buffer);
        var count = Math.Min(buffer.Length, _member.Length - _given);
        _member.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    /// <summary>Whether the file is whole; to be asked once, after its decompression has come to an end.</summary>
    /// <param name="decompressed">What decompresses this stream.</param>
    /// <exception cref="InvalidDataException">It is not whole.</exception>
    public bool ComesOutOf(Stream decompressed)
    {
        _member = CreateMember();
        Span<byte> end = stackalloc byte[MarkBytes + 1];
        return end[..decompressed.ReadAtLeast(end, end.Length, throwOnEndOfStream: false)].SequenceEqual(_mark);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) compressed.Dispose();
        base.Dispose(disposing);
    }

    private byte[] CreateMember()
    {
        using var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(_mark);
        return member.ToArray();
    }
}
