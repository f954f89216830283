using System.Text;

namespace FedLab.Notebook.Plots.Charts;

/// <summary>About how wide a text will be: fonts differ, so that layouts leave room.</summary>
internal static class TextWidth
{
    private const double LatinEm = 0.57;

    /// <summary>The width of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Height of the letters.</param>
    public static double Of(string text, double size)
    {
        var width = 0.0;
        foreach (var rune in text.EnumerateRunes()) width += Em(rune);
        return width * size;
    }

    /// <summary>A text whose end is cut off where it would be too wide.</summary>
    public static string Fit(string text, double size, double width)
    {
        if (Of(text, size) <= width) return text;
        var (fitted, used) = (new StringBuilder(), LatinEm);
        foreach (var rune in text.EnumerateRunes())
        {
            used += Em(rune);
            if (used * size > width) break;
            fitted.Append(rune.ToString());
        }

        return fitted.Append('…').ToString();
    }

    /// <summary>Lines of a text that fit a width, broken at spaces, or anywhere between Chinese characters.</summary>
    public static List<string> Wrap(string text, double size, double width)
    {
        List<string> lines = [];
        var line = new StringBuilder();
        var breakAt = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            line.Append(rune.ToString());
            if (Rune.IsWhiteSpace(rune) || rune.Value > 0x2E80) breakAt = line.Length;
            if (Of(line.ToString(), size) <= width || breakAt == 0) continue;
            lines.Add(line.ToString(0, breakAt).TrimEnd());
            line.Remove(0, breakAt);
            breakAt = 0;
        }

        if (line.Length > 0) lines.Add(line.ToString());
        return lines;
    }

    private static double Em(Rune rune) => rune.Value switch
    {
        >= 0x2E80 => 1,
        ' ' or '.' or ',' or 'i' or 'j' or 'l' or '|' or ':' or '·' => 0.33,
        'f' or 'r' or 't' or '(' or ')' or '-' => 0.42,
        'm' or 'w' or 'M' or 'W' or '%' => 0.92,
        >= 'A' and <= 'Z' => 0.7,
        _ => LatinEm,
    };
}
