using System.Text;

namespace FedLab.Audit;

/// <summary>Lexical rules that notes, keys and checkpoints share (C2SP signed-note).</summary>
internal static class NoteText
{
    /// <summary>UTF-8 that throws on malformed bytes and writes no mark.</summary>
    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Not empty, well-formed, no white space, no plus sign, no control character.</summary>
    internal static bool IsKeyName(string name)
    {
        if (name.Length == 0) return false;
        for (int i = 0; i < name.Length; i++)
        {
            char c = name[i];
            if (c == '+' || char.IsWhiteSpace(c) || c < ' ') return false;
            if (!char.IsSurrogate(c)) continue;
            if (!char.IsHighSurrogate(c) || i + 1 == name.Length || !char.IsLowSurrogate(name[i + 1])) return false;
            i++;
        }

        return true;
    }

    /// <summary>Standard base64 in its one canonical spelling: padded, no white space, unused bits zero.</summary>
    internal static bool TryParseBase64(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length == 0 || text.Length % 4 != 0) return false;
        var buffer = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64String(text, buffer, out int written)) return false;
        bytes = buffer[..written];
        return string.Equals(Convert.ToBase64String(bytes), text, StringComparison.Ordinal);
    }
}
