using System.Text;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// A text with signatures in the C2SP signed-note form (the format of golang.org/x/mod/sumdb/note): the text, which ends
/// with a line feed, a blank line, and one line for each signature. Immutable.
/// </summary>
public sealed class SignedNote
{
    /// <summary>The largest number of signature lines that is read.</summary>
    public const int MaximumSignatures = 100;

    /// <summary>The longest note that is read, in bytes.</summary>
    public const int MaximumLength = 1 << 20;

    private readonly byte[] _text;

    /// <summary>Puts signatures under a text.</summary>
    /// <exception cref="ArgumentException">The text does not end with a line feed or is not text, or there is no signature or too many.</exception>
    public SignedNote(ReadOnlySpan<byte> text, IEnumerable<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        if (text.IsEmpty || text[^1] != (byte)'\n') throw new ArgumentException("The text of a note ends with a line feed.", nameof(text));
        if (ProblemOf(text) is not null) throw new ArgumentException("The text of a note is UTF-8 without control characters.", nameof(text));
        Signatures = [.. signatures];
        if (Signatures.Count is 0 or > MaximumSignatures) throw new ArgumentException("A note has between one and a hundred signatures.", nameof(signatures));
        _text = text.ToArray();
    }

    /// <summary>What is signed, the final line feed included.</summary>
    public ReadOnlyMemory<byte> Text => _text;

    /// <summary>The signatures in the order of their lines, verified or not.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note. Nothing is verified yet.</summary>
    /// <exception cref="AuditFormatException">The bytes are not a signed note.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumLength) throw Malformed(Messages.NoteTooLong(MaximumLength));
        if (ProblemOf(bytes) is string problem) throw Malformed(problem);

        int blank = bytes.LastIndexOf("\n\n"u8);
        if (blank < 0 || bytes[^1] != (byte)'\n' || blank + 2 == bytes.Length) throw Malformed(Messages.NoteNoSignatureBlock);
        string[] lines = NoteText.StrictUtf8.GetString(bytes[(blank + 2)..^1]).Split('\n');
        if (lines.Length > MaximumSignatures) throw Malformed(Messages.NoteTooManySignatures(MaximumSignatures));
        var signatures = new List<NoteSignature>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            signatures.Add(NoteSignature.TryParseLine(lines[i]) ?? throw Malformed(Messages.NoteSignatureLine(i + 1)));
        }

        return new SignedNote(bytes[..(blank + 1)], signatures);
    }

    /// <summary>The note as bytes.</summary>
    public byte[] ToBytes()
    {
        var builder = new StringBuilder(NoteText.StrictUtf8.GetString(_text));
        builder.Append('\n');
        foreach (NoteSignature signature in Signatures) builder.Append(signature.ToLine()).Append('\n');
        return NoteText.StrictUtf8.GetBytes(builder.ToString());
    }

    /// <summary>The same text with one more signature; an older one by the same key gives way.</summary>
    public SignedNote WithSignature(NoteSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return new SignedNote(_text, Signatures
            .Where(other => other.KeyId != signature.KeyId || !string.Equals(other.Name, signature.Name, StringComparison.Ordinal))
            .Append(signature));
    }

    /// <summary>
    /// Sorts the signatures by what <paramref name="keys"/> say of them. A note is to be believed only if
    /// <see cref="NoteVerification.IsVerified"/>: some known key signed it, and no signature in a known key's name is wrong.
    /// </summary>
    /// <exception cref="AuditFormatException">Two different keys have the same name and key id, so a signature's author is ambiguous.</exception>
    public NoteVerification Verify(params IReadOnlyCollection<VerifierKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var known = new Dictionary<(string Name, uint KeyId), VerifierKey>();
        foreach (VerifierKey key in keys)
        {
            if (!known.TryAdd((key.Name, key.KeyId), key) && !known[(key.Name, key.KeyId)].Equals(key)) throw new AuditFormatException(Messages.KeysAmbiguous(key.Name));
        }

        var valid = new List<(VerifierKey, NoteSignature)>();
        var invalid = new List<(VerifierKey, NoteSignature)>();
        var unknown = new List<NoteSignature>();
        var seen = new HashSet<VerifierKey>();
        foreach (NoteSignature signature in Signatures)
        {
            if (!known.TryGetValue((signature.Name, signature.KeyId), out VerifierKey? key)) unknown.Add(signature);
            else if (!key.Verify(_text, signature)) invalid.Add((key, signature));
            else if (seen.Add(key)) valid.Add((key, signature));
        }

        return new NoteVerification(valid, invalid, unknown);
    }

    private static string? ProblemOf(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value < (byte)' ' && value != (byte)'\n') return Messages.NoteControlCharacter;
        }

        return System.Text.Unicode.Utf8.IsValid(bytes) ? null : Messages.NoteNotUtf8;
    }

    private static AuditFormatException Malformed(string problem) => new(Messages.NoteMalformed(problem));
}

/// <summary>What a set of keys says about the signatures of a note.</summary>
/// <param name="Valid">The first right signature of each known key.</param>
/// <param name="Invalid">Signatures in the name of a known key that are wrong.</param>
/// <param name="Unknown">Signatures by keys that are not known; they count for nothing.</param>
public sealed record NoteVerification(
    IReadOnlyList<(VerifierKey Key, NoteSignature Signature)> Valid,
    IReadOnlyList<(VerifierKey Key, NoteSignature Signature)> Invalid,
    IReadOnlyList<NoteSignature> Unknown)
{
    /// <summary>Some known key signed the note and no signature in a known key's name is wrong.</summary>
    public bool IsVerified => Valid.Count > 0 && Invalid.Count == 0;
}
