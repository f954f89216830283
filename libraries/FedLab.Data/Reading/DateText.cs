using System.Globalization;

namespace FedLab.Data.Reading;

/// <summary>Dates as text and as days since 1970-01-01.</summary>
internal static class DateText
{
    /// <summary>The form that messages show.</summary>
    public const string Iso = "yyyy-MM-dd[ HH:mm:ss]";

    private const double MicrosecondsPerDay = 86_400e6;

    private static readonly string[] IsoForms =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFFzz", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm",
    ];

    /// <summary>Reads a date, in UTC where it has a zone.</summary>
    public static bool TryParseDays(ReadOnlySpan<char> text, string? format, out double days)
    {
        var forms = format is null ? IsoForms : [format];
        var read = DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date);
        days = read ? Days((date.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) : double.NaN;
        return read;
    }

    /// <summary>Microseconds since 1970-01-01 as days, the one way in which every source turns them into a number.</summary>
    public static double Days(long microseconds) => microseconds / MicrosecondsPerDay;

    /// <summary>Writes a day as 2024-01-31.</summary>
    /// <returns>Number of bytes; 0 if the day is outside the years 1 to 9999.</returns>
    public static int Format(long days, Span<byte> utf8)
    {
        var date = days + DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerDay;
        if (date < 0 || date > DateOnly.MaxValue.DayNumber) return 0;
        return DateOnly.FromDayNumber((int)date).TryFormat(utf8, out var written, "yyyy-MM-dd", CultureInfo.InvariantCulture) ? written : 0;
    }

    /// <summary>Writes a point in time as 2024-01-31 08:00:00, decimals of the second only where there are some.</summary>
    /// <returns>Number of bytes; 0 if it is outside the years 1 to 9999.</returns>
    public static int FormatTime(long microseconds, bool inUtc, Span<byte> utf8)
    {
        if (microseconds < -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond || microseconds > (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) return 0;
        var time = DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        return time.TryFormat(utf8, out var written, inUtc ? "yyyy-MM-dd HH:mm:ss.FFFFFF'Z'" : "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) ? written : 0;
    }
}
