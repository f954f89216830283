namespace FedLab.Coordinator.Runs;

/// <summary>Texts that come from others, made fit to be stored, logged and shown.</summary>
internal static class RunText
{
    /// <summary>Sentences from participants: no control characters, not too long.</summary>
    public static string Clip(string text)
    {
        const int longest = 1000;
        return string.Concat(text.Take(longest).Select(c => char.IsControl(c) ? ' ' : c));
    }

    public static string Shortened(string name) => name.Length <= 80 ? name : name[..80];

    public static bool IsCode(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
}
