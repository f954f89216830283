using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// Holds each log to the heads that others know of it: the cosignatures under its last checkpoint, the heads that other
/// logs recorded, and those that witnesses kept.
/// </summary>
internal sealed class HeadCheck(IReadOnlyList<LogEvidence> logs, FindingCollector findings)
{
    /// <summary>How far apart the clocks of two institutions may be before it is worth a word.</summary>
    internal static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(10);

    /// <summary>A head of a log that was seen outside of it.</summary>
    private sealed record SeenHead(LogEvidence Target, Checkpoint Head, bool IsSigned, string Source);

    internal void CheckQuorum(LogEvidence coordinator, IReadOnlyList<VerifierKey> witnesses, int quorum)
    {
        int inLast = 0;
        foreach (SignedCheckpoint head in coordinator.Heads)
        {
            NoteVerification verification = head.Note.Verify([coordinator.Owner.Key, .. witnesses]);
            foreach ((VerifierKey key, _) in verification.Invalid) findings.Error(AuditFindingCode.CosignatureInvalid, coordinator.Name, entryIndex: null, key.Name, head.Checkpoint.Size);
            foreach (NoteSignature unknown in verification.Unknown)
            {
                findings.Add(AuditFindingCode.CosignatureUnknown, AuditSeverity.Note, coordinator.Name, entryIndex: null, Messages.Shorten(unknown.Name), head.Checkpoint.Size);
            }

            int valid = 0;
            foreach ((VerifierKey key, NoteSignature signature) in verification.Valid)
            {
                if (key.Type != NoteSignatureType.Cosignature) continue;
                valid++;
                findings.Count(AuditCheckKind.Cosignatures);
                if (key.TimeOf(signature) is DateTimeOffset time) CheckTime(coordinator, head.Checkpoint.Size, time, key.Name);
            }

            if (ReferenceEquals(head, coordinator.LastHead)) inLast = valid;
        }

        if (coordinator.LastHead is SignedCheckpoint last && inLast < quorum) findings.Error(AuditFindingCode.QuorumNotMet, coordinator.Name, entryIndex: null, last.Checkpoint.Size, inLast, quorum);
    }

    /// <summary>Compares every head that is known from elsewhere.</summary>
    internal void CheckSeenHeads()
    {
        foreach (SeenHead seen in Collect())
        {
            LogEvidence target = seen.Target;
            long size = seen.Head.Size;
            if (size > target.Tree.Size)
            {
                findings.Error(AuditFindingCode.LogTruncated, target.Name, target.Tree.Size, target.Tree.Size, size, seen.Source);
            }
            else if (target.Tree.RootAt(size) == seen.Head.Root)
            {
                findings.Count(AuditCheckKind.RecordedHeads);
            }
            else if (seen.IsSigned && target.Heads.Any(head => head.Checkpoint.Size == size && head.Checkpoint.Root != seen.Head.Root))
            {
                findings.Error(AuditFindingCode.LogForked, target.Name, entryIndex: null, size, seen.Source);
            }
            else
            {
                findings.Error(AuditFindingCode.LogRewritten, target.Name, entryIndex: null, size, seen.Source);
            }
        }
    }

    private IEnumerable<SeenHead> Collect()
    {
        Dictionary<string, LogEvidence> byName = logs.ToDictionary(log => log.Name, StringComparer.Ordinal);
        foreach (LogEvidence log in logs)
        {
            foreach ((string file, SignedCheckpoint head) in log.WitnessedHeads)
            {
                if (!byName.TryGetValue(head.Checkpoint.Origin, out LogEvidence? target)) continue;
                if (head.Note.Verify([target.Owner.Key]).IsVerified) yield return new SeenHead(target, head.Checkpoint, IsSigned: true, Messages.Format("SourceFile", file));
                else findings.Error(AuditFindingCode.CheckpointSignatureInvalid, log.Name, entryIndex: null, file);
            }

            foreach ((long index, AuditEntry entry) in log.Events)
            {
                if (entry.Type is not (AuditEventType.LogCheckpoint or AuditEventType.WitnessCosigned)
                    || !byName.TryGetValue((string)entry.Body["log"]!, out LogEvidence? target)
                    || !Sha256Hash.TryParseHex((string)entry.Body["root"]!, out Sha256Hash root))
                {
                    continue;
                }

                var head = new Checkpoint(target.Name, (long)entry.Body["size"]!, root);
                bool isSigned = entry.Type == AuditEventType.WitnessCosigned;
                if (isSigned && !IsSigned(target, head, (string)entry.Body["logSignature"]!))
                {
                    findings.Error(AuditFindingCode.CheckpointSignatureInvalid, log.Name, index, Messages.Format("SourceEntry", log.Name, index));
                    isSigned = false;
                }

                yield return new SeenHead(target, head, isSigned, Messages.Format("SourceEntry", log.Name, index));
            }
        }
    }

    private static bool IsSigned(LogEvidence target, Checkpoint head, string signature) =>
        target.Owner.Key.Verify(head.ToBody(), new NoteSignature(target.Name, target.Owner.Key.KeyId, Convert.FromBase64String(signature)));

    /// <summary>A witness saw the first entries at a time, and not yet those behind.</summary>
    private void CheckTime(LogEvidence log, long size, DateTimeOffset time, string witness)
    {
        if (size > log.Entries.Count) return;
        if (size > 0 && log.Entries[(int)size - 1] is { IsReadable: true } last && last.Time - time > ClockTolerance) Contradict(size - 1, last.Time);
        if (size < log.Entries.Count && log.Entries[(int)size] is { IsReadable: true } next && time - next.Time > ClockTolerance) Contradict(size, next.Time);

        void Contradict(long index, DateTimeOffset claimed) =>
            findings.Add(AuditFindingCode.TimeContradictsWitness, AuditSeverity.Warning, log.Name, index, index, Messages.Time(claimed), witness, size, Messages.Time(time));
    }
}
