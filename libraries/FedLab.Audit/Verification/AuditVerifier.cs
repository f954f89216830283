using System.Text.Json.Nodes;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>What the caller knows from elsewhere and does not take a bundle's word for. Anything left out is only reported.</summary>
public sealed record AuditTrustAnchors
{
    /// <summary>The vkey of the coordinator's log.</summary>
    public string? CoordinatorKey { get; init; }

    /// <summary>The hash of the authority's certificate (DER).</summary>
    public Sha256Hash? AuthoritySha256 { get; init; }

    /// <summary>How many parties must cosign at least.</summary>
    public int? MinimumQuorum { get; init; }
}

/// <summary>
/// Checks a bundle with no network and no coordinator. The bundle is a folder or a zip file:
/// <code>
/// audit.json                    names, keys, quorum (<see cref="BundleDescription"/>)
/// certificates/ca.pem           the authority; the parties' certificates beside it
/// logs/ANY/log.json             the coordinator's log and those of the parties that gave theirs,
///         /entries.jsonl        each a copy of the log's folder (AuditLog.ExportAsync)
///         /leaves.sha256
///         /checkpoints/*.note
///         /witness/*.note       optional: the folder of the party's Witness
/// model/manifest.json           the published model, and
/// model/signatures.json         the parties' signatures under its bytes
/// </code>
/// </summary>
public static class AuditVerifier
{
    private const string LogsFolder = "logs/";
    private const int MaximumDescriptionLength = 1 << 20;

    /// <summary>Checks the bundle at <paramref name="path"/> and takes its own word for keys, authority and quorum.</summary>
    /// <exception cref="AuditFormatException">There is no bundle at that path, it breaks the limits, or its audit.json cannot be read. Everything else that is wrong is a finding.</exception>
    public static Task<AuditVerdict> VerifyAsync(string path, CancellationToken cancellationToken = default) => VerifyAsync(path, new AuditTrustAnchors(), cancellationToken);

    /// <summary>Checks the bundle at <paramref name="path"/> against what the caller knows.</summary>
    /// <exception cref="AuditFormatException">As for the other overload.</exception>
    public static Task<AuditVerdict> VerifyAsync(string path, AuditTrustAnchors anchors, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(anchors);
        return Task.Run(() => Verify(path, anchors, cancellationToken), cancellationToken);
    }

    private static AuditVerdict Verify(string path, AuditTrustAnchors anchors, CancellationToken cancellationToken)
    {
        BundleFiles files;
        try
        {
            files = BundleFiles.Open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AuditFormatException(Messages.BundleFileUnreadable(path), exception);
        }

        using (files)
        {
            var description = BundleDescription.Parse(files.ReadFile(BundleDescription.FileName, MaximumDescriptionLength));
            var findings = new FindingCollector();
            VerifierKey coordinatorKey = VerifierKey.Parse(description.Coordinator.Key);
            IReadOnlyList<LogEvidence> logs = ReadLogs(files, description, coordinatorKey, findings, cancellationToken);
            LogEvidence? coordinator = logs.FirstOrDefault(log => log.Owner.IsCoordinator);

            foreach (LogEvidence log in logs)
            {
                cancellationToken.ThrowIfCancellationRequested();
                LogIntegrityCheck.Run(log, findings);
            }

            var heads = new HeadCheck(logs, findings);
            if (coordinator is not null) heads.CheckQuorum(coordinator, [.. description.Parties.Select(party => VerifierKey.Parse(party.CosigningKey))], description.Quorum);
            heads.CheckSeenHeads();

            using var certificates = new CertificateCheck(files, findings);
            CheckCertificates(certificates, description, logs, coordinator);
            CheckApprovals(certificates, logs, findings);
            new CatalogueCheck(logs, certificates, findings).Run();
            new EnvelopeCheck(logs, certificates, findings).Run(cancellationToken);
            new ModelCheck(files, description, certificates, findings).Run(coordinator);
            CheckRules(description, certificates, coordinator, anchors, findings);

            var trust = new AuditTrust(description.Coordinator.Key, certificates.AuthoritySha256, description.Quorum);
            return new AuditVerdict(findings.Findings([.. LogOwners(description, coordinatorKey).Select(owner => owner.Key.Name)]), findings.Checks(), trust);
        }
    }

    private static IEnumerable<LogOwner> LogOwners(BundleDescription description, VerifierKey coordinatorKey) => description.Parties
        .Select(party => new LogOwner(party.Name, VerifierKey.Parse(party.CosigningKey).AsLogKey(party.Log ?? party.Name), IsCoordinator: false))
        .Prepend(new LogOwner(description.Coordinator.Name, coordinatorKey, IsCoordinator: true));

    /// <summary>Finds the logs by their identity files, whatever the folders below logs/ are called.</summary>
    private static List<LogEvidence> ReadLogs(BundleFiles files, BundleDescription description, VerifierKey coordinatorKey, FindingCollector findings, CancellationToken cancellationToken)
    {
        List<LogOwner> owners = [.. LogOwners(description, coordinatorKey)];
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in files.Names.Where(name => name.StartsWith(LogsFolder, StringComparison.Ordinal) && name.EndsWith("/" + LogFolder.IdentityFile, StringComparison.Ordinal)))
        {
            string folder = file[..^LogFolder.IdentityFile.Length];
            VerifierKey key;
            try
            {
                key = LogFolder.ReadIdentity(files.ReadFile(file, LogFolder.MaximumIdentityLength));
            }
            catch (AuditFormatException exception)
            {
                findings.Error(AuditFindingCode.FileUnreadable, log: null, entryIndex: null, file, exception.Message);
                continue;
            }

            LogOwner? owner = owners.Find(candidate => string.Equals(candidate.Key.Name, key.Name, StringComparison.Ordinal));
            if (owner is null) findings.Add(AuditFindingCode.LogUnknown, AuditSeverity.Warning, log: null, entryIndex: null, folder, Messages.Shorten(key.Name));
            else if (!folders.TryAdd(key.Name, folder)) findings.Error(AuditFindingCode.FileUnreadable, key.Name, entryIndex: null, file, Messages.Format("ProblemLogTwice", key.Name));
            else if (!owner.Key.Equals(key)) findings.Error(AuditFindingCode.LogIdentityWrong, key.Name, entryIndex: null, key.ToString(), owner.Key.ToString());
        }

        var logs = new List<LogEvidence>();
        foreach (LogOwner owner in owners)
        {
            if (folders.TryGetValue(owner.Key.Name, out string? folder)) logs.Add(LogEvidence.Read(files, folder, owner, findings, cancellationToken));
            else if (owner.IsCoordinator) findings.Error(AuditFindingCode.CoordinatorLogMissing, owner.Key.Name, entryIndex: null, owner.Key.Name);
            else findings.Add(AuditFindingCode.PartyLogMissing, AuditSeverity.Note, owner.Key.Name, entryIndex: null, owner.Name);
        }

        return logs;
    }

    private static void CheckCertificates(CertificateCheck certificates, BundleDescription description, IReadOnlyList<LogEvidence> logs, LogEvidence? coordinator)
    {
        if (description.Coordinator.Certificate is string file) certificates.Read(description.Coordinator.Name, file);
        foreach (BundleParty party in description.Parties)
        {
            certificates.Read(party.Name, party.Certificate);
            LogEvidence? own = logs.FirstOrDefault(log => string.Equals(log.Owner.Name, party.Name, StringComparison.Ordinal));
            certificates.CompareWithJoining(party, coordinator, own);
            certificates.CompareWithPins(party, logs);
        }

        if (coordinator is not null) certificates.CheckRevocations(coordinator);

        ILookup<string, EnvelopeSighting> sent = logs.SelectMany(log => log.Envelopes).ToLookup(sighting => sighting.Envelope.Sender, StringComparer.Ordinal);
        foreach (string name in description.Parties.Select(party => party.Name).Prepend(description.Coordinator.Name))
        {
            certificates.CheckValidity(name, sent[name].Select(sighting => (sighting.Log, sighting.Index, sighting.Time)));
        }
    }

    private static void CheckApprovals(CertificateCheck certificates, IReadOnlyList<LogEvidence> logs, FindingCollector findings)
    {
        foreach (LogEvidence log in logs)
        {
            foreach ((long index, AuditEntry entry) in log.Events)
            {
                if (entry.Type != AuditEventType.RunApproved || !Sha256Hash.TryParseHex((string)entry.Body["specSha256"]!, out Sha256Hash specification)) continue;
                var approval = new ApprovalRecord(entry.Run!, (string)entry.Body["party"]!, (string)entry.Body["approver"]!, specification);
                if (certificates.Verify(approval.Party, approval.SigningBytes(), Convert.FromBase64String((string)entry.Body["signature"]!))) findings.Count(AuditCheckKind.Approvals);
                else findings.Error(AuditFindingCode.ApprovalSignatureInvalid, log.Name, index, index, Messages.Shorten(approval.Party));
            }
        }
    }

    /// <summary>What the bundle rests on, against what the log recorded and what the caller knows.</summary>
    private static void CheckRules(BundleDescription description, CertificateCheck certificates, LogEvidence? coordinator, AuditTrustAnchors anchors, FindingCollector findings)
    {
        string authority = certificates.AuthoritySha256?.ToHex() ?? "";
        AuditEntry? configured = coordinator?.Events.Where(item => item.Entry.Type == AuditEventType.LabConfigured).Select(item => item.Entry).LastOrDefault();
        if (configured is not null)
        {
            JsonObject rules = configured.Body;
            if ((long)rules["quorum"]! != description.Quorum) findings.Error(AuditFindingCode.LabRulesChanged, coordinator!.Name, configured.Sequence, "quorum");
            if (!string.Equals((string)rules["authoritySha256"]!, authority, StringComparison.Ordinal)) findings.Error(AuditFindingCode.LabRulesChanged, coordinator!.Name, configured.Sequence, CertificateCheck.AuthorityFile);
            if (!string.Equals((string)rules["lab"]!, description.Lab, StringComparison.Ordinal)) findings.Error(AuditFindingCode.LabRulesChanged, coordinator!.Name, configured.Sequence, "lab");
        }

        if (anchors.CoordinatorKey is string key && !string.Equals(key, description.Coordinator.Key, StringComparison.Ordinal)) findings.Error(AuditFindingCode.TrustContradicted, log: null, entryIndex: null, "coordinator.key");
        if (anchors.AuthoritySha256 is Sha256Hash hash && !string.Equals(hash.ToHex(), authority, StringComparison.Ordinal)) findings.Error(AuditFindingCode.TrustContradicted, log: null, entryIndex: null, CertificateCheck.AuthorityFile);
        if (anchors.MinimumQuorum is int quorum && description.Quorum < quorum) findings.Error(AuditFindingCode.TrustContradicted, log: null, entryIndex: null, "quorum");
        if (anchors.CoordinatorKey is null) findings.Add(AuditFindingCode.TrustNotAnchored, AuditSeverity.Note, log: null, entryIndex: null, description.Coordinator.Key, authority, description.Quorum);
    }
}
