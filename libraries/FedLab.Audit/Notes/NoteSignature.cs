using System.Buffers.Binary;

namespace FedLab.Audit;

/// <summary>One signature line of a signed note: <c>— name base64(key id ‖ signature)</c>.</summary>
public sealed class NoteSignature
{
    internal const string LinePrefix = "— ";
    private const int KeyIdLength = 4;

    /// <summary>A signature by the key of that name and id.</summary>
    /// <exception cref="ArgumentException">The name is not a key name, or the signature is empty.</exception>
    public NoteSignature(string name, uint keyId, ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!NoteText.IsKeyName(name)) throw new ArgumentException("A key name has no white space and no '+'.", nameof(name));
        if (value.IsEmpty) throw new ArgumentException("A signature has at least one byte.", nameof(value));
        Name = name;
        KeyId = keyId;
        Value = value.ToArray();
    }

    /// <summary>The name of the key.</summary>
    public string Name { get; }

    /// <summary>The first four bytes of the key's hash, big-endian: a hint that tells keys of one name apart.</summary>
    public uint KeyId { get; }

    /// <summary>The signature without the key id.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The line without its line feed.</summary>
    public string ToLine()
    {
        var bytes = new byte[KeyIdLength + Value.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Value.Span.CopyTo(bytes.AsSpan(KeyIdLength));
        return LinePrefix + Name + " " + Convert.ToBase64String(bytes);
    }

    /// <summary>Reads a line without its line feed.</summary>
    /// <exception cref="AuditFormatException">It is not a signature line.</exception>
    public static NoteSignature ParseLine(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return TryParseLine(line) ?? throw new AuditFormatException(Resources.Messages.NoteMalformed(Resources.Messages.NoteSignatureLine(1)));
    }

    internal static NoteSignature? TryParseLine(string line)
    {
        if (!line.StartsWith(LinePrefix, StringComparison.Ordinal)) return null;
        string rest = line[LinePrefix.Length..];
        int space = rest.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0) return null;
        string name = rest[..space];
        if (!NoteText.IsKeyName(name) || !NoteText.TryParseBase64(rest[(space + 1)..], out byte[] bytes) || bytes.Length <= KeyIdLength) return null;
        return new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsSpan(KeyIdLength));
    }
}
