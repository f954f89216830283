using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// Holds the entries of one log against its recorded leaf hashes and its signed heads, and names what was done to it.
/// Whichever of entries and leaf hashes has the root of the last signed head is the truth that the other is compared with.
/// </summary>
internal static class LogIntegrityCheck
{
    internal static void Run(LogEvidence log, FindingCollector findings)
    {
        MerkleTree found = Build(log.Entries.Select(entry => entry.LeafHash));
        MerkleTree? recorded = log.LeafRecord is null ? null : Build(log.LeafRecord);
        List<SignedCheckpoint> largest = [.. log.Heads.Where(head => head.Checkpoint.Size == log.Heads[^1].Checkpoint.Size)];
        SignedCheckpoint? last = largest.Find(head => Matches(found, head.Checkpoint))
            ?? largest.Find(head => recorded is not null && Matches(recorded, head.Checkpoint))
            ?? largest.LastOrDefault();
        log.Tree = found;
        log.LastHead = last;
        if (last is null)
        {
            findings.Error(AuditFindingCode.CheckpointMissing, log.Name, entryIndex: null);
            if (!NameDifferences(log, log.LeafRecord, findings)) NameBreaksInChain(log, findings);
        }
        else if (Matches(found, last.Checkpoint))
        {
            CompareLeafRecord(log, findings);
            NameBreaksInChain(log, findings);
        }
        else if (recorded is not null && Matches(recorded, last.Checkpoint))
        {
            log.Tree = recorded;
            NameDifferences(log, log.LeafRecord, findings);
        }
        else
        {
            NameContradiction(log, found, last.Checkpoint, findings);
            if (!NameDifferences(log, log.LeafRecord, findings)) NameBreaksInChain(log, findings);
        }

        CheckHeads(log, findings);
        CheckCoverage(log, findings);
        CheckTimes(log, findings);
    }

    private static MerkleTree Build(IEnumerable<Sha256Hash> leaves)
    {
        var tree = new MerkleTree();
        foreach (Sha256Hash leaf in leaves) tree.Append(leaf);
        return tree;
    }

    private static bool Matches(MerkleTree tree, Checkpoint head) => head.Size <= tree.Size && tree.RootAt(head.Size) == head.Root;

    /// <summary>The entries are those that were signed; the leaf hashes beside them should be theirs.</summary>
    private static void CompareLeafRecord(LogEvidence log, FindingCollector findings)
    {
        if (log.LeafRecord is not List<Sha256Hash> leaves) return;
        int common = Math.Min(leaves.Count, log.Entries.Count);
        int index = 0;
        while (index < common && leaves[index] == log.Entries[index].LeafHash) index++;
        if (index < common || leaves.Count != log.Entries.Count) findings.Error(AuditFindingCode.LeafRecordDamaged, log.Name, index, index, leaves.Count, log.Entries.Count);
    }

    /// <summary>Says how the entries differ from the recorded leaf hashes; whether they do.</summary>
    private static bool NameDifferences(LogEvidence log, List<Sha256Hash>? leaves, FindingCollector findings)
    {
        if (leaves is null) return false;
        List<SequenceDifference> differences = SequenceComparison.Compare(leaves, [.. log.Entries.Select(entry => entry.LeafHash)]);
        Name(log, differences, findings);
        return differences.Count > 0;
    }

    private static void Name(LogEvidence log, List<SequenceDifference> differences, FindingCollector findings)
    {
        foreach (IGrouping<SequenceDifferenceKind, SequenceDifference> kind in differences.GroupBy(difference => difference.Kind))
        {
            if (kind.Key == SequenceDifferenceKind.Reordered)
            {
                foreach (SequenceDifference moved in kind) findings.Error(AuditFindingCode.EntryReordered, log.Name, moved.Recorded, moved.Recorded, moved.Found);
                continue;
            }

            AuditFindingCode code = kind.Key switch
            {
                SequenceDifferenceKind.Altered => AuditFindingCode.EntryAltered,
                SequenceDifferenceKind.Removed => AuditFindingCode.EntryRemoved,
                _ => AuditFindingCode.EntryAdded,
            };
            foreach ((int first, int last) in Ranges(kind.Select(difference => kind.Key == SequenceDifferenceKind.Added ? difference.Found : difference.Recorded)))
            {
                findings.Error(code, log.Name, first, Messages.EntryRange(first, last));
            }
        }
    }

    private static IEnumerable<(int First, int Last)> Ranges(IEnumerable<int> indexes)
    {
        int first = -1;
        int last = -1;
        foreach (int index in indexes.Order())
        {
            if (first >= 0 && index == last + 1)
            {
                last = index;
                continue;
            }

            if (first >= 0) yield return (first, last);
            first = last = index;
        }

        if (first >= 0) yield return (first, last);
    }

    /// <summary>Neither entries nor leaf hashes are those of the last head. Earlier heads that still hold narrow down where it broke.</summary>
    private static void NameContradiction(LogEvidence log, MerkleTree found, Checkpoint last, FindingCollector findings)
    {
        if (last.Size > found.Size) findings.Error(AuditFindingCode.LogTruncated, log.Name, found.Size, found.Size, last.Size, Messages.Format("SourceOwnCheckpoint"));
        IEnumerable<Checkpoint> heads = log.Heads.Select(head => head.Checkpoint).Where(head => head.Size <= found.Size);
        long sound = heads.Where(head => Matches(found, head)).Select(head => head.Size).DefaultIfEmpty(0).Max();
        Checkpoint? broken = heads.FirstOrDefault(head => head.Size > sound && !Matches(found, head));
        if (broken is not null) findings.Error(AuditFindingCode.CheckpointContradictsEntries, log.Name, sound, broken.Size, Messages.EntryRange(sound, broken.Size - 1));
    }

    /// <summary>
    /// Entries number themselves and name the hash of the one before. Where no signed hash is at hand to compare with,
    /// these say which entry was taken out, moved or changed.
    /// </summary>
    private static void NameBreaksInChain(LogEvidence log, FindingCollector findings)
    {
        List<EntryFacts> entries = log.Entries;
        bool isContiguous = true;
        for (int i = 0; i < entries.Count && isContiguous; i++) isContiguous = entries[i].Sequence == i;
        if (!isContiguous)
        {
            // Numbers far beyond the end are not worth a list of all that would be missing before them.
            int limit = 2 * entries.Count;
            int highest = (int)entries.Where(entry => entry.Sequence < limit).Select(entry => entry.Sequence).DefaultIfEmpty(-1).Max();
            List<SequenceDifference> differences = SequenceComparison.Compare([.. Enumerable.Range(0, highest + 1).Select(number => (long)number)], [.. entries.Select(entry => entry.Sequence)]);
            Name(log, differences, findings);
            if (differences.Count > 0) return;
        }

        Sha256Hash previous = AuditEntry.PreviousOfFirst;
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].IsReadable && entries[i].Previous != previous)
            {
                int altered = Math.Max(0, i - 1);
                findings.Error(AuditFindingCode.EntryAltered, log.Name, altered, Messages.EntryRange(altered, altered));
            }

            previous = entries[i].LeafHash;
        }
    }

    /// <summary>Every head that the log ever signed must be one that its entries went through.</summary>
    private static void CheckHeads(LogEvidence log, FindingCollector findings)
    {
        bool isLastSound = log.LastHead is not null && Matches(log.Tree, log.LastHead.Checkpoint);
        for (int i = 0; i < log.Heads.Count; i++)
        {
            Checkpoint head = log.Heads[i].Checkpoint;
            if (Matches(log.Tree, head))
            {
                findings.Count(AuditCheckKind.Checkpoints);
            }
            else if (log.Heads.Exists(other => other.Checkpoint.Size == head.Size && other.Checkpoint.Root != head.Root))
            {
                findings.Error(AuditFindingCode.LogForked, log.Name, entryIndex: null, head.Size, Messages.Format("SourceOwnCheckpoint"));
            }
            else if (isLastSound)
            {
                findings.Error(AuditFindingCode.LogRewritten, log.Name, entryIndex: null, head.Size, Messages.Format("SourceOwnCheckpoint"));
            }
        }
    }

    private static void CheckCoverage(LogEvidence log, FindingCollector findings)
    {
        if (log.LastHead is null || !Matches(log.Tree, log.LastHead.Checkpoint)) return;
        long covered = log.LastHead.Checkpoint.Size;
        if (log.Tree.Size > covered) findings.Error(AuditFindingCode.EntryNotCovered, log.Name, covered, Messages.EntryRange(covered, log.Tree.Size - 1), covered);
    }

    private static void CheckTimes(LogEvidence log, FindingCollector findings)
    {
        DateTimeOffset latest = DateTimeOffset.MinValue;
        for (int i = 0; i < log.Entries.Count; i++)
        {
            if (!log.Entries[i].IsReadable) continue;
            if (log.Entries[i].Time < latest) findings.Error(AuditFindingCode.TimeWentBack, log.Name, i, i, Messages.Time(log.Entries[i].Time), Messages.Time(latest));
            else latest = log.Entries[i].Time;
        }
    }
}
