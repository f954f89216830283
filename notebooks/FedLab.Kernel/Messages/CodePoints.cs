namespace FedLab.Kernel.Messages;

/// <summary>Jupyter counts the places of a text in Unicode code points, .NET in UTF-16 units.</summary>
internal static class CodePoints
{
    /// <summary>The index in UTF-16 units of a place in code points; a place outside of the text is its nearer end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="points">The place.</param>
    public static int ToIndex(string text, int points)
    {
        var index = 0;
        for (; points > 0 && index < text.Length; points--) index += IsPair(text, index) ? 2 : 1;
        return index;
    }

    /// <summary>The place in code points of an index in UTF-16 units.</summary>
    /// <param name="text">The text.</param>
    /// <param name="index">The index, in the text.</param>
    public static int FromIndex(string text, int index)
    {
        var points = 0;
        for (var at = 0; at < index; at += IsPair(text, at) ? 2 : 1) points++;
        return points;
    }

    private static bool IsPair(string text, int index) => char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
}
