using System.Buffers;
using System.Text;

namespace FedLab.Federation.Wire;

/// <summary>Reads the fields of a protocol message and trusts none: every length is checked against what is there before anything is allocated.</summary>
/// <param name="payload">The message.</param>
/// <param name="name">What the message is called in errors.</param>
internal ref struct MessageReader(ReadOnlySequence<byte> payload, string name)
{
    private SequenceReader<byte> _reader = new(payload);

    public readonly long Remaining => _reader.Remaining;

    public int Int32() => _reader.TryReadLittleEndian(out int value) ? value : throw Short();

    public long Int64() => _reader.TryReadLittleEndian(out long value) ? value : throw Short();

    /// <summary>A 32-bit number that must lie in a range.</summary>
    public int Int32(int minimum, int maximum, string field)
    {
        var value = Int32();
        return value >= minimum && value <= maximum ? value : throw ProtocolErrors.FieldOutOfRange(name, field, value, minimum, maximum);
    }

    public uint VarInt()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (!_reader.TryRead(out var next)) throw Short();
            if (shift == 28 && next > 0x0F) break;
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw ProtocolErrors.NumberTooLong(name);
    }

    /// <summary>A count of things that take at least <paramref name="bytesEach"/> bytes (or, when zero, at least a bit) of what remains.</summary>
    public int Count(int maximum, int bytesEach, string field)
    {
        var value = VarInt();
        if (value > (uint)maximum || (long)value * bytesEach > _reader.Remaining) throw ProtocolErrors.CountTooLarge(name, field, value, maximum);
        return (int)value;
    }

    public byte[] Bytes(int maximum, string field)
    {
        var length = Count(maximum, 1, field);
        var value = new byte[length];
        _reader.TryCopyTo(value);
        _reader.Advance(length);
        return value;
    }

    public string Text(int maximum, string field)
    {
        try
        {
            return new UTF8Encoding(false, true).GetString(Bytes(maximum, field));
        }
        catch (DecoderFallbackException e)
        {
            throw ProtocolErrors.FieldNotText(name, field, e);
        }
    }

    /// <summary>A part of the message of exactly this length.</summary>
    public ReadOnlySequence<byte> Slice(long length)
    {
        if (length > _reader.Remaining) throw Short();
        var slice = _reader.UnreadSequence.Slice(0, length);
        _reader.Advance(length);
        return slice;
    }

    /// <summary>Ascending rows below a limit, as <see cref="MessageWriter.AscendingRows"/> wrote them.</summary>
    public int[] AscendingRows(int limit)
    {
        var rows = new int[Count(limit, 1, "rows")];
        long previous = -1;
        for (var i = 0; i < rows.Length; i++)
        {
            previous += 1L + VarInt();
            if (previous >= limit) throw ProtocolErrors.RowUnknown(name, previous, limit);
            rows[i] = (int)previous;
        }
        return rows;
    }

    public bool[] Bits(int count)
    {
        if ((count + 7L) / 8 > _reader.Remaining) throw Short();
        var bits = new bool[count];
        for (var start = 0; start < count; start += 8)
        {
            _reader.TryRead(out var packed);
            for (var bit = 0; bit < Math.Min(8, count - start); bit++) bits[start + bit] = (packed >> bit & 1) != 0;
        }
        return bits;
    }

    public readonly void End()
    {
        if (_reader.Remaining != 0) throw ProtocolErrors.BytesLeftOver(name, _reader.Remaining);
    }

    private readonly ProtocolException Short() => ProtocolErrors.ContentTooShort(name);
}
