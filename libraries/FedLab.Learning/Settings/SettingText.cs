using System.Globalization;

namespace FedLab.Learning;

/// <summary>How names and values of settings are spelled and compared.</summary>
internal static class SettingText
{
    /// <summary>Longest piece of a wrong name or value that a message repeats.</summary>
    private const int MaximumQuotedLength = 40;

    public static string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Shorten(string text) => text.Length <= MaximumQuotedLength ? text : text[..MaximumQuotedLength] + "…";
}
