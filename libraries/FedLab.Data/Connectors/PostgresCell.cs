using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using FedLab.Data.Reading;

namespace FedLab.Data.Connectors;

/// <summary>Reads one value in PostgreSQL's binary form (the send functions of src/backend/utils/adt).</summary>
internal static class PostgresCell
{
    private const int LongestShortText = 64;

    /// <summary>Days from 1970-01-01 to 2000-01-01, from which PostgreSQL counts.</summary>
    private const int DaysBefore2000 = 10_957;
    private const long MicrosecondsPerDay = 86_400_000_000;

    /// <summary>Adds a value to a column.</summary>
    /// <returns>Whether the bytes are a value of the type.</returns>
    public static bool Append(ColumnBlock cells, PostgresWire wire, CellForm form, ReadOnlySpan<byte> value)
    {
        var asText = form == CellForm.Text;
        switch (wire)
        {
            case PostgresWire.Text:
                cells.AddText(value);
                return true;
            case PostgresWire.Float8 when value.Length == sizeof(double):
                return AppendNumber(cells, BinaryPrimitives.ReadDoubleBigEndian(value), asText);
            case PostgresWire.Float4 when value.Length == sizeof(float):
                return AppendSingle(cells, BinaryPrimitives.ReadSingleBigEndian(value), asText);
            case PostgresWire.Int2 when value.Length == sizeof(short):
                return AppendInteger(cells, BinaryPrimitives.ReadInt16BigEndian(value), asText);
            case PostgresWire.Int4 when value.Length == sizeof(int):
                return AppendInteger(cells, BinaryPrimitives.ReadInt32BigEndian(value), asText);
            case PostgresWire.Oid when value.Length == sizeof(uint):
                return AppendInteger(cells, BinaryPrimitives.ReadUInt32BigEndian(value), asText);
            case PostgresWire.Int8 when value.Length == sizeof(long):
                return AppendInteger(cells, BinaryPrimitives.ReadInt64BigEndian(value), asText);
            case PostgresWire.Boolean when value.Length == 1:
                if (asText) cells.AddText(value[0] == 0 ? "false"u8 : "true"u8);
                else cells.AddNumber(value[0] == 0 ? 0 : 1);
                return true;
            case PostgresWire.Numeric:
                return PostgresNumeric.Append(cells, value, asText);
            case PostgresWire.Uuid when value.Length == 16:
                return new Guid(value, bigEndian: true).TryFormat(cells.Reserve(LongestShortText), out var length) && Commit(cells, length);
            case PostgresWire.Date when value.Length == sizeof(int):
                return AppendDate(cells, BinaryPrimitives.ReadInt32BigEndian(value), asText);
            case PostgresWire.Timestamp or PostgresWire.TimestampInUtc when value.Length == sizeof(long):
                return AppendTime(cells, BinaryPrimitives.ReadInt64BigEndian(value), wire == PostgresWire.TimestampInUtc, asText);
            default:
                return false;
        }
    }

    private static bool AppendNumber(ColumnBlock cells, double value, bool asText)
    {
        if (asText) return value.TryFormat(cells.Reserve(LongestShortText), out var length, default, CultureInfo.InvariantCulture) && Commit(cells, length);
        cells.AddNumber(value);
        return true;
    }

    /// <summary>0.1 as a single is 0.1 for whoever wrote it and for every export, not 0.100000001490116: the shortest decimal counts.</summary>
    private static bool AppendSingle(ColumnBlock cells, float value, bool asText)
    {
        var text = cells.Reserve(LongestShortText);
        if (!value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture)) return false;
        if (asText) return Commit(cells, length);
        cells.AddNumber(double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture));
        return true;
    }

    private static bool AppendInteger(ColumnBlock cells, long value, bool asText)
    {
        if (asText) return Utf8Formatter.TryFormat(value, cells.Reserve(LongestShortText), out var length) && Commit(cells, length);
        cells.AddNumber(value);
        return true;
    }

    private static bool AppendDate(ColumnBlock cells, int days, bool asText)
    {
        if (days is int.MaxValue or int.MinValue) return AppendInfinity(cells, days > 0, asText);
        var since1970 = (long)days + DaysBefore2000;
        if (!asText) cells.AddNumber(DateText.Days(since1970 * MicrosecondsPerDay));
        else if (DateText.Format(since1970, cells.Reserve(LongestShortText)) is var length and > 0) cells.Commit(length);
        else return AppendInteger(cells, since1970, asText: true);
        return true;
    }

    private static bool AppendTime(ColumnBlock cells, long microseconds, bool inUtc, bool asText)
    {
        if (microseconds is long.MaxValue or long.MinValue) return AppendInfinity(cells, microseconds > 0, asText);
        var since1970 = microseconds + DaysBefore2000 * MicrosecondsPerDay;
        if (!asText) cells.AddNumber(DateText.Days(since1970));
        else if (DateText.FormatTime(since1970, inUtc, cells.Reserve(LongestShortText)) is var length and > 0) cells.Commit(length);
        else return AppendInteger(cells, since1970, asText: true);
        return true;
    }

    private static bool AppendInfinity(ColumnBlock cells, bool positive, bool asText)
    {
        if (asText) cells.AddText(positive ? "infinity"u8 : "-infinity"u8);
        else cells.AddNumber(positive ? double.PositiveInfinity : double.NegativeInfinity);
        return true;
    }

    private static bool Commit(ColumnBlock cells, int length)
    {
        cells.Commit(length);
        return true;
    }
}
