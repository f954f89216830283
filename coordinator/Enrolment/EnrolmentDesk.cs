using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Audit;
using FedLab.Coordinator.Auditing;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Runs;
using FedLab.Coordinator.State;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Coordinator.Enrolment;

/// <summary>Invites, enrols, renews and puts out parties. What it decides is in the audit log before anybody learns of it.</summary>
/// <remarks>
/// <code>
///   lead ──invite (hash of a token)──► invited ──token + signing request──► enrolled ──renew──► enrolled
///                                         │ expires                            │ revoke
///                                         ▼                                    ▼
///                                       lapsed                              revoked ──invite anew, with a new key──► invited
/// </code>
/// </remarks>
internal sealed class EnrolmentDesk
{
    /// <summary>Longest life of a token.</summary>
    public static readonly TimeSpan LongestInvitation = TimeSpan.FromDays(30);

    private const int MaximumReason = 300;
    private const int MaximumOpenInvitations = 1000;

    private readonly Lock _gate = new();
    private readonly CoordinatorHome _home;
    private readonly ILabStore _store;
    private readonly LabJournal _journal;
    private readonly PartyRoster _roster;
    private readonly RunBook _book;
    private readonly ILogger<EnrolmentDesk> _logger;
    private readonly TimeProvider _time;

    public EnrolmentDesk(CoordinatorHome home, ILabStore store, LabJournal journal, PartyRoster roster, RunBook book, ILogger<EnrolmentDesk> logger, TimeProvider time)
    {
        (_home, _store, _journal, _roster, _book, _logger, _time) = (home, store, journal, roster, book, logger, time);
    }

    /// <summary>Writes the lab's rules into a new audit log and takes over the invitations of the configuration.</summary>
    public void Open()
    {
        lock (_gate)
        {
            var known = _store.Invitations();
            RecordRules(isStart: true);
            foreach (var entry in _home.Options.Invitations.Where(entry => !known.Any(stored => stored.TokenHash.AsSpan().SequenceEqual(entry.TokenHash))))
            {
                if (entry.Name == _home.Identity.Name || _roster.Find(entry.Name) is not null) continue;
                Record(new StoredInvitation(entry.TokenHash, entry.Name, _home.Identity.Name, _time.GetUtcNow(), entry.Expires, []));
            }
            _book.SetRevocations(SignRevocations());
        }
    }

    /// <summary>Invites a party.</summary>
    /// <exception cref="RpcException">The name is taken or none, or the token is malformed or lives too long.</exception>
    public Member Invite(string party, byte[] tokenHash, TimeSpan lifetime, string lead)
    {
        RequireAuthority();
        if (!EnvelopeHeader.IsName(party)) throw Refuse(StatusCode.InvalidArgument, Messages.MustBeName(party.Length <= 128 ? party : party[..128]));
        if (tokenHash.Length != LabFingerprint.Length) throw Refuse(StatusCode.InvalidArgument, Messages.MustBeHash);
        if (lifetime <= TimeSpan.Zero || lifetime > LongestInvitation) throw Refuse(StatusCode.InvalidArgument, Messages.InvitationLifetime((int)LongestInvitation.TotalDays));
        lock (_gate)
        {
            if (party == _home.Identity.Name) throw Refuse(StatusCode.InvalidArgument, Messages.PartyNamedAsCoordinator(party));
            if (_roster.Find(party) is not null) throw Refuse(StatusCode.FailedPrecondition, Messages.AlreadyEnrolled(party));
            var now = _time.GetUtcNow();
            var known = _store.Invitations();
            if (known.Any(stored => stored.TokenHash.AsSpan().SequenceEqual(tokenHash))) throw Refuse(StatusCode.InvalidArgument, Messages.TokenInvitedBefore);
            if (known.Count(stored => stored.CertificateHash.Length == 0 && stored.Expires > now) >= MaximumOpenInvitations) throw Refuse(StatusCode.FailedPrecondition, Messages.TooManyInvitations(MaximumOpenInvitations));
            // A token that was lost must not stay good beside the new one.
            _store.EndInvitations(party, now);
            Record(new StoredInvitation(tokenHash, party, lead, now, now + lifetime, []));
            return Describe().First(member => member.Party == party);
        }
    }

    /// <summary>Redeems a token.</summary>
    /// <returns>The certificate; the same one again for the same token and key.</returns>
    /// <exception cref="RpcException">The token or the request is refused; nothing was changed.</exception>
    public X509Certificate2 Enrol(byte[] secret, ReadOnlySpan<byte> signingRequest, string claimed)
    {
        var authority = RequireAuthority();
        var key = ReadRequest(signingRequest);
        var tokenHash = SHA256.HashData(secret);
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var invitation = _store.Invitations().FirstOrDefault(stored => stored.TokenHash.AsSpan().SequenceEqual(tokenHash)) ?? throw Refuse(StatusCode.PermissionDenied, Messages.TokenUnknown(_home.Options.Lab));
            if (claimed.Length > 0 && claimed != invitation.Party) throw Refuse(StatusCode.PermissionDenied, Messages.TokenOfAnother(invitation.Party));
            if (invitation.Expires <= now) throw Refuse(StatusCode.PermissionDenied, Messages.TokenExpired(invitation.Expires));
            if (invitation.CertificateHash.Length > 0) return IssuedBefore(invitation, key);
            if (_roster.IsRevoked(key)) throw Refuse(StatusCode.PermissionDenied, Messages.KeyRevoked);
            if (_roster.Find(invitation.Party) is not null) throw Refuse(StatusCode.PermissionDenied, Messages.AlreadyEnrolled(invitation.Party));

            var certificate = authority.Certify(invitation.Party, LabRole.Participant, key);
            _journal.AppendDurably(AuditEvent.PartyEnrolled(invitation.Party, Sha256Hash.Of(certificate.RawData), new Sha256Hash(SigningRequest.HashOf(key)), new Sha256Hash(tokenHash)));
            _store.RedeemInvitation(tokenHash, Stored(invitation.Party, certificate, now));
            _roster.Enter(invitation.Party, certificate);
            RecordRules();
            _book.Admit(invitation.Party);
            Log.Enrolled(_logger, invitation.Party);
            return certificate;
        }
    }

    /// <summary>Issues a later certificate for a party's key.</summary>
    /// <exception cref="RpcException">The request is refused.</exception>
    public X509Certificate2 Renew(string party, ReadOnlySpan<byte> signingRequest)
    {
        var authority = RequireAuthority();
        var key = ReadRequest(signingRequest);
        lock (_gate)
        {
            var current = _roster.Find(party) ?? throw Refuse(StatusCode.PermissionDenied, Messages.UnknownParty(party, _home.Options.Lab));
            if (!IsKeyOf(current, key)) throw Refuse(StatusCode.PermissionDenied, Messages.RenewalKey(party));
            if (!CertificateLife.IsRenewalDue(current, _time)) return current; // renewed a moment ago; the answer was lost
            var certificate = authority.Certify(party, LabRole.Participant, key);
            _journal.AppendDurably(AuditEvent.CertificateRenewed(party, Sha256Hash.Of(certificate.RawData), new Sha256Hash(SigningRequest.HashOf(key))));
            _store.AddCertificate(Stored(party, certificate, _time.GetUtcNow()));
            _roster.Enter(party, certificate);
            Log.Renewed(_logger, party, certificate.NotAfter);
            return certificate;
        }
    }

    /// <summary>Issues a later certificate for a lead's key.</summary>
    /// <param name="current">The certificate that the lead called with.</param>
    /// <param name="signingRequest">A request for its key.</param>
    /// <exception cref="RpcException">The request is refused.</exception>
    public X509Certificate2 RenewLead(X509Certificate2 current, ReadOnlySpan<byte> signingRequest)
    {
        var authority = RequireAuthority();
        var key = ReadRequest(signingRequest);
        var lead = LabCertificates.NameOf(current);
        if (!IsKeyOf(current, key)) throw Refuse(StatusCode.PermissionDenied, Messages.RenewalKey(lead));
        if (!CertificateLife.IsRenewalDue(current, _time)) return current;
        var certificate = authority.Certify(lead, LabRole.Lead, key);
        Log.Renewed(_logger, lead, certificate.NotAfter);
        return certificate;
    }

    /// <summary>Puts a party out at once.</summary>
    /// <exception cref="RpcException">It is neither enrolled nor invited.</exception>
    public Member Revoke(string party, string reason, string lead)
    {
        reason = RunText.Clip(reason.Length <= MaximumReason ? reason : reason[..MaximumReason]);
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var current = _roster.Find(party);
            if (current is null)
            {
                var isInvited = _store.Invitations().Any(stored => stored.Party == party && stored.CertificateHash.Length == 0 && stored.Expires > now);
                if (!isInvited) throw Refuse(StatusCode.NotFound, Messages.NoSuchMember(party.Length <= 128 ? party : party[..128]));
                _journal.AppendDurably(AuditEvent.PartyRevoked(party, lead, certificateSha256: null));
                _store.EndInvitations(party, now);
                return Describe().First(member => member.Party == party);
            }
            var sentence = reason.Length > 0 ? Messages.PartyRevokedBecause(party, lead, reason) : Messages.PartyRevoked(party, lead);
            _book.Revoke(party, sentence, AuditEvent.PartyRevoked(party, lead, Sha256Hash.Of(current.RawData)), () =>
            {
                _roster.PutOut(party, now, reason);
                // With the event, so that the checkpoint that the book makes of it holds the quorum of those who stay.
                RecordRules();
            });
            foreach (var certificate in _roster.AllOf(party).Reverse()) _store.AddCertificate(Stored(party, certificate, now));
            _store.RevokeParty(party, now, reason);
            _book.SetRevocations(SignRevocations());
            Log.Revoked(_logger, party, lead, reason);
            return Describe().First(member => member.Party == party);
        }
    }

    /// <summary>Everybody who is invited, enrolled or revoked.</summary>
    public IReadOnlyList<Member> Members()
    {
        lock (_gate) return Describe();
    }

    /// <summary>Renews the coordinator's own certificate when a third of its life is left or less.</summary>
    public void RenewOwn()
    {
        if (_home.Signer is not { } authority || !CertificateLife.IsRenewalDue(_home.Certificate, _time)) return;
        lock (_gate)
        {
            var current = _home.Certificate;
            using var key = current.GetECDsaPrivateKey()!;
            using var certificate = authority.Certify(_home.Identity.Name, LabRole.Coordinator, current.PublicKey, CertificateLife.HostsOf(current));
            _journal.AppendDurably(AuditEvent.CertificateRenewed(_home.Identity.Name, Sha256Hash.Of(certificate.RawData), new Sha256Hash(SigningRequest.HashOf(current.PublicKey))));
            _home.Renew(certificate.CopyWithPrivateKey(key));
            Log.Renewed(_logger, _home.Identity.Name, certificate.NotAfter);
        }
    }

    private static StoredCertificate Stored(string party, X509Certificate2 certificate, DateTimeOffset now) => new(SHA256.HashData(certificate.RawData), party, certificate.RawData, now, Revoked: null, "");

    private static bool IsKeyOf(X509Certificate2 certificate, PublicKey key) => certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());

    private static RpcException Refuse(StatusCode code, string sentence) => new(new Status(code, sentence));

    private static PublicKey ReadRequest(ReadOnlySpan<byte> signingRequest)
    {
        try
        {
            return SigningRequest.Read(signingRequest);
        }
        catch (EnrolmentException e)
        {
            throw Refuse(StatusCode.InvalidArgument, e.Message);
        }
    }

    private LabAuthority RequireAuthority() => _home.Signer ?? throw Refuse(StatusCode.FailedPrecondition, Messages.NoAuthority(_home.AuthorityFolder));

    private X509Certificate2 IssuedBefore(StoredInvitation invitation, PublicKey key)
    {
        var issued = _roster.AllOf(invitation.Party).FirstOrDefault(certificate => SHA256.HashData(certificate.RawData).AsSpan().SequenceEqual(invitation.CertificateHash));
        if (issued is null || !IsKeyOf(issued, key) || _roster.IsRevoked(key)) throw Refuse(StatusCode.PermissionDenied, Messages.TokenUsed);
        return issued;
    }

    private void Record(StoredInvitation invitation)
    {
        _journal.Append(AuditEvent.PartyInvited(invitation.Party, invitation.InvitedBy, new Sha256Hash(invitation.TokenHash)));
        _store.AddInvitation(invitation);
        Log.Invited(_logger, invitation.Party, invitation.InvitedBy, invitation.Expires);
    }

    private byte[] SignRevocations()
    {
        var revoked = _store.Certificates().Where(stored => stored.Revoked is not null).ToList();
        if (_home.Signer is not { } authority || revoked.Count == 0) return [];
        var certificates = revoked.ConvertAll(stored => (Certificate: X509CertificateLoader.LoadCertificate(stored.Certificate), Time: stored.Revoked!.Value));
        try
        {
            return authority.SignRevocations(certificates);
        }
        finally
        {
            foreach (var (certificate, _) in certificates) certificate.Dispose();
        }
    }

    /// <summary>
    /// The lab's rules, when the log does not have them yet: more than half of the parties must cosign, so that two different histories cannot both find as many. Parties
    /// that the configuration invites count from the start.
    /// </summary>
    private void RecordRules(bool isStart = false)
    {
        var now = _time.GetUtcNow();
        var invited = _home.Options.Invitations.Where(entry => entry.Expires > now).Select(entry => entry.Name);
        var parties = _roster.Names.Union(invited, StringComparer.Ordinal).Except(_roster.Out.Select(party => party.Name), StringComparer.Ordinal).Count();
        _journal.RecordRules(_home.Options.Lab, Sha256Hash.Of(_home.Authority.RawData), (parties / 2) + 1, isStart);
    }

    [SuppressMessage("Style", "IDE0305", Justification = "The order is the point: the roster's, then the invitations'.")]
    private List<Member> Describe()
    {
        var now = _time.GetUtcNow();
        var members = _roster.Names.Select(name => new Member { Party = name, State = MemberState.Enrolled, Certificate = ByteString.CopyFrom(_roster.Find(name)!.RawData), Connected = _book.IsConnected(name) }).ToList();
        members.AddRange(_roster.Out.Select(party => new Member { Party = party.Name, State = MemberState.Revoked, Certificate = ByteString.CopyFrom(party.Certificate.RawData), UntilUnixMs = party.Time.ToUnixTimeMilliseconds(), Reason = party.Reason }));
        foreach (var invitation in _store.Invitations().Where(stored => stored.CertificateHash.Length == 0))
        {
            // A party that was put out and is invited anew is invited; one that is in is not shown by an old token.
            var known = members.Find(member => member.Party == invitation.Party);
            var isOpen = invitation.Expires > now;
            if (known is { State: MemberState.Enrolled } || (known is { State: MemberState.Revoked } && !isOpen)) continue;
            var member = known ?? new Member { Party = invitation.Party };
            if (known is null) members.Add(member);
            member.State = isOpen ? MemberState.Invited : MemberState.Lapsed;
            member.UntilUnixMs = invitation.Expires.ToUnixTimeMilliseconds();
        }
        return members;
    }
}
