using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedLab.Audit;

/// <summary>
/// JSON in the one spelling of RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by UTF-16 code
/// units, shortest numbers, fewest escapes. What is hashed or signed is written and read through this class only, so a
/// value has one encoding and an encoding one value.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The longest text that is read unless the caller says otherwise: what the length field of a C2SP entry bundle can hold.</summary>
    public const int DefaultMaximumLength = ushort.MaxValue;

    /// <summary>The deepest nesting that is read or written.</summary>
    public const int MaximumDepth = 32;

    /// <summary>The canonical bytes of a value.</summary>
    /// <exception cref="ArgumentException">The value has no canonical form: an integer beyond ±(2^53−1), a number that is not finite, a lone surrogate, deeper nesting than <see cref="MaximumDepth"/>, or a type that JSON does not have.</exception>
    public static byte[] Serialize(JsonNode? value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        Write(buffer, value);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the canonical bytes of a value.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Serialize"/>.</exception>
    public static void Write(IBufferWriter<byte> output, JsonNode? value)
    {
        ArgumentNullException.ThrowIfNull(output);
        WriteNode(output, value, MaximumDepth);
    }

    /// <summary>Reads a value and accepts nothing but its canonical spelling, so duplicate members are refused too.</summary>
    /// <param name="utf8">The whole text.</param>
    /// <param name="maximumLength">The longest text to read, in bytes.</param>
    /// <exception cref="AuditFormatException">It is not canonical JSON, is too long or nested too deeply.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> utf8, int maximumLength = DefaultMaximumLength) => CanonicalJsonReader.Read(utf8, maximumLength, MaximumDepth);

    internal static void WriteString(IBufferWriter<byte> output, string text)
    {
        int written = 0;
        Span<byte> span = output.GetSpan((text.Length * 6) + 2);
        span[written++] = (byte)'"';
        int runStart = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c >= ' ' && c != '"' && c != '\\') continue;
            written += Encode(text.AsSpan(runStart, i - runStart), span[written..]);
            runStart = i + 1;
            span[written++] = (byte)'\\';
            byte shortEscape = ShortEscape(c);
            if (shortEscape != 0)
            {
                span[written++] = shortEscape;
            }
            else
            {
                "u00"u8.CopyTo(span[written..]);
                span[written + 3] = "0123456789abcdef"u8[c >> 4];
                span[written + 4] = "0123456789abcdef"u8[c & 15];
                written += 5;
            }
        }

        written += Encode(text.AsSpan(runStart), span[written..]);
        span[written++] = (byte)'"';
        output.Advance(written);
    }

    internal static void WriteInteger(IBufferWriter<byte> output, long value)
    {
        if (value is > EcmaNumber.MaximumInteger or < -EcmaNumber.MaximumInteger) throw new ArgumentException("An integer beyond 2^53 − 1 has no exact form in JSON; write it as a string.", nameof(value));
        const int LongestInteger = 20;
        value.TryFormat(output.GetSpan(LongestInteger), out int written, provider: System.Globalization.CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>The letter after the backslash for characters that have a short escape, 0 for others.</summary>
    internal static byte ShortEscape(char c) => c switch
    {
        '"' => (byte)'"',
        '\\' => (byte)'\\',
        '\b' => (byte)'b',
        '\f' => (byte)'f',
        '\n' => (byte)'n',
        '\r' => (byte)'r',
        '\t' => (byte)'t',
        _ => 0,
    };

    private static int Encode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (System.Text.Unicode.Utf8.FromUtf16(text, destination, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            throw new ArgumentException("A lone surrogate has no form in JSON.", nameof(text));
        }

        return written;
    }

    private static void WriteNode(IBufferWriter<byte> output, JsonNode? node, int depthLeft)
    {
        if (depthLeft < 0) throw new ArgumentException("The value is nested too deeply.", nameof(node));
        switch (node)
        {
            case null:
                output.Write("null"u8);
                break;
            case JsonObject @object:
                output.Write("{"u8);
                bool first = true;
                foreach ((string name, JsonNode? member) in @object.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    if (!first) output.Write(","u8);
                    first = false;
                    WriteString(output, name);
                    output.Write(":"u8);
                    WriteNode(output, member, depthLeft - 1);
                }

                output.Write("}"u8);
                break;
            case JsonArray array:
                output.Write("["u8);
                for (int i = 0; i < array.Count; i++)
                {
                    if (i > 0) output.Write(","u8);
                    WriteNode(output, array[i], depthLeft - 1);
                }

                output.Write("]"u8);
                break;
            case JsonValue value:
                WriteValue(output, value);
                break;
        }
    }

    private static void WriteValue(IBufferWriter<byte> output, JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.True:
                output.Write("true"u8);
                break;
            case JsonValueKind.False:
                output.Write("false"u8);
                break;
            case JsonValueKind.String when value.TryGetValue(out string? text):
                WriteString(output, text);
                break;
            case JsonValueKind.Number when TryGetInteger(value, out long integer):
                WriteInteger(output, integer);
                break;
            case JsonValueKind.Number when value.TryGetValue(out double number):
                output.Write(NoteText.StrictUtf8.GetBytes(EcmaNumber.Format(number)));
                break;
            default:
                throw new ArgumentException("The value is of a type that has no canonical form.", nameof(value));
        }
    }

    /// <summary>The value of a JSON number that came as an integer, of whatever width.</summary>
    internal static bool TryGetInteger(JsonValue value, out long integer)
    {
        if (value.TryGetValue(out integer)) return true;
        if (value.TryGetValue(out int small))
        {
            integer = small;
            return true;
        }

        if (value.TryGetValue(out uint unsigned))
        {
            integer = unsigned;
            return true;
        }

        if (!value.TryGetValue(out ulong large)) return false;
        integer = large > EcmaNumber.MaximumInteger ? long.MaxValue : (long)large;
        return true;
    }
}
