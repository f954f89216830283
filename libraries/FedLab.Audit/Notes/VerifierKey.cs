using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using FedLab.Audit.Resources;
using FedLab.Curve25519;

namespace FedLab.Audit;

/// <summary>The kinds of note signature that are supported, by their number in C2SP signed-note.</summary>
public enum NoteSignatureType
{
    /// <summary>Ed25519 over the text of the note: what a log signs its checkpoints with.</summary>
    Ed25519 = 0x01,

    /// <summary>cosignature/v1 of C2SP tlog-cosignature: Ed25519 over a time and the checkpoint, by a witness.</summary>
    Cosignature = 0x04,
}

/// <summary>
/// The public half of a note key, written as a vkey <c>name+hex(key id)+base64(type ‖ public key)</c> (C2SP signed-note).
/// Immutable; equal when the text is equal.
/// </summary>
public sealed class VerifierKey : IEquatable<VerifierKey>
{
    private const int PublicKeyLength = 32;
    private const int SignatureLength = 64;
    private const int TimeLength = 8;
    private const int MaximumTextLength = 1024;

    private readonly Ed25519PublicKey _publicKey;
    private readonly string _text;

    private VerifierKey(string name, NoteSignatureType type, Ed25519PublicKey publicKey, string? text = null)
    {
        Name = name;
        Type = type;
        _publicKey = publicKey;
        byte[] encoded = Encode(type, publicKey.ToBytes());
        KeyId = ComputeKeyId(name, encoded);
        _text = text ?? string.Create(CultureInfo.InvariantCulture, $"{name}+{KeyId:x8}+{Convert.ToBase64String(encoded)}");
    }

    /// <summary>The name of the key: for a log its origin, for a witness its own name.</summary>
    public string Name { get; }

    /// <summary>What the key signs.</summary>
    public NoteSignatureType Type { get; }

    /// <summary>The first four bytes of SHA-256(name ‖ 0A ‖ type ‖ public key), big-endian.</summary>
    public uint KeyId { get; }

    /// <summary>The key that a log of that name signs its checkpoints with.</summary>
    /// <exception cref="ArgumentException">The name is not a key name.</exception>
    public static VerifierKey ForLog(string name, Ed25519PublicKey publicKey) => Create(name, NoteSignatureType.Ed25519, publicKey);

    /// <summary>The key that a witness of that name cosigns with.</summary>
    /// <exception cref="ArgumentException">The name is not a key name.</exception>
    public static VerifierKey ForWitness(string name, Ed25519PublicKey publicKey) => Create(name, NoteSignatureType.Cosignature, publicKey);

    /// <summary>The key that this same public key makes for a log of another name: a party signs its own log with the key it cosigns with.</summary>
    public VerifierKey AsLogKey(string logName) => ForLog(logName, _publicKey);

    internal byte[] PublicKeyBytes() => _publicKey.ToBytes();

    /// <summary>Reads a vkey.</summary>
    /// <exception cref="AuditFormatException">It is malformed, of an unknown type, or its key id does not belong to its key.</exception>
    public static VerifierKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Length > MaximumTextLength ? [] : text.Split('+', 3);
        if (parts.Length != 3 || !NoteText.IsKeyName(parts[0]) || parts[1].Length != 8 || !parts[1].All(char.IsAsciiHexDigitLower)
            || !NoteText.TryParseBase64(parts[2], out byte[] encoded))
        {
            throw new AuditFormatException(Messages.KeyMalformed(text));
        }

        if (uint.Parse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) != ComputeKeyId(parts[0], encoded))
        {
            throw new AuditFormatException(Messages.KeyIdentifierWrong(text));
        }

        var type = (NoteSignatureType)encoded[0];
        if (!Enum.IsDefined(type)) throw new AuditFormatException(Messages.KeyTypeUnknown(text, encoded[0]));
        if (encoded.Length != 1 + PublicKeyLength) throw new AuditFormatException(Messages.KeyMalformed(text));
        Ed25519PublicKey publicKey;
        try
        {
            publicKey = Ed25519PublicKey.FromBytes(encoded.AsSpan(1));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidPointException)
        {
            throw new AuditFormatException(Messages.KeyMalformed(text), exception);
        }

        return new VerifierKey(parts[0], type, publicKey, text);
    }

    /// <summary>Whether a signature line is by this key over that text. Never throws for a malformed signature.</summary>
    public bool Verify(ReadOnlySpan<byte> noteText, NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        if (!Made(signature)) return false;
        ReadOnlySpan<byte> value = signature.Value.Span;
        switch (Type)
        {
            case NoteSignatureType.Ed25519:
                return value.Length == SignatureLength && _publicKey.Verify(noteText, value);
            default:
                return value.Length == TimeLength + SignatureLength
                    && _publicKey.Verify(CosignedMessage(BinaryPrimitives.ReadUInt64BigEndian(value), noteText), value[TimeLength..]);
        }
    }

    /// <summary>Whether a signature line names this key (its signature may still be wrong).</summary>
    public bool Made(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return signature.KeyId == KeyId && string.Equals(signature.Name, Name, StringComparison.Ordinal);
    }

    /// <summary>The time inside a cosignature of this key, or <see langword="null"/> if the key does not cosign or the time is out of range. Meaningful only once verified.</summary>
    public DateTimeOffset? TimeOf(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        if (Type != NoteSignatureType.Cosignature || signature.Value.Length != TimeLength + SignatureLength) return null;
        ulong seconds = BinaryPrimitives.ReadUInt64BigEndian(signature.Value.Span);
        return seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : null;
    }

    /// <summary>The vkey.</summary>
    public override string ToString() => _text;

    /// <inheritdoc/>
    public bool Equals(VerifierKey? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifierKey);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>What cosignature/v1 signs: a header line, the time in Unix seconds, then the whole text of the note.</summary>
    internal static byte[] CosignedMessage(ulong time, ReadOnlySpan<byte> noteText)
    {
        byte[] header = NoteText.StrictUtf8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n"));
        var message = new byte[header.Length + noteText.Length];
        header.CopyTo(message, 0);
        noteText.CopyTo(message.AsSpan(header.Length));
        return message;
    }

    private static VerifierKey Create(string name, NoteSignatureType type, Ed25519PublicKey publicKey)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(publicKey);
        if (!NoteText.IsKeyName(name)) throw new ArgumentException("A key name has no white space and no '+'.", nameof(name));
        return new VerifierKey(name, type, publicKey);
    }

    private static byte[] Encode(NoteSignatureType type, ReadOnlySpan<byte> publicKey) => [(byte)type, .. publicKey];

    private static uint ComputeKeyId(string name, ReadOnlySpan<byte> encoded)
    {
        byte[] hash = SHA256.HashData([.. NoteText.StrictUtf8.GetBytes(name), (byte)'\n', .. encoded]);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }
}
