using System.Security.Cryptography;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// Matches what the logs say of each envelope:
/// <code>
/// sender's log          coordinator's log        receiver's log
/// egress.sent     ──►   relay.forwarded     ──►  ingress.received
/// </code>
/// A broadcast is received by every other party of the attempt: those that approved the run and had not left it. Where the coordinator is itself sender or receiver, its log has egress.sent or ingress.received instead. An envelope is
/// identified by run, attempt, sender, receiver and sequence number, so one that was forwarded in a later session of the
/// same attempt still matches. What a log that is not in the bundle would say is not asked; nor is what the log of a party that left the run would say behind its end:
/// a machine that is gone cannot sign its last entries.
/// </summary>
internal sealed class EnvelopeCheck(IReadOnlyList<LogEvidence> logs, CertificateCheck certificates, FindingCollector findings)
{
    private readonly Dictionary<(string Run, int Attempt), HashSet<string>> _parties = [];
    private readonly LogEnds _ends = new(logs);

    private readonly record struct Identity(string Run, int Attempt, string Sender, string Receiver, long Sequence);

    internal void Run(CancellationToken cancellationToken)
    {
        foreach (LogEvidence log in logs) CheckPlaces(log);
        HashSet<(string Run, int Attempt)> finished = FinishedAttempts();
        List<List<EnvelopeSighting>> envelopes = [.. logs
            .SelectMany(log => log.Envelopes)
            .GroupBy(sighting => new Identity(sighting.Envelope.Run, sighting.Envelope.Attempt, sighting.Envelope.Sender, sighting.Envelope.Receiver, sighting.Envelope.Sequence))
            .Select(group => group.ToList())];
        findings.Count(AuditCheckKind.Envelopes, envelopes.Count);
        foreach (List<EnvelopeSighting> sightings in envelopes)
        {
            CheckDuplicates(sightings);
            CheckAgreement(sightings);
            CheckPresence(sightings, finished);
        }

        foreach ((LogEvidence log, string run, int count) in _ends.Missed) findings.Add(AuditFindingCode.LogEndsEarly, AuditSeverity.Warning, log.Name, entryIndex: null, count, Messages.Shorten(run));
        CheckSignatures(envelopes, cancellationToken);
    }

    /// <summary>Attempts that came to a result: nothing of these can have been lost on the way.</summary>
    private HashSet<(string Run, int Attempt)> FinishedAttempts() => [.. logs
        .Where(log => log.Owner.IsCoordinator)
        .SelectMany(log => log.Events)
        .Where(item => item.Entry.Type == AuditEventType.RunFinished && (long)item.Entry.Body["attempt"]! <= int.MaxValue)
        .Select(item => (item.Entry.Run!, (int)(long)item.Entry.Body["attempt"]!))];

    private void CheckPlaces(LogEvidence log)
    {
        foreach (EnvelopeSighting sighting in log.Envelopes)
        {
            bool isPlaced = sighting.Type switch
            {
                AuditEventType.EgressSent => string.Equals(sighting.Envelope.Sender, log.Owner.Name, StringComparison.Ordinal),
                AuditEventType.IngressReceived => IsFor(sighting.Envelope, log.Owner.Name),
                _ => log.Owner.IsCoordinator,
            };
            if (!isPlaced) findings.Error(AuditFindingCode.EnvelopeMisplaced, log.Name, sighting.Index, sighting.Index, Describe(sighting.Envelope), sighting.Type);
        }
    }

    private void CheckDuplicates(List<EnvelopeSighting> sightings)
    {
        foreach (IGrouping<(LogEvidence, string), EnvelopeSighting> group in sightings.GroupBy(sighting => (sighting.Log, sighting.Type)))
        {
            EnvelopeSighting first = group.First();
            foreach (EnvelopeSighting again in group.Skip(1)) findings.Error(AuditFindingCode.EnvelopeDuplicate, again.Log.Name, again.Index, again.Index, Describe(again.Envelope), first.Index);
        }
    }

    private void CheckAgreement(List<EnvelopeSighting> sightings)
    {
        EnvelopeSighting reference = sightings.Find(sighting => sighting.Type == AuditEventType.EgressSent) ?? sightings[0];
        foreach (EnvelopeSighting other in sightings)
        {
            if (ReferenceEquals(other, reference)) continue;
            string[] fields = [.. DifferingFields(reference, other)];
            if (fields.Length > 0) findings.Error(AuditFindingCode.EnvelopeDiffers, other.Log.Name, other.Index, other.Index, Describe(other.Envelope), string.Join(", ", fields), reference.Log.Name, reference.Index);
        }
    }

    private static IEnumerable<string> DifferingFields(EnvelopeSighting one, EnvelopeSighting other)
    {
        if (!string.Equals(one.Envelope.Step, other.Envelope.Step, StringComparison.Ordinal)) yield return "step";
        if (one.Envelope.Class != other.Envelope.Class) yield return "class";
        if (one.Envelope.Length != other.Envelope.Length) yield return "length";
        if (one.Envelope.Sha256 != other.Envelope.Sha256) yield return "sha256";
        if (!one.Signature.AsSpan().SequenceEqual(other.Signature)) yield return "signature";
    }

    private void CheckPresence(List<EnvelopeSighting> sightings, HashSet<(string, int)> finished)
    {
        EnvelopeSighting known = sightings[0];
        EnvelopeRecord envelope = known.Envelope;
        // What was under way when an attempt broke off is lost without anybody's fault.
        AuditSeverity lost = finished.Contains((envelope.Run, envelope.Attempt)) ? AuditSeverity.Error : AuditSeverity.Warning;
        LogEvidence? sender = LogOf(envelope.Sender);
        LogEvidence? coordinator = logs.FirstOrDefault(log => log.Owner.IsCoordinator);

        bool isSent = sightings.Exists(sighting => sighting.Type == AuditEventType.EgressSent);
        if (!isSent && sender is not null && !_ends.IsBehind(sender, AuditEventType.EgressSent, envelope)) findings.Error(AuditFindingCode.EnvelopeNotSent, known.Log.Name, known.Index, known.Index, Describe(envelope), sender.Name);
        if (coordinator is not null && sender != coordinator && !string.Equals(envelope.Receiver, coordinator.Owner.Name, StringComparison.Ordinal) && !sightings.Exists(sighting => sighting.Type == AuditEventType.RelayForwarded))
        {
            findings.Add(AuditFindingCode.EnvelopeNotForwarded, lost, known.Log.Name, known.Index, known.Index, Describe(envelope), coordinator.Name);
        }

        foreach (LogEvidence receiver in ReceiversOf(envelope).Where(log => !sightings.Exists(sighting => sighting.Type == AuditEventType.IngressReceived && sighting.Log == log)))
        {
            if (_ends.IsBehind(receiver, AuditEventType.IngressReceived, envelope)) continue;
            findings.Add(AuditFindingCode.EnvelopeNotReceived, lost, known.Log.Name, known.Index, known.Index, Describe(envelope), receiver.Name);
        }
    }

    /// <summary>The logs that should have received an envelope.</summary>
    private IEnumerable<LogEvidence> ReceiversOf(EnvelopeRecord envelope) => logs.Where(log => IsFor(envelope, log.Owner.Name));

    /// <summary>Whether a party is a receiver: by name, or as one of all others of the attempt.</summary>
    private bool IsFor(EnvelopeRecord envelope, string party) => envelope.IsBroadcast
        ? !string.Equals(envelope.Sender, party, StringComparison.Ordinal) && PartiesOf(envelope.Run, envelope.Attempt).Contains(party)
        : string.Equals(envelope.Receiver, party, StringComparison.Ordinal);

    /// <summary>The parties of an attempt by the coordinator's log; where no approval is known, those whose logs have envelopes of it.</summary>
    private HashSet<string> PartiesOf(string run, int attempt)
    {
        if (_parties.TryGetValue((run, attempt), out HashSet<string>? parties)) return parties;
        List<AuditEntry> ofRun = [.. logs.Where(log => log.Owner.IsCoordinator).SelectMany(log => log.Events).Select(item => item.Entry).Where(entry => string.Equals(entry.Run, run, StringComparison.Ordinal))];
        parties = ofRun.Where(entry => entry.Type == AuditEventType.RunApproved).Select(entry => (string)entry.Body["party"]!).ToHashSet(StringComparer.Ordinal);
        if (parties.Count == 0) parties.UnionWith(logs.Where(log => !log.Owner.IsCoordinator && log.Envelopes.Exists(sighting => sighting.Envelope.Attempt == attempt && string.Equals(sighting.Envelope.Run, run, StringComparison.Ordinal))).Select(log => log.Owner.Name));
        parties.ExceptWith(ofRun.Where(entry => entry.Type == AuditEventType.PartyLeft && (long)entry.Body["attempt"]! < attempt).Select(entry => (string)entry.Body["party"]!));
        _parties.Add((run, attempt), parties);
        return parties;
    }

    private LogEvidence? LogOf(string owner) => logs.FirstOrDefault(log => string.Equals(log.Owner.Name, owner, StringComparison.Ordinal));

    /// <summary>Every different header with its signature is verified once, on all processors; the logs mostly repeat one another.</summary>
    private void CheckSignatures(List<List<EnvelopeSighting>> envelopes, CancellationToken cancellationToken)
    {
        List<EnvelopeSighting> distinct = [.. envelopes.SelectMany(sightings => sightings
            .GroupBy(sighting => (sighting.Envelope, Convert.ToBase64String(sighting.Signature)))
            .Select(group => group.First()))];
        var isValid = new bool[distinct.Count];
        Parallel.For(
            0,
            distinct.Count,
            new ParallelOptions { CancellationToken = cancellationToken },
            () => new Dictionary<string, IReadOnlyList<ECDsa>>(StringComparer.Ordinal),
            (i, _, keys) =>
            {
                string sender = distinct[i].Envelope.Sender;
                if (!keys.TryGetValue(sender, out IReadOnlyList<ECDsa>? senderKeys)) keys[sender] = senderKeys = certificates.OpenKeys(sender);
                isValid[i] = senderKeys.Any(key => distinct[i].Envelope.VerifySignature(key, distinct[i].Signature));
                return keys;
            },
            keys =>
            {
                foreach (ECDsa key in keys.Values.SelectMany(list => list)) key.Dispose();
            });

        for (int i = 0; i < distinct.Count; i++)
        {
            EnvelopeSighting sighting = distinct[i];
            if (isValid[i]) findings.Count(AuditCheckKind.EnvelopeSignatures);
            else if (certificates.Has(sighting.Envelope.Sender)) findings.Error(AuditFindingCode.EnvelopeSignatureInvalid, sighting.Log.Name, sighting.Index, sighting.Index, Describe(sighting.Envelope));
            else findings.Error(AuditFindingCode.EnvelopeSenderUnknown, sighting.Log.Name, sighting.Index, sighting.Index, Describe(sighting.Envelope));
        }
    }

    private static string Describe(EnvelopeRecord envelope) => Messages.Format(
        "Envelope", Messages.Shorten(envelope.Run), envelope.Attempt, Messages.Shorten(envelope.Sender), Messages.Shorten(envelope.Receiver), envelope.Sequence);
}
