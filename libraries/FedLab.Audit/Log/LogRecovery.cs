using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>What a log's files hold after a start, checked entry by entry.</summary>
internal sealed class LogRecovery
{
    private LogRecovery(MerkleTree tree, List<long> offsets, long entriesLength, long recordedLeaves, DateTimeOffset lastTime)
    {
        Tree = tree;
        Offsets = offsets;
        EntriesLength = entriesLength;
        RecordedLeaves = recordedLeaves;
        LastTime = lastTime;
    }

    internal MerkleTree Tree { get; }

    /// <summary>Where each entry begins.</summary>
    internal List<long> Offsets { get; }

    /// <summary>The length of the whole entries; the file may go on with a torn one.</summary>
    internal long EntriesLength { get; }

    /// <summary>Entries that were acknowledged, because their leaf hash is recorded; there may be more entries.</summary>
    internal long RecordedLeaves { get; }

    internal DateTimeOffset LastTime { get; }

    /// <summary>
    /// Reads the files. The leaf hashes are written after their entries are on disk, so an entry with a recorded hash, or
    /// one under a checkpoint, must be there and whole; behind these a crash may have torn the last one.
    /// </summary>
    /// <exception cref="AuditFormatException">An acknowledged entry is missing or damaged; the exception names it.</exception>
    internal static LogRecovery Read(string folder, string name, IReadOnlyList<SignedCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        string entriesPath = Path.Combine(folder, LogFolder.EntriesFile);
        string leavesPath = Path.Combine(folder, LogFolder.LeavesFile);
        using var leaves = new FileStream(leavesPath, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        using var entries = new FileStream(entriesPath, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        long recorded = leaves.Length / Sha256Hash.Length;
        long required = Math.Max(recorded, checkpoints.Count == 0 ? 0 : checkpoints[^1].Checkpoint.Size);

        var tree = new MerkleTree();
        var offsets = new List<long>();
        var reader = new EntryLineReader(entries);
        Sha256Hash previous = AuditEntry.PreviousOfFirst;
        DateTimeOffset lastTime = DateTimeOffset.MinValue;
        long length = 0;
        Span<byte> recordedHash = stackalloc byte[Sha256Hash.Length];
        while (reader.Read() is EntryLine line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long index = tree.Size;
            string? problem = Check(line, name, index, previous, out AuditEntry? entry);
            if (problem is null && index < recorded)
            {
                leaves.ReadExactly(recordedHash);
                if (entry!.LeafHash != new Sha256Hash(recordedHash)) problem = Messages.LogEntryHash;
            }

            if (problem is not null)
            {
                // What nobody was promised and nothing whole follows is what a crash leaves behind.
                if (index >= required && !AnyEntryFollows(reader, name)) break;
                throw new AuditFormatException(Messages.LogEntryDamaged(entriesPath, index, problem)) { EntryIndex = index };
            }

            offsets.Add(line.Offset);
            tree.Append(entry!.LeafHash);
            previous = entry.LeafHash;
            lastTime = entry.Time;
            length = line.Offset + line.Bytes.Length + 1;
        }

        if (tree.Size < required) throw new AuditFormatException(Messages.LogTruncated(folder, tree.Size, required)) { EntryIndex = tree.Size };
        foreach (Checkpoint checkpoint in checkpoints.Select(signed => signed.Checkpoint))
        {
            if (tree.RootAt(checkpoint.Size) != checkpoint.Root) throw new AuditFormatException(Messages.LogCheckpointContradicts(folder, checkpoint.Size));
        }

        return new LogRecovery(tree, offsets, length, recorded, lastTime);
    }

    private static string? Check(EntryLine line, string name, long index, Sha256Hash previous, out AuditEntry? entry)
    {
        entry = null;
        if (line.IsTooLong) return Messages.LogEntryTooLong(AuditEntry.MaximumLength);
        if (!line.IsTerminated) return Messages.JsonEnd;
        try
        {
            entry = AuditEntry.Parse(line.Bytes.Span);
        }
        catch (AuditFormatException exception)
        {
            return exception.Message;
        }

        if (!string.Equals(entry.Log, name, StringComparison.Ordinal)) return Messages.LogEntryName(entry.Log);
        if (entry.Sequence != index) return Messages.LogEntrySequence(entry.Sequence);
        return entry.Previous == previous ? null : Messages.LogEntryChain;
    }

    private static bool AnyEntryFollows(EntryLineReader reader, string name)
    {
        while (reader.Read() is EntryLine line)
        {
            if (line.IsTooLong || !line.IsTerminated) continue;
            try
            {
                if (string.Equals(AuditEntry.Parse(line.Bytes.Span).Log, name, StringComparison.Ordinal)) return true;
            }
            catch (AuditFormatException)
            {
                // Not an entry; the next line may be one.
            }
        }

        return false;
    }
}
