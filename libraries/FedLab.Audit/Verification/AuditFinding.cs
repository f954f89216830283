namespace FedLab.Audit;

/// <summary>How much a finding weighs.</summary>
public enum AuditSeverity
{
    /// <summary>Something that the reader should know; nothing is wrong.</summary>
    Note,

    /// <summary>Something that an honest lab can explain and should.</summary>
    Warning,

    /// <summary>Something that does not hold.</summary>
    Error,
}

/// <summary>What the verifier can find. The text of each says which file, log, entry or party it concerns.</summary>
public enum AuditFindingCode
{
    /// <summary>A file is missing, oversized or malformed.</summary>
    FileUnreadable,

    /// <summary>A file that the layout does not know, and that was not checked.</summary>
    FileUnexpected,

    /// <summary>The bundle states another key, authority or quorum than the caller trusts.</summary>
    TrustContradicted,

    /// <summary>Nothing inside the bundle confirms its quorum and its authority; the reader must compare them.</summary>
    TrustNotAnchored,

    /// <summary>The authority or quorum differs from what the coordinator's log recorded.</summary>
    LabRulesChanged,

    /// <summary>The coordinator's log is not in the bundle.</summary>
    CoordinatorLogMissing,

    /// <summary>A party did not give its log.</summary>
    PartyLogMissing,

    /// <summary>A log of nobody named in audit.json.</summary>
    LogUnknown,

    /// <summary>A log bears another key than its owner's.</summary>
    LogIdentityWrong,

    /// <summary>An entry is not canonical JSON or not an entry.</summary>
    EntryMalformed,

    /// <summary>An entry is not the one that was recorded.</summary>
    EntryAltered,

    /// <summary>An entry that was recorded is gone.</summary>
    EntryRemoved,

    /// <summary>An entry stands at another place than it was recorded at.</summary>
    EntryReordered,

    /// <summary>An entry was never recorded.</summary>
    EntryAdded,

    /// <summary>An entry names another log as its own.</summary>
    EntryOfAnotherLog,

    /// <summary>An entry's body is not what its type declares.</summary>
    EntryBodyInvalid,

    /// <summary>An entry is of a type that this version does not know.</summary>
    EntryTypeUnknown,

    /// <summary>Entries stand behind the last checkpoint, so nothing vouches for them.</summary>
    EntryNotCovered,

    /// <summary>The recorded leaf hashes differ from those of the entries, which are the signed ones.</summary>
    LeafRecordDamaged,

    /// <summary>An entry is older than the one before it.</summary>
    TimeWentBack,

    /// <summary>An entry's time and the time of a cosignature cannot both be right.</summary>
    TimeContradictsWitness,

    /// <summary>A log has no checkpoint.</summary>
    CheckpointMissing,

    /// <summary>A checkpoint is not signed by its log, or is of another log.</summary>
    CheckpointSignatureInvalid,

    /// <summary>The entries do not have the root that was signed.</summary>
    CheckpointContradictsEntries,

    /// <summary>The log is shorter than a head that was signed or recorded.</summary>
    LogTruncated,

    /// <summary>The log's history is not the one that was signed or recorded earlier.</summary>
    LogRewritten,

    /// <summary>The log signed two heads of one size.</summary>
    LogForked,

    /// <summary>Too few parties cosigned the last checkpoint.</summary>
    QuorumNotMet,

    /// <summary>A cosignature in a party's name is wrong.</summary>
    CosignatureInvalid,

    /// <summary>A cosignature by nobody known, which counts for nothing.</summary>
    CosignatureUnknown,

    /// <summary>An envelope was forwarded or received that its sender did not log.</summary>
    EnvelopeNotSent,

    /// <summary>An envelope that was sent does not appear in the coordinator's log.</summary>
    EnvelopeNotForwarded,

    /// <summary>An envelope that was sent does not appear in its receiver's log.</summary>
    EnvelopeNotReceived,

    /// <summary>The log of a party that left a run ends before envelopes that others have of it.</summary>
    LogEndsEarly,

    /// <summary>Two logs say different things of one envelope.</summary>
    EnvelopeDiffers,

    /// <summary>A log has the same envelope twice.</summary>
    EnvelopeDuplicate,

    /// <summary>An envelope's signature is not its sender's.</summary>
    EnvelopeSignatureInvalid,

    /// <summary>An envelope's signature cannot be checked, because its sender has no certificate here.</summary>
    EnvelopeSenderUnknown,

    /// <summary>An envelope stands in the log of somebody who is neither its sender, its receiver nor the relay.</summary>
    EnvelopeMisplaced,

    /// <summary>An approval's signature is not the party's.</summary>
    ApprovalSignatureInvalid,

    /// <summary>The coordinator recorded a catalogue, or that one was taken back, of which the party's own log knows nothing.</summary>
    CatalogueNotPublished,

    /// <summary>A party recorded a catalogue, or that it took one back, of which the coordinator's log knows nothing.</summary>
    CatalogueNotRecorded,

    /// <summary>Both logs have a catalogue, but not at the same place among the others.</summary>
    CatalogueReordered,

    /// <summary>The latest that was published or taken back is in one of the two logs only, and may have been under way.</summary>
    CatalogueUnderWay,

    /// <summary>A catalogue's signature is not the party's.</summary>
    CatalogueSignatureInvalid,

    /// <summary>A certificate is not signed by the authority, or its key cannot sign.</summary>
    CertificateUntrusted,

    /// <summary>A certificate was not valid at the time of an entry.</summary>
    CertificateExpired,

    /// <summary>A certificate is not the one that the party joined with.</summary>
    CertificateSwapped,

    /// <summary>A cosigning key is not the one that the party joined with.</summary>
    CosigningKeySwapped,

    /// <summary>A party of audit.json never joined.</summary>
    PartyNotJoined,

    /// <summary>The coordinator let a party act after it was put out and before it was enrolled anew.</summary>
    RevokedPartyActed,

    /// <summary>A model was published, but its manifest is not in the bundle.</summary>
    ModelMissing,

    /// <summary>The manifest is not the one that was published.</summary>
    ModelReplaced,

    /// <summary>A signature under the manifest is not the party's.</summary>
    ModelSignatureInvalid,

    /// <summary>A party that approved the run did not sign the manifest.</summary>
    ModelSignatureMissing,

    /// <summary>More findings of one kind than are listed.</summary>
    FurtherFindings,
}

/// <summary>One thing that the verifier found.</summary>
/// <param name="Code">What kind of thing.</param>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Log">The log that it concerns, if one.</param>
/// <param name="EntryIndex">The entry that it concerns, from 0, if one; the first of a range.</param>
/// <param name="Text">All of it in words, in the culture that the verifier ran in.</param>
public sealed record AuditFinding(AuditFindingCode Code, AuditSeverity Severity, string? Log, long? EntryIndex, string Text);

/// <summary>What the verifier counts while it checks.</summary>
public enum AuditCheckKind
{
    /// <summary>Logs that were read.</summary>
    Logs,

    /// <summary>Entries that were read and hashed.</summary>
    Entries,

    /// <summary>Signed checkpoints that were compared with the entries.</summary>
    Checkpoints,

    /// <summary>Valid cosignatures of parties.</summary>
    Cosignatures,

    /// <summary>Heads that one log recorded of another, and that agree.</summary>
    RecordedHeads,

    /// <summary>Different envelopes in the logs.</summary>
    Envelopes,

    /// <summary>Envelope signatures that are the sender's.</summary>
    EnvelopeSignatures,

    /// <summary>Approvals whose signature is the party's.</summary>
    Approvals,

    /// <summary>Catalogues published and taken back that both the party's log and the coordinator's have.</summary>
    Catalogues,

    /// <summary>Published catalogues whose signature is the party's.</summary>
    CatalogueSignatures,

    /// <summary>Certificates that the authority signed.</summary>
    Certificates,

    /// <summary>Signatures under the model's manifest that are right.</summary>
    ModelSignatures,
}

/// <summary>How often a check was made and held.</summary>
/// <param name="Kind">What was checked.</param>
/// <param name="Count">How often it held.</param>
/// <param name="Text">The same in words, in the culture that the verifier ran in.</param>
public sealed record AuditCheck(AuditCheckKind Kind, long Count, string Text);

/// <summary>What everything else in a bundle rests on. A verifier that is not told these values can only report them.</summary>
/// <param name="CoordinatorKey">The vkey of the coordinator's log.</param>
/// <param name="AuthoritySha256">The hash of the authority's certificate (DER), if it could be read.</param>
/// <param name="Quorum">How many parties must cosign.</param>
public sealed record AuditTrust(string CoordinatorKey, Sha256Hash? AuthoritySha256, int Quorum);

/// <summary>The verifier's answer. The same bundle always gives the same findings in the same order.</summary>
/// <param name="Findings">What was found: of the bundle as a whole first, then by log and entry.</param>
/// <param name="Checks">What was checked and how often it held, every kind once.</param>
/// <param name="Trust">The values that the bundle itself states and that the reader should compare with what the lab gave out.</param>
public sealed record AuditVerdict(IReadOnlyList<AuditFinding> Findings, IReadOnlyList<AuditCheck> Checks, AuditTrust Trust)
{
    /// <summary>Whether no finding is an error.</summary>
    public bool Holds => Findings.All(finding => finding.Severity != AuditSeverity.Error);
}
