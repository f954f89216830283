using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Audit;
using FedLab.Curve25519;
using FedLab.Federation.Identity;
using FedLab.Participant.Auditing;
using FedLab.Participant.Enrolment;
using FedLab.Proto;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedLab.Participant.Tests;

/// <summary>Which certificates of other parties are taken and which are not.</summary>
public sealed class PeerBookTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-peers-").FullName;
    private readonly LabAuthority _authority = LabAuthority.Create("lab");
    private readonly Ed25519PrivateKey _logKey = Ed25519PrivateKey.Generate();
    private readonly PartyDirectory _directory = new([]);
    private AuditLog _log = null!;
    private PeerBook _book = null!;

    public async ValueTask InitializeAsync()
    {
        _log = await AuditLog.OpenAsync(Path.Combine(_folder, "audit"), "bank", _logKey, TimeProvider.System, TestContext.Current.CancellationToken);
        _book = Open();
    }

    public async ValueTask DisposeAsync()
    {
        _book.Dispose();
        await _log.DisposeAsync();
        _directory.Dispose();
        _logKey.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_first_certificate_is_pinned_and_a_later_one_of_the_same_key_takes_its_place_also_after_a_restart()
    {
        using var first = _authority.Issue("tax", LabRole.Participant, validity: TimeSpan.FromDays(1));
        Assert.Null(Accept(first));
        Assert.Equal(["tax"], _directory.Names);
        using var longer = LabAuthorityAt(TimeSpan.FromHours(1)).Certify("tax", LabRole.Participant, first.PublicKey);
        using var reopened = Open();
        Assert.Null(Accept(longer, reopened));
        Assert.Null(Accept(first, reopened)); // of a coordinator that lags behind: no harm, and no step back
        Assert.Equal(longer.RawData, Assert.Single(reopened.Pinned).Value.RawData);
        var journal = File.ReadAllText(Path.Combine(_folder, "audit", "entries.jsonl"));
        Assert.Equal(2, journal.Split("peer-certificate").Length - 1);
    }

    [Fact]
    public void Another_key_is_refused_unless_the_pinned_certificate_was_revoked_by_the_authority_itself()
    {
        using var pinned = _authority.Issue("tax", LabRole.Participant);
        using var other = _authority.Issue("tax", LabRole.Participant);
        using var third = _authority.Issue("court", LabRole.Participant);
        using var stranger = LabAuthority.Create("lab");
        var now = TimeProvider.System.GetUtcNow();
        Assert.Null(Accept(pinned));
        Assert.Contains(LabFingerprint.TextOf(other), Accept(other), StringComparison.Ordinal);
        Assert.Contains("not signed", Accept(other, revocations: stranger.SignRevocations([(pinned, now)])), StringComparison.Ordinal);
        Assert.Contains("another key", Accept(other, revocations: _authority.SignRevocations([(third, now)])), StringComparison.Ordinal);
        Assert.Contains("was revoked", Accept(other, revocations: _authority.SignRevocations([(pinned, now), (other, now)])), StringComparison.Ordinal);
        Assert.Contains("was revoked", Accept(pinned, revocations: _authority.SignRevocations([(pinned, now)])), StringComparison.Ordinal);
        Assert.Equal(pinned.RawData, Assert.Single(_book.Pinned).Value.RawData);
        Assert.Null(Accept(other, revocations: _authority.SignRevocations([(third, now), (pinned, now)])));
        Assert.Equal(other.RawData, Assert.Single(_book.Pinned).Value.RawData);
        var data = "x"u8.ToArray();
        using var key = other.GetECDsaPrivateKey()!;
        Assert.True(_directory.Verify("tax", data, key.SignData(data, HashAlgorithmName.SHA256)));
    }

    [Fact]
    public void Certificates_of_others_expired_for_another_role_or_malformed_are_refused_and_nothing_is_pinned()
    {
        using var stranger = LabAuthority.Create("lab");
        using var foreign = stranger.Issue("tax", LabRole.Participant);
        using var expired = _authority.Issue("tax", LabRole.Participant, validity: TimeSpan.FromMinutes(-1));
        using var lead = _authority.Issue("tax", LabRole.Lead);
        using var court = _authority.Issue("court", LabRole.Participant);
        foreach (var (certificate, expected) in new[] { (foreign, "not issued"), (expired, "expired"), (lead, "'participant'"), (court, "names 'court'") }) Assert.Contains(expected, Accept(certificate), StringComparison.Ordinal);
        Assert.Contains("malformed", _book.Accept([new PartyCertificate { Party = "tax", Certificate = ByteString.CopyFromUtf8("no") }], ByteString.Empty, Journal(), NullLogger.Instance), StringComparison.Ordinal);
        Assert.Contains("malformed", _book.Accept([new PartyCertificate { Party = "../tax", Certificate = ByteString.CopyFrom(court.RawData) }], ByteString.Empty, Journal(), NullLogger.Instance), StringComparison.Ordinal);
        Assert.Contains("256", _book.Accept([.. Enumerable.Repeat(new PartyCertificate(), 300)], ByteString.Empty, Journal(), NullLogger.Instance), StringComparison.Ordinal);
        Assert.Empty(_book.Pinned);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "peers")));
    }

    private PeerBook Open()
    {
        var book = new PeerBook(Path.Combine(_folder, "peers"), "bank", _authority.Certificate, _directory, TimeProvider.System);
        book.Load();
        return book;
    }

    private ParticipantJournal Journal() => new(_log, e => throw e);

    private string? Accept(X509Certificate2 certificate, PeerBook? book = null, byte[]? revocations = null) =>
        (book ?? _book).Accept([new PartyCertificate { Party = "tax", Certificate = ByteString.CopyFrom(certificate.RawData) }], ByteString.CopyFrom(revocations ?? []), Journal(), NullLogger.Instance);

    /// <summary>The same authority as it is some time later: a certificate from then begins later.</summary>
    private LabAuthority LabAuthorityAt(TimeSpan later)
    {
        var folder = Path.Combine(_folder, "authority");
        _authority.Save(folder);
        return LabAuthority.Load(folder, new Shifted(later - TimeSpan.FromHours(1) + TimeSpan.FromMinutes(3)));
    }

    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
