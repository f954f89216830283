using System.Globalization;
using System.Resources;

namespace FedLab.Audit.Resources;

/// <summary>Texts that a person reads, in the current culture (English, Chinese).</summary>
internal static class Messages
{
    internal const string BaseName = "FedLab.Audit.Resources.Messages";

    private static readonly ResourceManager Manager = new(BaseName, typeof(Messages).Assembly);

    /// <summary>The text of that name with its values filled in.</summary>
    internal static string Format(string name, params ReadOnlySpan<object?> values)
    {
        string text = Manager.GetString(name, CultureInfo.CurrentUICulture)
            ?? throw new ArgumentException("There is no text named " + name + ".", nameof(name));
        return values.IsEmpty ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }

    internal static string NoteMalformed(string problem) => Format(nameof(NoteMalformed), problem);
    internal static string NoteTooLong(int limit) => Format(nameof(NoteTooLong), limit);
    internal static string NoteNotUtf8 => Format(nameof(NoteNotUtf8));
    internal static string NoteControlCharacter => Format(nameof(NoteControlCharacter));
    internal static string NoteNoSignatureBlock => Format(nameof(NoteNoSignatureBlock));
    internal static string NoteSignatureLine(int line) => Format(nameof(NoteSignatureLine), line);
    internal static string NoteTooManySignatures(int limit) => Format(nameof(NoteTooManySignatures), limit);
    internal static string KeyMalformed(string key) => Format(nameof(KeyMalformed), Shorten(key));
    internal static string KeyIdentifierWrong(string key) => Format(nameof(KeyIdentifierWrong), Shorten(key));
    internal static string KeyTypeUnknown(string key, int type) => Format(nameof(KeyTypeUnknown), Shorten(key), type);
    internal static string KeysAmbiguous(string name) => Format(nameof(KeysAmbiguous), name);
    internal static string CheckpointMalformed(string problem) => Format(nameof(CheckpointMalformed), problem);
    internal static string CheckpointTooFewLines => Format(nameof(CheckpointTooFewLines));
    internal static string CheckpointOrigin => Format(nameof(CheckpointOrigin));
    internal static string CheckpointSize(string size) => Format(nameof(CheckpointSize), Shorten(size));
    internal static string CheckpointRoot => Format(nameof(CheckpointRoot));
    internal static string CheckpointExtension => Format(nameof(CheckpointExtension));
    internal static string JsonNotCanonical(int position, string problem) => Format(nameof(JsonNotCanonical), position, problem);
    internal static string JsonTooLong(int limit) => Format(nameof(JsonTooLong), limit);
    internal static string JsonTooDeep(int limit) => Format(nameof(JsonTooDeep), limit);
    internal static string JsonUnexpected => Format(nameof(JsonUnexpected));
    internal static string JsonTrailing => Format(nameof(JsonTrailing));
    internal static string JsonNameOrder => Format(nameof(JsonNameOrder));
    internal static string JsonString => Format(nameof(JsonString));
    internal static string JsonNumber => Format(nameof(JsonNumber));
    internal static string JsonEnd => Format(nameof(JsonEnd));
    internal static string EntryMember(string member) => Format(nameof(EntryMember), member);
    internal static string EntryEventType(string type) => Format(nameof(EntryEventType), Shorten(type));
    internal static string EntryBodyMissing(string type, string member) => Format(nameof(EntryBodyMissing), type, member);
    internal static string EntryBodyUnexpected(string type, string member) => Format(nameof(EntryBodyUnexpected), type, Shorten(member));
    internal static string EntryBodyValue(string type, string member, string kind) => Format(nameof(EntryBodyValue), type, member, kind);
    internal static string LogInUse(string folder) => Format(nameof(LogInUse), folder);
    internal static string LogOfAnother(string folder, string found, string expected) => Format(nameof(LogOfAnother), folder, found, expected);
    internal static string LogFileUnreadable(string file) => Format(nameof(LogFileUnreadable), file);
    internal static string LogEntryDamaged(string file, long index, string problem) => Format(nameof(LogEntryDamaged), file, index, problem);
    internal static string LogEntryHash => Format(nameof(LogEntryHash));
    internal static string LogEntryChain => Format(nameof(LogEntryChain));
    internal static string LogEntrySequence(long found) => Format(nameof(LogEntrySequence), found);
    internal static string LogEntryTooLong(int limit) => Format(nameof(LogEntryTooLong), limit);
    internal static string LogEntryName(string found) => Format(nameof(LogEntryName), Shorten(found));
    internal static string LogTruncated(string folder, long found, long expected) => Format(nameof(LogTruncated), folder, found, expected);
    internal static string LogCheckpointContradicts(string file, long size) => Format(nameof(LogCheckpointContradicts), file, size);
    internal static string LogCheckpointSignature(string file) => Format(nameof(LogCheckpointSignature), file);
    internal static string LogFailed(string folder) => Format(nameof(LogFailed), folder);
    internal static string CosignatureInvalid(string witness, long size) => Format(nameof(CosignatureInvalid), witness, size);
    internal static string CheckpointUnknown(long size) => Format(nameof(CheckpointUnknown), size);
    internal static string WitnessStateUnreadable(string file) => Format(nameof(WitnessStateUnreadable), file);
    internal static string BundleMissing(string path) => Format(nameof(BundleMissing), path);
    internal static string BundleNotZip(string path) => Format(nameof(BundleNotZip), path);
    internal static string BundleFileMissing(string file) => Format(nameof(BundleFileMissing), file);
    internal static string BundleFileName(string file) => Format(nameof(BundleFileName), Shorten(file));
    internal static string BundleTooManyFiles(int limit) => Format(nameof(BundleTooManyFiles), limit);
    internal static string BundleFileTooLarge(string file, long limit) => Format(nameof(BundleFileTooLarge), file, limit);
    internal static string BundleTooLarge(long limit) => Format(nameof(BundleTooLarge), limit);
    internal static string BundleRatio(string file, int limit) => Format(nameof(BundleRatio), file, limit);
    internal static string BundleFileUnreadable(string file) => Format(nameof(BundleFileUnreadable), file);
    internal static string BundleDescriptionMalformed(string problem) => Format(nameof(BundleDescriptionMalformed), problem);

    internal static string EntryRange(long first, long last) => first >= last ? Format("EntrySingle", first) : Format(nameof(EntryRange), first, last);
    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Text from a hostile file is shown only so far, and without control characters, on somebody's terminal.</summary>
    internal static string Shorten(string text)
    {
        const int Limit = 80;
        string clean = string.Concat(text.Take(Limit).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
        return text.Length > Limit ? clean + "…" : clean;
    }
}
