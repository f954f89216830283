using System.Buffers.Binary;
using System.Globalization;

namespace FedLab.Data.Connectors;

/// <summary>
/// Reads a numeric in binary (numeric_send): digits of base 10,000 with the weight of the first, a sign and the number of decimals. The
/// nearest double comes out, the same that the digits give when they are read as text.
/// </summary>
internal static class PostgresNumeric
{
    private const int HeaderBytes = 8;
    private const int BaseDigits = 4;
    private const int Negative = 0x4000;
    private const int NotANumber = 0xC000;
    private const int PositiveInfinity = 0xD000;
    private const int NegativeInfinity = 0xF000;

    /// <summary>Digits that surely fit into 64 bits.</summary>
    private const int FastDigits = 4;

    /// <summary>Integers up to here are doubles.</summary>
    private const long LargestExact = 1L << 53;

    /// <summary>The powers of ten that are doubles: with an exact integer one rounding is all there is.</summary>
    private static readonly double[] PowersOfTen = [.. Enumerable.Range(0, 23).Select(exponent => double.Parse($"1e{exponent}", CultureInfo.InvariantCulture))];

    /// <summary>Adds a numeric to a column.</summary>
    /// <returns>Whether the bytes are a numeric.</returns>
    public static bool Append(ColumnBlock cells, ReadOnlySpan<byte> value, bool asText)
    {
        if (value.Length < HeaderBytes) return false;
        var digits = BinaryPrimitives.ReadUInt16BigEndian(value);
        if (value.Length != HeaderBytes + digits * sizeof(short)) return false;
        var weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(value[4..]);
        var decimals = BinaryPrimitives.ReadUInt16BigEndian(value[6..]);
        var groups = value[HeaderBytes..];
        switch (sign)
        {
            case NotANumber:
                cells.AddMissing();
                return true;
            case PositiveInfinity or NegativeInfinity:
                if (asText) cells.AddText(sign == PositiveInfinity ? "infinity"u8 : "-infinity"u8);
                else cells.AddNumber(sign == PositiveInfinity ? double.PositiveInfinity : double.NegativeInfinity);
                return true;
            case not (0 or Negative):
                return false;
            default:
                break;
        }

        if (!asText && TryConvert(groups, weight, out var number))
        {
            cells.AddNumber(sign == Negative ? -number : number);
            return true;
        }

        var length = Format(groups, weight, decimals, sign == Negative, cells);
        if (asText)
        {
            if (length > DataLimits.MaximumFieldBytes) return false;
            cells.Commit(length);
        }
        else
        {
            cells.AddNumber(double.Parse(cells.Reserve(length)[..length], NumberStyles.Float, CultureInfo.InvariantCulture));
        }

        return true;
    }

    /// <summary>The nearest double, if an exact integer and an exact power of ten give it with one rounding.</summary>
    private static bool TryConvert(ReadOnlySpan<byte> groups, int weight, out double number)
    {
        number = 0;
        if (groups.Length > FastDigits * sizeof(short)) return false;
        long integer = 0;
        for (var i = 0; i < groups.Length; i += sizeof(short)) integer = integer * 10_000 + BinaryPrimitives.ReadUInt16BigEndian(groups[i..]);
        var exponent = BaseDigits * (weight + 1 - groups.Length / sizeof(short));
        if (integer > LargestExact || exponent <= -PowersOfTen.Length || exponent >= PowersOfTen.Length) return integer == 0;
        number = exponent < 0 ? integer / PowersOfTen[-exponent] : integer * PowersOfTen[exponent];
        return true;
    }

    /// <summary>Writes all digits into the room behind the column's text.</summary>
    private static int Format(ReadOnlySpan<byte> groups, int weight, int decimals, bool negative, ColumnBlock cells)
    {
        var integerGroups = Math.Max(weight + 1, 0);
        var text = cells.Reserve(1 + BaseDigits * (integerGroups + 1) + 1 + decimals + BaseDigits);
        var length = 0;
        if (negative) text[length++] = (byte)'-';
        var first = length;
        for (var group = 0; group < integerGroups; group++) length = WriteGroup(text, length, DigitAt(groups, group));
        // Leading zeros of the first group are none of the number's digits.
        var zeros = text[first..length].IndexOfAnyExcept((byte)'0');
        if (zeros < 0) zeros = length - first;
        text[(first + zeros)..length].CopyTo(text[first..]);
        length -= zeros;
        if (length == first) text[length++] = (byte)'0';
        if (decimals == 0) return length;
        text[length++] = (byte)'.';
        var end = length + decimals;
        for (var group = weight + 1; length < end; group++) length = WriteGroup(text, length, DigitAt(groups, group));
        return end;
    }

    private static int WriteGroup(Span<byte> text, int length, int group)
    {
        text[length] = (byte)('0' + group / 1000);
        text[length + 1] = (byte)('0' + group / 100 % 10);
        text[length + 2] = (byte)('0' + group / 10 % 10);
        text[length + 3] = (byte)('0' + group % 10);
        return length + BaseDigits;
    }

    private static int DigitAt(ReadOnlySpan<byte> groups, int index) =>
        index < 0 || index >= groups.Length / sizeof(short) ? 0 : BinaryPrimitives.ReadUInt16BigEndian(groups[(index * sizeof(short))..]);
}
