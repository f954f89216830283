using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>What one log says of an envelope.</summary>
/// <param name="Log">The log.</param>
/// <param name="Index">The entry.</param>
/// <param name="Type">Sent, forwarded or received.</param>
/// <param name="Envelope">The header.</param>
/// <param name="Signature">The sender's signature as it was recorded.</param>
/// <param name="Time">When it was recorded.</param>
internal sealed record EnvelopeSighting(LogEvidence Log, long Index, string Type, EnvelopeRecord Envelope, byte[] Signature, DateTimeOffset Time);

/// <summary>Who a log belongs to, as <c>audit.json</c> says.</summary>
/// <param name="Name">The owner's name in envelopes.</param>
/// <param name="Key">The key that signs the log's checkpoints.</param>
/// <param name="IsCoordinator">Whether it is the coordinator.</param>
internal sealed record LogOwner(string Name, VerifierKey Key, bool IsCoordinator);

/// <summary>The parts of one entry that are needed after it was read.</summary>
internal readonly record struct EntryFacts(Sha256Hash LeafHash, Sha256Hash Previous, long Sequence, DateTimeOffset Time, bool IsReadable);

/// <summary>One log of the bundle, read but not yet believed.</summary>
internal sealed class LogEvidence
{
    private const int MaximumEntries = 2_000_000;
    private const string WitnessFolder = "witness/";

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private LogEvidence(LogOwner owner) => Owner = owner;

    internal LogOwner Owner { get; }

    /// <summary>The name of the log.</summary>
    internal string Name => Owner.Key.Name;

    internal List<EntryFacts> Entries { get; } = [];

    /// <summary>The recorded leaf hashes; <see langword="null"/> if the file cannot be read.</summary>
    internal List<Sha256Hash>? LeafRecord { get; private set; }

    /// <summary>Heads in the log's own folder that its key signed, by size.</summary>
    internal List<SignedCheckpoint> Heads { get; } = [];

    /// <summary>The head that the log is held to: the largest, and of two of that size the one that it agrees with. Set by the integrity check.</summary>
    internal SignedCheckpoint? LastHead { get; set; }

    /// <summary>Heads of other logs, or forked ones of this, that its owner kept as a witness, with their file.</summary>
    internal List<(string File, SignedCheckpoint Head)> WitnessedHeads { get; } = [];

    internal List<EnvelopeSighting> Envelopes { get; } = [];

    /// <summary>Entries that are not about envelopes, and whose body holds to its type.</summary>
    internal List<(long Index, AuditEntry Entry)> Events { get; } = [];

    /// <summary>The entries that the log is held to: the recorded ones where they are the signed ones, else those found. Set by the integrity check.</summary>
    internal MerkleTree Tree { get; set; } = new();

    internal static LogEvidence Read(BundleFiles files, string folder, LogOwner owner, FindingCollector findings, CancellationToken cancellationToken)
    {
        var evidence = new LogEvidence(owner);
        findings.Count(AuditCheckKind.Logs);
        evidence.ReadEntries(files, folder + LogFolder.EntriesFile, findings, cancellationToken);
        evidence.ReadLeaves(files, folder + LogFolder.LeavesFile, findings);
        foreach (string name in files.Names.Where(name => name.StartsWith(folder, StringComparison.Ordinal)))
        {
            string rest = name[folder.Length..];
            if (rest is LogFolder.EntriesFile or LogFolder.LeavesFile or LogFolder.IdentityFile or LogFolder.LockFile) continue;
            if (!rest.EndsWith(LogFolder.NoteExtension, StringComparison.Ordinal)) findings.Add(AuditFindingCode.FileUnexpected, AuditSeverity.Note, evidence.Name, entryIndex: null, name);
            else if (rest.StartsWith(LogFolder.CheckpointsFolder + "/", StringComparison.Ordinal)) evidence.ReadHead(files, name, findings);
            else if (rest.StartsWith(WitnessFolder, StringComparison.Ordinal)) evidence.ReadWitnessedHead(files, name, findings);
            else findings.Add(AuditFindingCode.FileUnexpected, AuditSeverity.Note, evidence.Name, entryIndex: null, name);
        }

        evidence.Heads.Sort((left, right) => (left.Checkpoint.Size, left.Checkpoint.Root.ToHex()).CompareTo((right.Checkpoint.Size, right.Checkpoint.Root.ToHex())));
        return evidence;
    }

    private void ReadEntries(BundleFiles files, string file, FindingCollector findings, CancellationToken cancellationToken)
    {
        if (!files.Contains(file))
        {
            findings.Error(AuditFindingCode.FileUnreadable, Name, entryIndex: null, file, Messages.BundleFileMissing(file));
            return;
        }

        try
        {
            using Stream stream = files.OpenFile(file);
            var reader = new EntryLineReader(stream);
            while (reader.Read() is EntryLine line)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Entries.Count >= MaximumEntries) throw new InvalidDataException();
                ReadEntry(line, findings);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException)
        {
            findings.Error(AuditFindingCode.FileUnreadable, Name, Entries.Count, file, Messages.BundleFileUnreadable(file));
        }

        findings.Count(AuditCheckKind.Entries, Entries.Count);
    }

    private void ReadEntry(EntryLine line, FindingCollector findings)
    {
        long index = Entries.Count;
        Sha256Hash leafHash = MerkleHasher.HashLeaf(line.Bytes.Span);
        AuditEntry entry;
        try
        {
            if (line.IsTooLong) throw new AuditFormatException(Messages.LogEntryTooLong(AuditEntry.MaximumLength));
            if (!line.IsTerminated) throw new AuditFormatException(Messages.JsonEnd);
            entry = AuditEntry.Parse(line.Bytes.Span);
        }
        catch (AuditFormatException exception)
        {
            findings.Error(AuditFindingCode.EntryMalformed, Name, index, index, exception.Message);
            Entries.Add(new EntryFacts(leafHash, default, index, default, IsReadable: false));
            return;
        }

        Entries.Add(new EntryFacts(leafHash, entry.Previous, entry.Sequence, entry.Time, IsReadable: true));
        if (!string.Equals(entry.Log, Name, StringComparison.Ordinal)) findings.Error(AuditFindingCode.EntryOfAnotherLog, Name, index, index, Messages.Shorten(entry.Log));
        if (EventSchema.Find(entry.Type) is null)
        {
            findings.Add(AuditFindingCode.EntryTypeUnknown, AuditSeverity.Warning, Name, index, index, Messages.Shorten(entry.Type));
            return;
        }

        if (EventSchema.ProblemOf(entry.Type, entry.Run, entry.Body) is string problem)
        {
            findings.Error(AuditFindingCode.EntryBodyInvalid, Name, index, index, problem);
            return;
        }

        if (entry.Type is AuditEventType.EgressSent or AuditEventType.IngressReceived or AuditEventType.RelayForwarded) AddSighting(entry, index, findings);
        else Events.Add((index, entry));
    }

    private void AddSighting(AuditEntry entry, long index, FindingCollector findings)
    {
        if (EnvelopeRecord.FromEntry(entry, out byte[] signature) is not EnvelopeRecord envelope)
        {
            findings.Error(AuditFindingCode.EntryBodyInvalid, Name, index, index, Messages.EntryBodyValue(entry.Type, "attempt", Messages.Format("KindCount")));
            return;
        }

        // The same few names stand in every envelope; one copy of each is enough.
        EnvelopeRecord shared = envelope with
        {
            Run = Share(envelope.Run),
            Step = Share(envelope.Step),
            Sender = Share(envelope.Sender),
            Receiver = Share(envelope.Receiver),
        };
        Envelopes.Add(new EnvelopeSighting(this, index, Share(entry.Type), shared, signature, entry.Time));
    }

    private string Share(string name)
    {
        if (_names.TryGetValue(name, out string? shared)) return shared;
        _names.Add(name, name);
        return name;
    }

    private void ReadLeaves(BundleFiles files, string file, FindingCollector findings)
    {
        try
        {
            byte[] content = files.ReadFile(file, MaximumEntries * Sha256Hash.Length);
            if (content.Length % Sha256Hash.Length != 0) throw new AuditFormatException(Messages.LogFileUnreadable(file));
            var record = new List<Sha256Hash>(content.Length / Sha256Hash.Length);
            for (int offset = 0; offset < content.Length; offset += Sha256Hash.Length) record.Add(new Sha256Hash(content.AsSpan(offset, Sha256Hash.Length)));
            LeafRecord = record;
        }
        catch (AuditFormatException exception)
        {
            findings.Error(AuditFindingCode.FileUnreadable, Name, entryIndex: null, file, exception.Message);
        }
    }

    private void ReadHead(BundleFiles files, string file, FindingCollector findings)
    {
        if (ReadNote(files, file, findings) is not SignedCheckpoint head) return;
        if (!string.Equals(head.Checkpoint.Origin, Name, StringComparison.Ordinal) || !head.Note.Verify([Owner.Key]).IsVerified)
        {
            findings.Error(AuditFindingCode.CheckpointSignatureInvalid, Name, entryIndex: null, file);
            return;
        }

        Heads.Add(head);
    }

    private void ReadWitnessedHead(BundleFiles files, string file, FindingCollector findings)
    {
        if (ReadNote(files, file, findings) is SignedCheckpoint head) WitnessedHeads.Add((file, head));
    }

    private SignedCheckpoint? ReadNote(BundleFiles files, string file, FindingCollector findings)
    {
        try
        {
            return SignedCheckpoint.Parse(files.ReadFile(file, SignedNote.MaximumLength));
        }
        catch (AuditFormatException exception)
        {
            findings.Error(AuditFindingCode.FileUnreadable, Name, entryIndex: null, file, exception.Message);
            return null;
        }
    }
}
