using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FedLab.Federation.Wire;

/// <summary>Writes the fields of a protocol message, little-endian, into a payload.</summary>
internal readonly struct MessageWriter(IBufferWriter<byte> output)
{
    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), value);
        output.Advance(sizeof(long));
    }

    /// <summary>Seven bits a byte, lowest first; the usual code of small non-negative numbers.</summary>
    public void VarInt(uint value)
    {
        var span = output.GetSpan(5);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        output.Advance(length);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        VarInt((uint)value.Length);
        output.Write(value);
    }

    public void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>Rows as increasing differences, one byte each where they lie close.</summary>
    public void AscendingRows(ReadOnlySpan<int> rows)
    {
        VarInt((uint)rows.Length);
        var previous = -1;
        foreach (var row in rows)
        {
            if (row <= previous) throw new ArgumentException("The rows are not in ascending order.", nameof(rows));
            VarInt((uint)(row - previous - 1));
            previous = row;
        }
    }

    /// <summary>One bit a value, lowest bit first.</summary>
    public void Bits(ReadOnlySpan<bool> bits)
    {
        for (var start = 0; start < bits.Length; start += 8)
        {
            var packed = 0;
            for (var bit = 0; bit < Math.Min(8, bits.Length - start); bit++)
            {
                if (bits[start + bit]) packed |= 1 << bit;
            }
            output.GetSpan(1)[0] = (byte)packed;
            output.Advance(1);
        }
    }
}
