using System.Globalization;

namespace FedLab.Client.Wording;

/// <summary>Numbers as people read them; the same in every language.</summary>
public static class Formats
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>A count with separators, such as 31,599.</summary>
    /// <param name="value">The count.</param>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Bytes in decimal units with three digits, such as 3.70 MB.</summary>
    /// <param name="bytes">Number of bytes, not negative.</param>
    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        // 999.5 would be shown as 1000 of this unit.
        while (value >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        var format = unit == 0 || value >= 99.95 ? "F0" : value >= 9.995 ? "F1" : "F2";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A time on a clock, such as 0:07 or 1:02:03.</summary>
    /// <param name="time">The time, not negative.</param>
    public static string Clock(TimeSpan time)
    {
        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds >= 3600
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}");
    }

    /// <summary>Seconds with what precision is worth, such as 0.214 or 12.3.</summary>
    /// <param name="seconds">Seconds, not negative.</param>
    public static string Seconds(double seconds) => seconds.ToString(seconds < 1 ? "F3" : seconds < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    /// <summary>A metric between 0 and 1, four digits.</summary>
    /// <param name="value">The metric.</param>
    public static string Metric(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>A number of any size with four digits, such as 0.01234, 12.34 or 1.234e-06.</summary>
    /// <param name="value">The number.</param>
    public static string Number(double value)
    {
        const int digits = 4;
        var magnitude = Math.Abs(value);
        if (magnitude == 0) return "0";
        // Rounding may carry into the next power of ten, and is then one digit too many.
        if (magnitude is < 1e-4 or >= 1e6) return value.ToString("0.000e+00", CultureInfo.InvariantCulture);
        var decimals = Math.Clamp(digits - 1 - (int)Math.Floor(Math.Log10(magnitude)), 0, 7);
        return value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>A probability that small is shown as a bound, as statisticians do.</summary>
    /// <param name="value">A p-value.</param>
    public static string Probability(double value) => value < 1e-4 ? "<0.0001" : Metric(value);

    /// <summary>A change with its sign, such as +0.0123.</summary>
    /// <param name="value">The change of a metric.</param>
    public static string Change(double value) => value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
}
