using System.Globalization;
using System.Text;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// The head of a log at one moment (C2SP tlog-checkpoint): its name, its size and its root, one a line, with optional
/// extension lines after them. Immutable.
/// </summary>
public sealed class Checkpoint
{
    private const int MaximumSizeDigits = 19;

    /// <summary>A head without extension lines.</summary>
    /// <exception cref="ArgumentException">The origin is empty or has a line break, or the size is negative.</exception>
    public Checkpoint(string origin, long size, Sha256Hash root)
        : this(origin, size, root, [])
    {
        ArgumentException.ThrowIfNullOrEmpty(origin);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (origin.Contains('\n', StringComparison.Ordinal)) throw new ArgumentException("An origin is one line.", nameof(origin));
    }

    private Checkpoint(string origin, long size, Sha256Hash root, IReadOnlyList<string> extensions)
    {
        Origin = origin;
        Size = size;
        Root = root;
        Extensions = extensions;
    }

    /// <summary>The name of the log.</summary>
    public string Origin { get; }

    /// <summary>The number of entries.</summary>
    public long Size { get; }

    /// <summary>The root over these entries.</summary>
    public Sha256Hash Root { get; }

    /// <summary>Further lines, which mean nothing here but are signed with the rest.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Reads the text of a note as a head.</summary>
    /// <exception cref="AuditFormatException">It is not one.</exception>
    public static Checkpoint Parse(ReadOnlySpan<byte> body)
    {
        string text;
        try
        {
            text = NoteText.StrictUtf8.GetString(body);
        }
        catch (DecoderFallbackException exception)
        {
            throw new AuditFormatException(Messages.CheckpointMalformed(Messages.NoteNotUtf8), exception);
        }

        string[] lines = text.Split('\n');
        // Three lines, each ended by a line feed, split into four parts of which the last is empty.
        if (lines.Length < 4 || lines[^1].Length != 0) throw Malformed(Messages.CheckpointTooFewLines);
        if (lines[0].Length == 0) throw Malformed(Messages.CheckpointOrigin);
        if (!TryParseSize(lines[1], out long size)) throw Malformed(Messages.CheckpointSize(lines[1]));
        if (!NoteText.TryParseBase64(lines[2], out byte[] root) || root.Length != Sha256Hash.Length) throw Malformed(Messages.CheckpointRoot);
        string[] extensions = lines[3..^1];
        if (extensions.Any(line => line.Length == 0)) throw Malformed(Messages.CheckpointExtension);
        return new Checkpoint(lines[0], size, new Sha256Hash(root), extensions);
    }

    /// <summary>The text that is signed.</summary>
    public byte[] ToBody()
    {
        var builder = new StringBuilder();
        builder.Append(Origin).Append('\n').Append(CultureInfo.InvariantCulture, $"{Size}\n").Append(Root.ToBase64()).Append('\n');
        foreach (string extension in Extensions) builder.Append(extension).Append('\n');
        return NoteText.StrictUtf8.GetBytes(builder.ToString());
    }

    private static bool TryParseSize(string text, out long size)
    {
        size = 0;
        if (text.Length is 0 or > MaximumSizeDigits || (text.Length > 1 && text[0] == '0')) return false;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size);
    }

    private static AuditFormatException Malformed(string problem) => new(Messages.CheckpointMalformed(problem));
}

/// <summary>A head with the signatures under it: the log's own and those of witnesses.</summary>
public sealed class SignedCheckpoint
{
    private SignedCheckpoint(Checkpoint checkpoint, SignedNote note)
    {
        Checkpoint = checkpoint;
        Note = note;
    }

    /// <summary>What is signed.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The note that carries it.</summary>
    public SignedNote Note { get; }

    /// <summary>Signs a head.</summary>
    public static SignedCheckpoint Sign(Checkpoint checkpoint, NoteSigner signer)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(signer);
        byte[] body = checkpoint.ToBody();
        return new SignedCheckpoint(checkpoint, new SignedNote(body, [signer.Sign(body)]));
    }

    /// <summary>Reads a signed head. Nothing is verified yet.</summary>
    /// <exception cref="AuditFormatException">The bytes are not a signed note, or its text is not a head.</exception>
    public static SignedCheckpoint Parse(ReadOnlySpan<byte> bytes)
    {
        SignedNote note = SignedNote.Parse(bytes);
        return new SignedCheckpoint(Checkpoint.Parse(note.Text.Span), note);
    }

    /// <summary>The same head with one more signature; an older one by the same key gives way.</summary>
    public SignedCheckpoint WithSignature(NoteSignature signature) => new(Checkpoint, Note.WithSignature(signature));

    /// <summary>The signed note as bytes.</summary>
    public byte[] ToBytes() => Note.ToBytes();
}
