using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace FedLab.Data.Reading;

/// <summary>
/// Text on its way from a file to the CSV reader: refuses what is not UTF-8, and turns failures of the disk and of the decompression
/// into messages that name the file. Compressed text comes with an <see cref="EndMark"/>, without which it has no end.
/// </summary>
internal sealed class Utf8CheckingStream(Stream text, string path, EndMark? end) : ReadOnlyStream
{
    private const int LongestSequence = 4;

    /// <summary>The bytes of a sequence that the previous block cut in two.</summary>
    private readonly byte[] _cut = new byte[LongestSequence];
    private int _cutLength;
    private long _line = 1;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length == 0 || _ended) return 0;
        var count = ReadText(buffer);
        // An end that is none is said before anything is made of the text's last bytes.
        if (count == 0 && !IsWhole()) throw new DataFormatException(Messages.GzipDamaged(path));
        if (count == 0 && _cutLength > 0) throw NotUtf8(_line);
        _ended = count == 0;
        Check(buffer[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) text.Dispose();
        base.Dispose(disposing);
    }

    private int ReadText(Span<byte> buffer)
    {
        try
        {
            return text.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException(Messages.GzipDamaged(path), e);
        }
        catch (IOException e)
        {
            throw new DataFormatException(Messages.FileUnreadable(path, e.Message), e);
        }
    }

    private bool IsWhole()
    {
        try
        {
            return end is null || end.ComesOutOf(text);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private void Check(ReadOnlySpan<byte> block)
    {
        while (_cutLength > 0 && block.Length > 0)
        {
            _cut[_cutLength++] = block[0];
            block = block[1..];
            var status = Rune.DecodeFromUtf8(_cut.AsSpan(0, _cutLength), out _, out _);
            if (status == OperationStatus.Done) _cutLength = 0;
            else if (status != OperationStatus.NeedMoreData) throw NotUtf8(_line);
        }

        var whole = block[..^LengthOfCutSequence(block)];
        if (!Utf8.IsValid(whole)) throw NotUtf8(_line + LinesBeforeError(whole));
        _line += whole.Count((byte)'\n');
        if (whole.Length == block.Length) return;
        block[whole.Length..].CopyTo(_cut);
        _cutLength = block.Length - whole.Length;
    }

    /// <summary>How many of the last bytes begin a sequence that goes on in the next block: 0 to 3.</summary>
    private static int LengthOfCutSequence(ReadOnlySpan<byte> block)
    {
        for (var length = 1; length < LongestSequence && length <= block.Length; length++)
        {
            var lead = block[^length];
            if (lead < 0x80) return 0;
            if (lead < 0xC0) continue;
            return Rune.DecodeFromUtf8(block[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
        }

        return 0;
    }

    private static int LinesBeforeError(ReadOnlySpan<byte> block)
    {
        var lines = 0;
        while (Rune.DecodeFromUtf8(block, out var rune, out var length) == OperationStatus.Done)
        {
            if (rune.Value == '\n') lines++;
            block = block[length..];
        }

        return lines;
    }

    private DataFormatException NotUtf8(long line) => new(Messages.NotUtf8(path, line));
}
