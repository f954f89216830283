using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.State;
using FedLab.Federation.Identity;

namespace FedLab.Coordinator.Enrolment;

/// <summary>
/// Who is a party of the lab and by which certificate: those of the configuration and those who enrolled, less those who were put out.
/// Thread-safe.
/// </summary>
internal sealed class PartyRoster : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly HashSet<string> _revokedKeys = new(StringComparer.Ordinal);

    /// <summary>Reads the roster.</summary>
    /// <param name="home">Has the parties of the configuration, and the certificates of former ones.</param>
    /// <param name="store">Has those who enrolled and what was revoked.</param>
    public PartyRoster(CoordinatorHome home, ILabStore store)
    {
        foreach (var party in home.Options.Parties) Add(party.Name, new(home.PartyCertificates[party.Name]), isIn: true);
        foreach (var (name, certificate) in home.PartyCertificates.Where(pair => !_entries.ContainsKey(pair.Key))) Add(name, new(certificate), isIn: false);
        foreach (var stored in store.Certificates())
        {
            Add(stored.Party, X509CertificateLoader.LoadCertificate(stored.Certificate), isIn: true);
            if (stored.Revoked is { } when) MarkRevoked(stored.Party, when, stored.Reason);
        }
        foreach (var (name, entry) in _entries.Where(pair => pair.Value.Current is not null)) Directory.Set(name, entry.Current!);
    }

    /// <summary>The keys of the parties that are in.</summary>
    public PartyDirectory Directory { get; } = new([]);

    /// <summary>The parties that are in, in the order of the configuration, then as they came.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate) return [.. _order.Where(name => _entries[name].Current is not null)];
        }
    }

    /// <summary>The parties that were put out and have not come back: when and why, and the certificate that they had last.</summary>
    public IReadOnlyList<(string Name, X509Certificate2 Certificate, DateTimeOffset Time, string Reason)> Out
    {
        get
        {
            lock (_gate) return [.. _order.Select(name => (Name: name, Entry: _entries[name])).Where(pair => pair.Entry is { Current: null, Revoked: not null }).Select(pair => (pair.Name, pair.Entry.All[^1], pair.Entry.Revoked!.Value, pair.Entry.Reason))];
        }
    }

    /// <summary>The certificate in force of a party that is in; null for anybody else.</summary>
    /// <param name="party">The party.</param>
    public X509Certificate2? Find(string party)
    {
        lock (_gate) return _entries.GetValueOrDefault(party)?.Current;
    }

    /// <summary>All certificates that a party has had, the newest first, whether it is in or not.</summary>
    /// <param name="party">The party.</param>
    public IReadOnlyList<X509Certificate2> AllOf(string party)
    {
        lock (_gate) return _entries.TryGetValue(party, out var entry) ? [.. entry.All.AsEnumerable().Reverse()] : [];
    }

    /// <summary>Whether a certificate's key belongs to a party that was put out with it.</summary>
    /// <param name="key">The key.</param>
    public bool IsRevoked(PublicKey key)
    {
        var hash = Convert.ToHexString(SigningRequest.HashOf(key));
        lock (_gate) return _revokedKeys.Contains(hash);
    }

    /// <summary>Enters a certificate that was issued: of a new party, or a later one of a party that is in.</summary>
    /// <param name="party">The party.</param>
    /// <param name="certificate">The certificate; the roster takes it over.</param>
    public void Enter(string party, X509Certificate2 certificate)
    {
        lock (_gate)
        {
            Add(party, certificate, isIn: true);
            Directory.Set(party, certificate);
        }
    }

    /// <summary>Puts a party out.</summary>
    /// <param name="party">The party.</param>
    /// <param name="time">When.</param>
    /// <param name="reason">Why, for people.</param>
    public void PutOut(string party, DateTimeOffset time, string reason)
    {
        lock (_gate)
        {
            if (_entries.ContainsKey(party)) MarkRevoked(party, time, reason);
            Directory.Remove(party);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Dispose();
        foreach (var certificate in _entries.Values.SelectMany(entry => entry.All)) certificate.Dispose();
    }

    private void Add(string party, X509Certificate2 certificate, bool isIn)
    {
        if (!_entries.TryGetValue(party, out var entry))
        {
            _entries.Add(party, entry = new Entry());
            _order.Add(party);
        }
        if (entry.All.Exists(known => known.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
        {
            certificate.Dispose();
            return;
        }
        entry.All.Add(certificate);
        // A file that an administrator has put in place later counts before an older certificate that was issued here.
        if (isIn && (entry.Current is null || certificate.NotBefore >= entry.Current.NotBefore)) entry.Current = certificate;
    }

    private void MarkRevoked(string party, DateTimeOffset time, string reason)
    {
        var entry = _entries[party];
        (entry.Current, entry.Revoked, entry.Reason) = (null, time, reason);
        foreach (var certificate in entry.All) _revokedKeys.Add(Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo())));
    }

    private sealed class Entry
    {
        /// <summary>Oldest first.</summary>
        public List<X509Certificate2> All { get; } = [];

        public X509Certificate2? Current { get; set; }

        public DateTimeOffset? Revoked { get; set; }

        public string Reason { get; set; } = "";
    }
}
