using System.Buffers;
using System.Globalization;
using System.Text;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// The forms of <c>grpc-status</c> and <c>grpc-message</c> on the wire. A message is UTF-8, percent-encoded except for
/// %x20-%x24 and %x26-%x7E.
/// </summary>
internal static class StatusText
{
    /// <summary>
    /// Longest encoded message. Peers limit trailers as a whole to 8 KiB by default and drop the connection above it, so a
    /// long text is cut rather than sent.
    /// </summary>
    public const int MaxEncodedLength = 4096;

    private static readonly SearchValues<char> Encoded = SearchValues.Create([.. Enumerable.Range(0, 0x20).Append('%').Append(0x7F).Select(c => (char)c)]);

    /// <summary>Encodes a message, cut at a whole character when it is over <see cref="MaxEncodedLength"/>.</summary>
    public static string EncodeMessage(string text)
    {
        if (text.Length <= MaxEncodedLength && Ascii.IsValid(text) && !text.AsSpan().ContainsAny(Encoded)) return text;
        var encoded = new StringBuilder(Math.Min(text.Length * 2, MaxEncodedLength));
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var plain = rune.IsAscii && rune.Value is >= ' ' and <= '~' and not '%';
            var count = rune.EncodeToUtf8(utf8);
            if (encoded.Length + (plain ? 1 : 3 * count) > MaxEncodedLength) break;
            if (plain)
            {
                encoded.Append((char)rune.Value);
                continue;
            }
            foreach (var octet in utf8[..count]) encoded.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
        }
        return encoded.ToString();
    }

    /// <summary>Decodes a message; what is not well encoded stays as it is or becomes U+FFFD, and never fails.</summary>
    public static string DecodeMessage(string text)
    {
        if (Ascii.IsValid(text) && !text.Contains('%', StringComparison.Ordinal)) return text;
        var bytes = new ArrayBufferWriter<byte>(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.Write([byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)]);
                i += 2;
            }
            else if (c <= 0xFF)
            {
                // The HTTP client shows each byte of a header as one character, so raw UTF-8 arrives as Latin-1.
                bytes.Write([(byte)c]);
            }
            else
            {
                bytes.Write(utf8[..(Rune.TryCreate(c, out var rune) ? rune : Rune.ReplacementChar).EncodeToUtf8(utf8)]);
            }
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Reads a status code: a decimal number without sign. A number that gRPC does not define is Unknown.</summary>
    public static Status ParseStatus(string code, string? message)
    {
        var detail = message is null ? "" : DecodeMessage(message);
        if (code.Length > 10 || !uint.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return new Status(StatusCode.Unknown, $"The server sent a malformed grpc-status '{(code.Length > 10 ? code[..10] : code)}'. {detail}".TrimEnd());
        }
        return number <= (uint)StatusCode.Unauthenticated
            ? new Status((StatusCode)number, detail)
            : new Status(StatusCode.Unknown, $"The server sent the undefined grpc-status {number}. {detail}".TrimEnd());
    }
}
