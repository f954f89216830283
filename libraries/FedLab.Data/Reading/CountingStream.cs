namespace FedLab.Data.Reading;

/// <summary>A file that reports how far it was read and lets its first two bytes be looked at.</summary>
internal sealed class CountingStream(Stream file, Action<long>? bytesRead) : ReadOnlyStream
{
    /// <summary>Bytes between two reports: often enough for a progress bar, rare enough to cost nothing.</summary>
    private const long ReportInterval = 1 << 20;

    private readonly byte[] _head = new byte[2];
    private int _headStart;
    private int _headEnd;
    private long _position;
    private long _reported;

    /// <summary>The first bytes of the file, two or fewer; to be called before anything is read.</summary>
    public ReadOnlySpan<byte> Peek()
    {
        _headEnd = file.ReadAtLeast(_head, _head.Length, throwOnEndOfStream: false);
        return _head.AsSpan(0, _headEnd);
    }

    public override int Read(Span<byte> buffer)
    {
        int count;
        if (_headStart < _headEnd)
        {
            count = Math.Min(buffer.Length, _headEnd - _headStart);
            _head.AsSpan(_headStart, count).CopyTo(buffer);
            _headStart += count;
        }
        else
        {
            count = file.Read(buffer);
        }

        _position += count;
        if (_position - _reported >= ReportInterval || (count == 0 && _position != _reported))
        {
            _reported = _position;
            bytesRead?.Invoke(_position);
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }
}
