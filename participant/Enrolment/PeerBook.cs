using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Audit;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Participant.Auditing;
using FedLab.Proto;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Enrolment;

/// <summary>
/// The certificates of the other parties, pinned at first sight in <c>peers/NAME.crt.pem</c>. A coordinator that holds the authority's key
/// could make itself a certificate in any party's name; one with another key than the pinned one is refused here, unless the pinned
/// one is on the authority's list of revoked certificates, and the people can compare fingerprints.
/// </summary>
/// <param name="folder">The folder; made when it is missing.</param>
/// <param name="own">This party's name; it does not pin itself.</param>
/// <param name="authority">The lab's authority.</param>
/// <param name="directory">The keys by which signatures are checked; kept up to date.</param>
/// <param name="time">Clock.</param>
internal sealed class PeerBook(string folder, string own, X509Certificate2 authority, PartyDirectory directory, TimeProvider time) : IDisposable
{
    private const string Suffix = ".crt.pem";
    private const int MaximumPeers = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, X509Certificate2> _pinned = new(StringComparer.Ordinal);

    /// <summary>Reads the pinned certificates. One that has expired stays pinned: its key is what counts until a later one comes.</summary>
    /// <exception cref="KeyFileException">A certificate is malformed, another authority's, or named otherwise than its file.</exception>
    public void Load()
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, certificate) in LabEnrolment.LoadParties(folder, authority, time: null))
        {
            if (name == own)
            {
                certificate.Dispose();
                continue;
            }
            _pinned.Add(name, certificate);
            directory.Set(name, certificate);
        }
    }

    /// <summary>The pinned certificates by name.</summary>
    public IReadOnlyList<KeyValuePair<string, X509Certificate2>> Pinned
    {
        get
        {
            lock (_gate) return [.. _pinned.OrderBy(pair => pair.Key, StringComparer.Ordinal)];
        }
    }

    /// <summary>Takes the certificates that came with a proposal or an attempt.</summary>
    /// <param name="certificates">The parties' certificates; those that are pinned already may be missing.</param>
    /// <param name="revocations">The authority's list; empty when nothing was revoked.</param>
    /// <param name="journal">Records what is pinned.</param>
    /// <param name="logger">The program's log.</param>
    /// <returns>Null when all are good; otherwise one sentence for people.</returns>
    public string? Accept(IReadOnlyList<PartyCertificate> certificates, ByteString revocations, ParticipantJournal journal, ILogger logger)
    {
        RevocationList? list = null;
        if (!revocations.IsEmpty && !RevocationList.TryRead(revocations.Memory, authority, out list)) return Messages.RevocationListInvalid;
        if (certificates.Count > MaximumPeers) return Messages.TooManyPeers(certificates.Count, MaximumPeers);
        lock (_gate)
        {
            foreach (var sent in certificates.Where(sent => sent.Party != own))
            {
                if (Consider(sent, list, journal, logger) is { } refusal) return refusal;
            }
            // A peer that was revoked since and of which no other certificate came must not count as known.
            if (list is not null && certificates.FirstOrDefault(sent => _pinned.TryGetValue(sent.Party, out var pinned) && list.Contains(pinned)) is { } revoked) return Messages.PeerRevoked(revoked.Party);
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var certificate in _pinned.Values) certificate.Dispose();
    }

    private string? Consider(PartyCertificate sent, RevocationList? list, ParticipantJournal journal, ILogger logger)
    {
        if (!EnvelopeHeader.IsName(sent.Party)) return Messages.PeerCertificateMalformed("?");
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(sent.Certificate.Span);
        }
        catch (CryptographicException)
        {
            return Messages.PeerCertificateMalformed(sent.Party);
        }
        var pinned = _pinned.GetValueOrDefault(sent.Party);
        var refusal = LabCertificates.Refusal(certificate, authority, LabRole.Participant, time);
        if (refusal is null && LabCertificates.NameOf(certificate) != sent.Party) refusal = Messages.PeerNamedOtherwise(sent.Party, LabCertificates.NameOf(certificate));
        if (refusal is null && list?.Contains(certificate) == true) refusal = Messages.PeerRevoked(sent.Party);
        if (refusal is null && pinned is not null && !HaveOneKey(pinned, certificate) && list?.Contains(pinned) != true)
            refusal = Messages.PeerKeyChanged(sent.Party, LabFingerprint.TextOf(pinned), LabFingerprint.TextOf(certificate), Path.Combine(folder, sent.Party + Suffix));
        if (refusal is not null || (pinned is not null && HaveOneKey(pinned, certificate) && certificate.NotBefore <= pinned.NotBefore))
        {
            certificate.Dispose();
            return refusal;
        }
        KeyFiles.SaveCertificate(Path.Combine(folder, sent.Party + Suffix), certificate);
        journal.Append(AuditEvent.PeerPinned(sent.Party, Sha256Hash.Of(certificate.RawData)));
        var fingerprint = LabFingerprint.TextOf(certificate);
        Log.PeerPinned(logger, sent.Party, fingerprint);
        _pinned[sent.Party] = certificate;
        directory.Set(sent.Party, certificate);
        pinned?.Dispose();
        return null;
    }

    private static bool HaveOneKey(X509Certificate2 one, X509Certificate2 other) => one.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(other.PublicKey.ExportSubjectPublicKeyInfo());
}
