using System.Globalization;
using System.Text;

namespace FedLab.Data.Reading;

/// <summary>What a field's text means: missing, a number, an infinity, a word.</summary>
internal static class FieldText
{
    private const int LongestMissingWord = 4;
    private const int LongestBooleanWord = 5;
    private const int ExcerptCharacters = 40;

    /// <summary>Without the spaces, tabs and line ends around it.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> field) =>
        field.Length > 0 && (IsSpace(field[0]) || IsSpace(field[^1])) ? field.Trim(" \t\r\n"u8) : field;

    /// <summary>Empty, NA, N/A, NaN or null, whatever the case; <paramref name="trimmed"/> has no spaces around it.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> trimmed) =>
        trimmed.Length == 0 || (trimmed.Length <= LongestMissingWord && (Ascii.EqualsIgnoreCase(trimmed, "NA"u8)
            || Ascii.EqualsIgnoreCase(trimmed, "N/A"u8) || Ascii.EqualsIgnoreCase(trimmed, "NaN"u8) || Ascii.EqualsIgnoreCase(trimmed, "null"u8)));

    /// <inheritdoc cref="IsMissing(ReadOnlySpan{byte})"/>
    public static bool IsMissing(ReadOnlySpan<char> trimmed) =>
        trimmed.Length == 0 || (trimmed.Length <= LongestMissingWord && (Ascii.EqualsIgnoreCase(trimmed, "NA")
            || Ascii.EqualsIgnoreCase(trimmed, "N/A") || Ascii.EqualsIgnoreCase(trimmed, "NaN") || Ascii.EqualsIgnoreCase(trimmed, "null")));

    /// <summary>The short spellings of infinity that other programs write; the long ones parse as numbers.</summary>
    public static bool IsInfinityWord(ReadOnlySpan<byte> trimmed) =>
        trimmed.Length is 3 or 4 && Ascii.EqualsIgnoreCase(trimmed[0] is (byte)'+' or (byte)'-' ? trimmed[1..] : trimmed, "inf"u8);

    /// <summary>
    /// Whether a text is a number: what double.Parse reads in the invariant culture, but no thousands separators, because "1,5" is
    /// one and a half to whoever wrote it that way.
    /// </summary>
    public static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <inheritdoc cref="IsNumber"/>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    /// <summary>Reads true or false in one of the usual spellings.</summary>
    public static bool TryParseBoolean(ReadOnlySpan<byte> trimmed, out bool value)
    {
        value = trimmed.Length <= LongestBooleanWord && Any(trimmed, ["1", "t", "true", "y", "yes", "是"]);
        return value || (trimmed.Length <= LongestBooleanWord && Any(trimmed, ["0", "f", "false", "n", "no", "否"]));

        static bool Any(ReadOnlySpan<byte> text, ReadOnlySpan<string> words)
        {
            Span<byte> utf8 = stackalloc byte[LongestBooleanWord];
            foreach (var word in words)
            {
                var length = Encoding.UTF8.GetBytes(word, utf8);
                if (text.SequenceEqual(utf8[..length]) || Ascii.EqualsIgnoreCase(text, utf8[..length])) return true;
            }

            return false;
        }
    }

    /// <summary>A word for a message: short, on one line, without control characters.</summary>
    public static string Excerpt(ReadOnlySpan<byte> field)
    {
        var shown = new StringBuilder();
        foreach (var rune in Encoding.UTF8.GetString(field).EnumerateRunes())
        {
            if (shown.Length >= ExcerptCharacters) return shown.Append('…').ToString();
            shown.Append(Rune.IsControl(rune) ? "\uFFFD" : rune.ToString());
        }

        return shown.ToString();
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
