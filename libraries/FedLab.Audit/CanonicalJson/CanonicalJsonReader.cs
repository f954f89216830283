using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// Reads canonical JSON in one pass: the grammar that it accepts *is* RFC 8785, so nothing has to be written again and
/// compared. Members in strictly ascending order cannot repeat.
/// </summary>
internal ref struct CanonicalJsonReader
{
    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789+-.eE"u8);

    private readonly ReadOnlySpan<byte> _input;
    private readonly int _maximumDepth;
    private int _position;

    private CanonicalJsonReader(ReadOnlySpan<byte> input, int maximumDepth)
    {
        _input = input;
        _maximumDepth = maximumDepth;
    }

    internal static JsonNode? Read(ReadOnlySpan<byte> utf8, int maximumLength, int maximumDepth)
    {
        if (utf8.Length > maximumLength) throw new AuditFormatException(Messages.JsonTooLong(maximumLength));
        if (!System.Text.Unicode.Utf8.IsValid(utf8)) throw new AuditFormatException(Messages.JsonNotCanonical(0, Messages.NoteNotUtf8));
        var reader = new CanonicalJsonReader(utf8, maximumDepth);
        JsonNode? value = reader.ReadValue(maximumDepth);
        if (reader._position != utf8.Length) throw reader.Error(Messages.JsonTrailing);
        return value;
    }

    private JsonNode? ReadValue(int depthLeft)
    {
        if (depthLeft < 0) throw Error(Messages.JsonTooDeep(_maximumDepth));
        switch (Peek())
        {
            case (byte)'{': return ReadObject(depthLeft);
            case (byte)'[': return ReadArray(depthLeft);
            case (byte)'"': return JsonValue.Create(ReadString());
            case (byte)'t':
                Expect("true"u8);
                return JsonValue.Create(true);
            case (byte)'f':
                Expect("false"u8);
                return JsonValue.Create(false);
            case (byte)'n':
                Expect("null"u8);
                return null;
            default: return ReadNumber();
        }
    }

    private JsonObject ReadObject(int depthLeft)
    {
        var result = new JsonObject();
        _position++;
        if (Peek() == (byte)'}')
        {
            _position++;
            return result;
        }

        string? previous = null;
        while (true)
        {
            if (Peek() != (byte)'"') throw Error(Messages.JsonUnexpected);
            string name = ReadString();
            if (previous is not null && string.CompareOrdinal(previous, name) >= 0) throw Error(Messages.JsonNameOrder);
            previous = name;
            Expect(":"u8);
            result.Add(name, ReadValue(depthLeft - 1));
            if (!NextMember((byte)'}')) return result;
        }
    }

    private JsonArray ReadArray(int depthLeft)
    {
        var result = new JsonArray();
        _position++;
        if (Peek() == (byte)']')
        {
            _position++;
            return result;
        }

        do result.Add(ReadValue(depthLeft - 1));
        while (NextMember((byte)']'));
        return result;
    }

    private bool NextMember(byte end)
    {
        byte next = Peek();
        if (next != end && next != (byte)',') throw Error(Messages.JsonUnexpected);
        _position++;
        return next != end;
    }

    private string ReadString()
    {
        int start = ++_position;
        int length = _input[start..].IndexOfAny((byte)'"', (byte)'\\');
        if (length < 0) throw Error(Messages.JsonEnd);
        if (_input[start + length] == (byte)'"')
        {
            _position = start + length + 1;
            return Literal(_input.Slice(start, length));
        }

        var text = new StringBuilder();
        while (true)
        {
            length = _input[_position..].IndexOfAny((byte)'"', (byte)'\\');
            if (length < 0) throw Error(Messages.JsonEnd);
            text.Append(Literal(_input.Slice(_position, length)));
            _position += length + 1;
            if (_input[_position - 1] == (byte)'"') return text.ToString();
            text.Append(ReadEscape());
        }
    }

    /// <summary>Text without escapes; what must be escaped may not stand in it.</summary>
    private readonly string Literal(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOfAnyInRange((byte)0, (byte)0x1f) >= 0) throw Error(Messages.JsonString);
        return Encoding.UTF8.GetString(utf8);
    }

    private char ReadEscape()
    {
        byte letter = Peek();
        _position++;
        for (char c = '\0'; c <= '\\'; c++)
        {
            if (letter != 0 && CanonicalJson.ShortEscape(c) == letter) return c;
        }

        // The only other escapes are \u00xx of control characters without a short one.
        ReadOnlySpan<byte> hex = _input[_position..];
        if (letter != (byte)'u' || hex.Length < 4 || hex[0] != (byte)'0' || hex[1] != (byte)'0' || hex[2] is not ((byte)'0' or (byte)'1')) throw Error(Messages.JsonString);
        int low = "0123456789abcdef"u8.IndexOf(hex[3]);
        if (low < 0) throw Error(Messages.JsonString);
        var control = (char)(((hex[2] - '0') << 4) | low);
        if (CanonicalJson.ShortEscape(control) != 0) throw Error(Messages.JsonString);
        _position += 4;
        return control;
    }

    private JsonValue ReadNumber()
    {
        int length = _input[_position..].IndexOfAnyExcept(NumberBytes);
        ReadOnlySpan<byte> token = length < 0 ? _input[_position..] : _input.Slice(_position, length);
        if (token.IsEmpty) throw Error(Messages.JsonUnexpected);
        if (IsPlainInteger(token) && Utf8Parser.TryParse(token, out long integer, out _) && integer is >= -EcmaNumber.MaximumInteger and <= EcmaNumber.MaximumInteger)
        {
            _position += token.Length;
            return JsonValue.Create(integer);
        }

        const int LongestNumber = 32;
        if (token.Length > LongestNumber
            || !double.TryParse(token, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            || !double.IsFinite(number)
            || !token.SequenceEqual(Encoding.UTF8.GetBytes(EcmaNumber.Format(number))))
        {
            throw Error(Messages.JsonNumber);
        }

        _position += token.Length;
        return JsonValue.Create(number);
    }

    /// <summary>An optional minus sign, then digits that do not begin with a zero; or a zero alone.</summary>
    private static bool IsPlainInteger(ReadOnlySpan<byte> token)
    {
        if (token is [(byte)'0']) return true;
        ReadOnlySpan<byte> digits = token[0] == (byte)'-' ? token[1..] : token;
        return !digits.IsEmpty && digits[0] != (byte)'0' && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    private void Expect(ReadOnlySpan<byte> text)
    {
        if (!_input[_position..].StartsWith(text)) throw Error(Messages.JsonUnexpected);
        _position += text.Length;
    }

    private readonly byte Peek() => _position < _input.Length ? _input[_position] : throw Error(Messages.JsonEnd);

    private readonly AuditFormatException Error(string problem) => new(Messages.JsonNotCanonical(_position, problem));
}
