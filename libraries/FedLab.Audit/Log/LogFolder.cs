using System.Globalization;
using System.Text.Json.Nodes;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// The files of a log:
/// <code>
/// log.json         {"key": vkey, "log": name, "v": 1}
/// entries.jsonl    one canonical entry a line
/// leaves.sha256    the leaf hash of every entry that was acknowledged, 32 bytes each
/// checkpoints/     the signed note of every checkpoint, named by its size
/// lock             held open by the one process that writes
/// </code>
/// </summary>
internal static class LogFolder
{
    internal const string IdentityFile = "log.json";
    internal const string EntriesFile = "entries.jsonl";
    internal const string LeavesFile = "leaves.sha256";
    internal const string LockFile = "lock";
    internal const string CheckpointsFolder = "checkpoints";
    internal const string NoteExtension = ".note";
    internal const int MaximumIdentityLength = 4096;

    internal static string CheckpointFile(long size) => size.ToString("D16", CultureInfo.InvariantCulture) + NoteExtension;

    internal static byte[] WriteIdentity(VerifierKey key) => CanonicalJson.Serialize(new JsonObject { ["key"] = key.ToString(), ["log"] = key.Name, ["v"] = AuditEntry.Version });

    /// <summary>The key that the log says it is signed with.</summary>
    /// <exception cref="AuditFormatException">The file is not a log's identity.</exception>
    internal static VerifierKey ReadIdentity(ReadOnlySpan<byte> content)
    {
        if (CanonicalJson.Parse(content, MaximumIdentityLength) is not JsonObject { Count: 3 } identity
            || identity["key"] is not JsonValue keyValue || !keyValue.TryGetValue(out string? keyText)
            || identity["log"] is not JsonValue nameValue || !nameValue.TryGetValue(out string? name)
            || identity["v"] is not JsonValue versionValue || !versionValue.TryGetValue(out long version) || version != AuditEntry.Version)
        {
            throw new AuditFormatException(Messages.LogFileUnreadable(IdentityFile));
        }

        var key = VerifierKey.Parse(keyText);
        if (!string.Equals(key.Name, name, StringComparison.Ordinal)) throw new AuditFormatException(Messages.LogFileUnreadable(IdentityFile));
        return key;
    }

    /// <summary>Holds the log for this process until the file is closed.</summary>
    /// <exception cref="AuditException">Another process holds it.</exception>
    internal static FileStream TakeLock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new AuditException(Messages.LogInUse(folder), exception);
        }
    }

    /// <summary>Writes the identity of a new log, or compares that of an old one.</summary>
    /// <exception cref="AuditFormatException">The folder holds a log of another name or key.</exception>
    internal static async Task ConfirmIdentityAsync(string folder, VerifierKey key, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, IdentityFile);
        byte[]? content = await DurableFile.ReadAsync(path, MaximumIdentityLength, cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            await DurableFile.ReplaceAsync(path, WriteIdentity(key), cancellationToken).ConfigureAwait(false);
            return;
        }

        VerifierKey found;
        try
        {
            found = ReadIdentity(content);
        }
        catch (AuditFormatException exception)
        {
            throw new AuditFormatException(Messages.LogFileUnreadable(path), exception);
        }

        if (!found.Equals(key)) throw new AuditFormatException(Messages.LogOfAnother(folder, found.ToString(), key.ToString()));
    }
}
