using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>
/// The certificates of the bundle: signed by the authority, the ones that the parties joined with, valid when they were
/// used. Keeps the keys by which signatures are checked.
/// </summary>
internal sealed class CertificateCheck : IDisposable
{
    internal const string AuthorityFile = "certificates/ca.pem";

    private const int MaximumPemLength = 1 << 18;

    private readonly BundleFiles _files;
    private readonly FindingCollector _findings;
    private readonly X509Certificate2Collection _authority;
    private readonly Dictionary<string, X509Certificate2Collection> _certificates = new(StringComparer.Ordinal);

    internal CertificateCheck(BundleFiles files, FindingCollector findings)
    {
        _files = files;
        _findings = findings;
        _authority = Load(AuthorityFile);
    }

    /// <summary>The hash of the authority's certificate, if there is one.</summary>
    internal Sha256Hash? AuthoritySha256 => _authority.Count == 0 ? null : Sha256Hash.Of(_authority[0].RawData);

    /// <summary>Reads a party's certificates and keeps those that the authority signed.</summary>
    internal void Read(string party, string file)
    {
        var trusted = new X509Certificate2Collection();
        foreach (X509Certificate2 certificate in Load(file))
        {
            if (IsTrusted(certificate))
            {
                trusted.Add(certificate);
                _findings.Count(AuditCheckKind.Certificates);
            }
            else
            {
                _findings.Error(AuditFindingCode.CertificateUntrusted, log: null, entryIndex: null, party, file);
            }
        }

        _certificates[party] = trusted;
    }

    /// <summary>Compares with what the coordinator logged when the party joined, and with what the party logged itself.</summary>
    internal void CompareWithJoining(BundleParty party, LogEvidence? coordinator, LogEvidence? own)
    {
        List<(LogEvidence Log, long Index, AuditEntry Entry)> joinings = [.. new[] { coordinator, own }
            .OfType<LogEvidence>()
            .SelectMany(log => log.Events.Select(item => (log, item.Index, item.Entry)))
            .Where(item => item.Entry.Type == AuditEventType.PartyJoined && string.Equals((string)item.Entry.Body["party"]!, party.Name, StringComparison.Ordinal))];
        if (coordinator is not null && !joinings.Exists(joining => joining.Log == coordinator)) _findings.Error(AuditFindingCode.PartyNotJoined, coordinator.Name, entryIndex: null, party.Name);

        HashSet<string> held = [.. _certificates[party.Name].Select(certificate => Sha256Hash.Of(certificate.RawData).ToHex())];
        HashSet<string> joined = [.. joinings.Select(joining => (string)joining.Entry.Body["certificateSha256"]!), .. IssuedTo(party.Name, coordinator)];
        foreach (string stranger in held.Except(joined, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (joined.Count > 0) _findings.Error(AuditFindingCode.CertificateSwapped, log: null, entryIndex: null, party.Name, stranger, Messages.Format("SourceFile", party.Certificate));
        }

        foreach ((LogEvidence log, long index, AuditEntry entry) in joinings)
        {
            var certificate = (string)entry.Body["certificateSha256"]!;
            if (!held.Contains(certificate)) _findings.Error(AuditFindingCode.CertificateSwapped, log.Name, index, party.Name, certificate, Messages.Format("SourceEntry", log.Name, index));
        }

        // A party may renew its key; the last one is in force.
        foreach (IGrouping<LogEvidence, (LogEvidence Log, long Index, AuditEntry Entry)> byLog in joinings.GroupBy(joining => joining.Log))
        {
            (LogEvidence log, long index, AuditEntry entry) = byLog.Last();
            if (!string.Equals((string)entry.Body["cosigningKey"]!, party.CosigningKey, StringComparison.Ordinal)) _findings.Error(AuditFindingCode.CosigningKeySwapped, log.Name, index, party.Name, index);
        }
    }

    /// <summary>
    /// What the others took for a party's certificate must be one that the party itself hands in: otherwise somebody stood between them under its name, and only the authority's key can do that.
    /// </summary>
    internal void CompareWithPins(BundleParty party, IEnumerable<LogEvidence> logs)
    {
        HashSet<string> held = [.. _certificates[party.Name].Select(certificate => Sha256Hash.Of(certificate.RawData).ToHex())];
        foreach ((LogEvidence log, long index, AuditEntry entry) in logs.SelectMany(log => log.Events.Select(item => (log, item.Index, item.Entry))))
        {
            if (entry.Type != AuditEventType.KeyRegistered || (string)entry.Body["purpose"]! != AuditEvent.PeerCertificatePurpose || (string)entry.Body["party"]! != party.Name) continue;
            var certificate = (string)entry.Body["keySha256"]!;
            if (!held.Contains(certificate)) _findings.Error(AuditFindingCode.CertificateSwapped, log.Name, index, party.Name, certificate, Messages.Format("SourceEntry", log.Name, index));
        }
    }

    /// <summary>Nobody acts between being put out and being enrolled anew: the coordinator's log is in the order in which things happened.</summary>
    internal void CheckRevocations(LogEvidence coordinator)
    {
        var revoked = new Dictionary<string, long>(StringComparer.Ordinal);
        var reported = new HashSet<string>(StringComparer.Ordinal);
        IEnumerable<(long Index, string Party, string Type)> events = coordinator.Events
            .Where(item => item.Entry.Type is AuditEventType.PartyRevoked or AuditEventType.PartyEnrolled or AuditEventType.PartyJoined or AuditEventType.RunApproved)
            .Select(item => (item.Index, (string)item.Entry.Body["party"]!, item.Entry.Type));
        IEnumerable<(long Index, string Party, string Type)> relayed = coordinator.Envelopes.Where(sighting => sighting.Type == AuditEventType.RelayForwarded).Select(sighting => (sighting.Index, sighting.Envelope.Sender, sighting.Type));
        foreach ((long index, string party, string type) in events.Concat(relayed).OrderBy(act => act.Index))
        {
            if (type == AuditEventType.PartyRevoked) revoked.TryAdd(party, index);
            else if (type == AuditEventType.PartyEnrolled) revoked.Remove(party);
            else if (revoked.TryGetValue(party, out long since) && reported.Add(party)) _findings.Error(AuditFindingCode.RevokedPartyActed, coordinator.Name, index, Messages.Shorten(party), index, since);
        }
    }

    /// <summary>Every time at which the party acted must fall into the validity of one of its certificates.</summary>
    internal void CheckValidity(string party, IEnumerable<(LogEvidence Log, long Index, DateTimeOffset Time)> acts)
    {
        if (!_certificates.TryGetValue(party, out X509Certificate2Collection? certificates) || certificates.Count == 0) return;
        List<(DateTimeOffset From, DateTimeOffset To)> periods = Periods(certificates);
        List<(DateTimeOffset From, DateTimeOffset To)> authorities = Periods(_authority);
        foreach (IGrouping<LogEvidence, (LogEvidence Log, long Index, DateTimeOffset Time)> byLog in acts.GroupBy(act => act.Log))
        {
            foreach ((LogEvidence log, long index, DateTimeOffset time) in byLog)
            {
                if (periods.Exists(period => time >= period.From && time <= period.To) && authorities.Exists(period => time >= period.From && time <= period.To)) continue;
                _findings.Error(AuditFindingCode.CertificateExpired, log.Name, index, party, index, Messages.Time(time));
                break;
            }
        }
    }

    /// <summary>Whether the party has a certificate that can be relied on.</summary>
    internal bool Has(string party) => _certificates.TryGetValue(party, out X509Certificate2Collection? certificates) && certificates.Count > 0;

    /// <summary>The public keys of a party, for the caller to use on one thread and dispose of.</summary>
    internal IReadOnlyList<ECDsa> OpenKeys(string party) =>
        _certificates.TryGetValue(party, out X509Certificate2Collection? certificates) ? [.. certificates.Select(certificate => certificate.GetECDsaPublicKey()!)] : [];

    /// <summary>Whether a signature is the party's.</summary>
    internal bool Verify(string party, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        bool isValid = false;
        foreach (ECDsa key in OpenKeys(party))
        {
            isValid |= PartySignature.Verify(key, data, signature);
            key.Dispose();
        }

        return isValid;
    }

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in _certificates.Values.SelectMany(certificates => certificates).Concat(_authority)) certificate.Dispose();
    }

    /// <summary>The certificates that the coordinator recorded before it handed them to the party.</summary>
    private static IEnumerable<string> IssuedTo(string party, LogEvidence? coordinator) => coordinator is null ? [] : coordinator.Events
        .Where(item => item.Entry.Type is AuditEventType.PartyEnrolled or AuditEventType.CertificateRenewed && string.Equals((string)item.Entry.Body["party"]!, party, StringComparison.Ordinal))
        .Select(item => (string)item.Entry.Body["certificateSha256"]!);

    private static List<(DateTimeOffset From, DateTimeOffset To)> Periods(X509Certificate2Collection certificates) =>
        [.. certificates.Select(certificate => ((DateTimeOffset)certificate.NotBefore.ToUniversalTime(), (DateTimeOffset)certificate.NotAfter.ToUniversalTime()))];

    private X509Certificate2Collection Load(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            byte[] pem = _files.ReadFile(file, MaximumPemLength);
            certificates.ImportFromPem(System.Text.Encoding.Latin1.GetString(pem));
            if (certificates.Count == 0) throw new CryptographicException();
            foreach (X509Certificate2 certificate in certificates)
            {
                // Reading these may fail on hostile bytes, and must not fail later.
                _ = certificate.NotBefore;
                _ = certificate.NotAfter;
            }
        }
        catch (AuditFormatException exception)
        {
            _findings.Error(AuditFindingCode.FileUnreadable, log: null, entryIndex: null, file, exception.Message);
        }
        catch (CryptographicException)
        {
            _findings.Error(AuditFindingCode.FileUnreadable, log: null, entryIndex: null, file, Messages.Format("ProblemNotPem"));
            certificates.Clear();
        }

        return certificates;
    }

    private bool IsTrusted(X509Certificate2 certificate)
    {
        if (_authority.Count == 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        // The times are compared with those of the entries, not with the clock of whoever verifies.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        try
        {
            if (!chain.Build(certificate)) return false;
            using ECDsa? key = certificate.GetECDsaPublicKey();
            const int P256Bits = 256;
            return key is not null && key.KeySize == P256Bits;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
