using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// Compares what each party recorded of its own catalogues with what the coordinator, who shows them to others, recorded of them:
/// <code>
/// party's log                 coordinator's log
/// catalogue.published    ──►  catalogue.published      a party records before it sends
/// catalogue.withdrawn    ──►  catalogue.withdrawn
/// </code>
/// The same hashes must stand in the same order. What the coordinator alone has, the party never published; what the party alone has, may have got lost, and an
/// honest coordinator can say so. A coordinator that knows a catalogue already does not record it again, and one that has forgotten it does.
/// </summary>
internal sealed class CatalogueCheck(IReadOnlyList<LogEvidence> logs, CertificateCheck certificates, FindingCollector findings)
{
    private const int Alone = -1;

    /// <summary>What stands for no catalogue; a hash is never empty.</summary>
    private const string Nothing = "";

    /// <summary>A catalogue that was published, or taken back.</summary>
    /// <param name="Index">The entry.</param>
    /// <param name="Time">When it was recorded.</param>
    /// <param name="Sha256">The catalogue, in hexadecimal; empty when it was taken back.</param>
    private readonly record struct Change(long Index, DateTimeOffset Time, string Sha256)
    {
        internal string Words => Sha256.Length == 0 ? Messages.Format("CatalogueChangeWithdrawn") : Messages.Format("CatalogueChangePublished", Sha256);
    }

    internal void Run()
    {
        foreach (LogEvidence log in logs) CheckSignatures(log);
        if (logs.FirstOrDefault(log => log.Owner.IsCoordinator) is not LogEvidence coordinator) return;
        foreach (LogEvidence party in logs.Where(log => !log.Owner.IsCoordinator)) Compare(coordinator, ShownOf(party, coordinator), party, [.. party.Events.Where(item => IsChangeOf(item.Entry, party)).Select(ChangeOf)]);
    }

    /// <summary>What the coordinator recorded of a party, without what stems from a time in which the party had another key and so another log.</summary>
    private static Change[] ShownOf(LogEvidence party, LogEvidence coordinator)
    {
        byte[] key = party.Owner.Key.PublicKeyBytes();
        bool hasThisLog = true;
        var shown = new List<Change>();
        foreach ((long Index, AuditEntry Entry) item in coordinator.Events)
        {
            if (hasThisLog && IsChangeOf(item.Entry, party)) shown.Add(ChangeOf(item));
            else if (item.Entry.Type == AuditEventType.PartyJoined && IsOf(item.Entry, party)) hasThisLog = VerifierKey.Parse((string)item.Entry.Body["cosigningKey"]!).PublicKeyBytes().AsSpan().SequenceEqual(key);
        }

        return [.. shown];
    }

    private static bool IsOf(AuditEntry entry, LogEvidence party) => string.Equals((string)entry.Body["party"]!, party.Owner.Name, StringComparison.Ordinal);

    private static bool IsChangeOf(AuditEntry entry, LogEvidence party) => entry.Type is AuditEventType.CataloguePublished or AuditEventType.CatalogueWithdrawn && IsOf(entry, party);

    private static Change ChangeOf((long Index, AuditEntry Entry) item) => new(item.Index, item.Entry.Time, item.Entry.Type == AuditEventType.CatalogueWithdrawn ? Nothing : (string)item.Entry.Body["catalogueSha256"]!);

    /// <summary>Catalogues of before they were signed have no signature, and a bundle need not have the certificates of parties that it does not name.</summary>
    private void CheckSignatures(LogEvidence log)
    {
        foreach ((long index, AuditEntry entry) in log.Events)
        {
            if (entry.Type != AuditEventType.CataloguePublished || entry.Body["signature"] is not { } signature || !Sha256Hash.TryParseHex((string)entry.Body["catalogueSha256"]!, out Sha256Hash catalogue)) continue;
            var record = new CatalogueRecord(certificates.AuthoritySha256.GetValueOrDefault(), (string)entry.Body["party"]!, catalogue);
            if (!certificates.Has(record.Party)) continue;
            if (certificates.Verify(record.Party, record.SigningBytes(), Convert.FromBase64String((string)signature!))) findings.Count(AuditCheckKind.CatalogueSignatures);
            else findings.Error(AuditFindingCode.CatalogueSignatureInvalid, log.Name, index, index, Messages.Shorten(record.Party));
        }
    }

    private void Compare(LogEvidence coordinator, Change[] shown, LogEvidence party, Change[] own)
    {
        (int[] partnerOfShown, int[] partnerOfOwn) = Pair(shown, own);
        findings.Count(AuditCheckKind.Catalogues, partnerOfShown.Count(partner => partner != Alone));
        List<int> onlyOwn = Unexplained(own, partnerOfOwn);
        Dictionary<string, Queue<int>> elsewhere = onlyOwn.Where(place => own[place].Sha256.Length > 0).GroupBy(place => own[place].Sha256, StringComparer.Ordinal).ToDictionary(group => group.Key, group => new Queue<int>(group), StringComparer.Ordinal);
        var moved = new HashSet<int>();
        int lastCommon = Array.FindLastIndex(partnerOfShown, partner => partner != Alone);
        long seen = SeenBy(party, coordinator);
        foreach (int place in Unexplained(shown, partnerOfShown))
        {
            Change change = shown[place];
            if (elsewhere.TryGetValue(change.Sha256, out Queue<int>? places) && places.TryDequeue(out int other))
            {
                moved.Add(other);
                findings.Error(AuditFindingCode.CatalogueReordered, coordinator.Name, change.Index, change.Index, change.Words, party.Owner.Name, party.Name, own[other].Index);
            }
            else if (place < lastCommon || change.Index < seen)
            {
                findings.Error(AuditFindingCode.CatalogueNotPublished, coordinator.Name, change.Index, change.Index, change.Words, party.Owner.Name, party.Name);
            }
            else
            {
                ReportLatestShown(coordinator, change, party);
            }
        }

        lastCommon = Array.FindLastIndex(partnerOfOwn, partner => partner != Alone);
        foreach (int place in onlyOwn.Where(place => !moved.Contains(place)))
        {
            Change change = own[place];
            bool isUnderWay = place > lastCommon && (EndedBefore(coordinator, change.Time) || (place == own.Length - 1 && !HasSpokenSince(party, coordinator, change.Index)));
            if (isUnderWay) findings.Add(AuditFindingCode.CatalogueUnderWay, AuditSeverity.Note, party.Name, change.Index, change.Index, change.Words, coordinator.Name);
            else findings.Add(AuditFindingCode.CatalogueNotRecorded, AuditSeverity.Warning, party.Name, change.Index, change.Index, change.Words, coordinator.Name);
        }
    }

    /// <summary>What the party did not know of when it cosigned last: its log may have been copied earlier. Only clocks say otherwise, and they may be wrong.</summary>
    private void ReportLatestShown(LogEvidence coordinator, Change change, LogEvidence party)
    {
        if (EndedBefore(party, change.Time)) findings.Add(AuditFindingCode.CatalogueUnderWay, AuditSeverity.Note, coordinator.Name, change.Index, change.Index, change.Words, party.Name);
        else findings.Add(AuditFindingCode.CatalogueNotPublished, AuditSeverity.Warning, coordinator.Name, change.Index, change.Index, change.Words, party.Owner.Name, party.Name);
    }

    /// <summary>
    /// Pairs equal changes in order: where the two differ, it goes on at the nearest place at which they agree again. The changes of a log that tells
    /// the truth are few, but those of a hostile one may be millions: n·log n.
    /// </summary>
    private static (int[] PartnerOfShown, int[] PartnerOfOwn) Pair(Change[] shown, Change[] own)
    {
        var (partnerOfShown, partnerOfOwn) = (new int[shown.Length], new int[own.Length]);
        Array.Fill(partnerOfShown, Alone);
        Array.Fill(partnerOfOwn, Alone);
        Dictionary<string, List<int>> placesOfShown = PlacesOf(shown);
        Dictionary<string, List<int>> placesOfOwn = PlacesOf(own);
        for (int i = 0, j = 0; i < shown.Length && j < own.Length;)
        {
            int ownAhead = Distance(placesOfOwn, shown[i].Sha256, j);
            int shownAhead = Distance(placesOfShown, own[j].Sha256, i);
            if (ownAhead == 0)
            {
                (partnerOfShown[i], partnerOfOwn[j]) = (j, i);
                (i, j) = (i + 1, j + 1);
            }
            else if (ownAhead == int.MaxValue && shownAhead == int.MaxValue) (i, j) = (i + 1, j + 1);
            else if (ownAhead <= shownAhead) j += ownAhead;
            else i += shownAhead;
        }

        return (partnerOfShown, partnerOfOwn);
    }

    private static Dictionary<string, List<int>> PlacesOf(Change[] changes) =>
        changes.Select((change, place) => (change.Sha256, place)).GroupBy(item => item.Sha256, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Select(item => item.place).ToList(), StringComparer.Ordinal);

    private static int Distance(Dictionary<string, List<int>> places, string sha256, int from)
    {
        if (!places.TryGetValue(sha256, out List<int>? all)) return int.MaxValue;
        int found = all.BinarySearch(from);
        if (found < 0) found = ~found;
        return found < all.Count ? all[found] - from : int.MaxValue;
    }

    /// <summary>What has no partner, but for what says again what both sides had last: a party that comes back to it is not recorded anew, and a coordinator that lost its state records it twice.</summary>
    private static List<int> Unexplained(Change[] changes, int[] partners)
    {
        var alone = new List<int>();
        string last = Nothing;
        for (int place = 0; place < changes.Length; place++)
        {
            if (partners[place] != Alone) last = changes[place].Sha256;
            else if (!string.Equals(changes[place].Sha256, last, StringComparison.Ordinal)) alone.Add(place);
        }

        return alone;
    }

    /// <summary>How many entries of the coordinator a party cosigned. What it published before them is in its own log.</summary>
    private static long SeenBy(LogEvidence party, LogEvidence coordinator) => party.Events
        .Where(item => item.Entry.Type == AuditEventType.WitnessCosigned && string.Equals((string)item.Entry.Body["log"]!, coordinator.Name, StringComparison.Ordinal))
        .Select(item => (long)item.Entry.Body["size"]!)
        .DefaultIfEmpty()
        .Max();

    /// <summary>Whether the coordinator got an approval that a party gave later: what it published stands at the beginning of every session, before all else.</summary>
    private static bool HasSpokenSince(LogEvidence party, LogEvidence coordinator, long index)
    {
        HashSet<string> later = [.. party.Events.Where(item => item.Index > index && IsApprovalOf(item.Entry, party)).Select(item => item.Entry.Run!)];
        return coordinator.Events.Exists(item => IsApprovalOf(item.Entry, party) && later.Contains(item.Entry.Run!));
    }

    private static bool IsApprovalOf(AuditEntry entry, LogEvidence party) => entry.Type == AuditEventType.RunApproved && IsOf(entry, party);

    /// <summary>Whether a log ends before something happened elsewhere, as far as the two clocks can be compared.</summary>
    private static bool EndedBefore(LogEvidence log, DateTimeOffset time) => log.Entries.FindLast(entry => entry.IsReadable) is var last && (!last.IsReadable || last.Time - time <= HeadCheck.ClockTolerance);
}
