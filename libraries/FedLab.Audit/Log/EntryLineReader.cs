namespace FedLab.Audit;

/// <summary>A line of an entries file.</summary>
/// <param name="Bytes">The line without its line feed; valid until the next read. Empty if it is too long.</param>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="IsTerminated">Whether a line feed ends it; only the last line can lack one.</param>
/// <param name="IsTooLong">Whether it is longer than any entry may be.</param>
internal readonly record struct EntryLine(ReadOnlyMemory<byte> Bytes, long Offset, bool IsTerminated, bool IsTooLong);

/// <summary>Splits an entries file into lines without ever holding more than one entry's length of it.</summary>
internal sealed class EntryLineReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[2 * (AuditEntry.MaximumLength + 1)];
    private int _start;
    private int _end;
    private long _offset;
    private bool _isAtEnd;

    /// <summary>The next line, or <see langword="null"/> at the end.</summary>
    internal EntryLine? Read()
    {
        int scanned = 0;
        while (true)
        {
            int feed = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                int length = scanned + feed;
                return length > AuditEntry.MaximumLength ? Take(length, 1, isTooLong: true) : Take(length, 1, isTooLong: false);
            }

            scanned = _end - _start;
            if (scanned > AuditEntry.MaximumLength) return SkipLongLine();
            if (_isAtEnd) return scanned == 0 ? null : Take(scanned, 0, isTooLong: false);
            Fill();
        }
    }

    private EntryLine Take(int length, int terminator, bool isTooLong)
    {
        var line = new EntryLine(isTooLong ? default : _buffer.AsMemory(_start, length), _offset, terminator > 0, isTooLong);
        _start += length + terminator;
        _offset += length + terminator;
        return line;
    }

    private EntryLine SkipLongLine()
    {
        long begin = _offset;
        while (true)
        {
            int feed = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            int skipped = feed >= 0 ? feed + 1 : _end - _start;
            _start += skipped;
            _offset += skipped;
            if (feed >= 0) return new EntryLine(default, begin, IsTerminated: true, IsTooLong: true);
            if (_isAtEnd) return new EntryLine(default, begin, IsTerminated: false, IsTooLong: true);
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _isAtEnd = read == 0;
        _end += read;
    }
}
