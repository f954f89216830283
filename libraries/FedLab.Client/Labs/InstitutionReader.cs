using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedLab.Audit;
using FedLab.Client.Resources;
using FedLab.Federation.Catalogues;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Client.Labs;

/// <summary>
/// Takes in what a coordinator says of the institutions of its lab, whose word is not taken for it: a catalogue counts only with the signature of the institution, by the
/// certificate that the lab's authority gave it; people read the texts, and nothing may fill the memory.
/// </summary>
/// <param name="coordinator">The coordinator in messages.</param>
/// <param name="authority">The lab's authority.</param>
internal sealed class InstitutionReader(string coordinator, X509Certificate2 authority)
{
    private const int MaximumInstitutions = 1000;
    private const long MaximumBytes = 256L << 20;
    private const int MaximumCertificateBytes = 1 << 16;

    // The year 9999, behind which there are no dates.
    private const long MaximumUnixMs = 253_402_300_800_000;

    private readonly Sha256Hash _lab = Sha256Hash.Of(authority.RawData);
    private readonly List<Institution> _institutions = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly bool _chinese = CultureInfo.CurrentUICulture.Name.StartsWith("zh", StringComparison.Ordinal);
    private long _bytes;

    /// <summary>Those that were added, in their order.</summary>
    public IReadOnlyList<Institution> All => _institutions;

    /// <summary>Adds an institution.</summary>
    /// <param name="party">What the coordinator says of it.</param>
    /// <exception cref="ClientException">No institution can be so, or no lab has so many, or a catalogue is not the institution's own.</exception>
    public void Add(PartyCatalogue party)
    {
        _bytes += party.CalculateSize();
        if (!EnvelopeHeader.IsName(party.Party) || !_names.Add(party.Party) || _institutions.Count == MaximumInstitutions || _bytes > MaximumBytes) throw new ClientException(Messages.CatalogueListInvalid(coordinator));
        if (!party.HasCatalogue)
        {
            _institutions.Add(new Institution(party.Party, party.Connected, Title: null, Rows: null, []));
            return;
        }
        var catalogue = CatalogueRules.Read(party.Catalogue, out var problem) ?? throw new ClientException(Messages.CatalogueInvalid(party.Party, problem!));
        var hash = CanonicalCatalogue.Hash(catalogue);
        var fingerprint = FingerprintOfSigner(party, new Sha256Hash(hash));
        _institutions.Add(new Institution(
            party.Party,
            party.Connected,
            InLanguage(catalogue.Title, catalogue.TitleZh),
            catalogue.HasRows ? catalogue.Rows : null,
            [.. catalogue.Features.Select(feature => new CatalogueFeature(feature.Name, KindOf(feature.Kind), InLanguage(feature.Title, feature.TitleZh), feature.Unit.Length > 0 ? feature.Unit : null))])
        {
            // Hashed here: the coordinator's word is not needed for what is in front of us.
            CatalogueSha256 = Convert.ToHexStringLower(hash),
            Fingerprint = fingerprint,
            Published = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(party.PublishedUnixMs, 0, MaximumUnixMs - 1)),
        });
    }

    /// <summary>
    /// Checks who has signed a catalogue. The certificate's dates are not judged: an institution may be away when its certificate expires, and what it signed before then is still its own.
    /// </summary>
    private string FingerprintOfSigner(PartyCatalogue party, Sha256Hash catalogue)
    {
        using var certificate = Load(party.Certificate) ?? throw Untrusted(party, Messages.CatalogueCertificateUnreadable);
        if (LabCertificates.Refusal(certificate, authority, LabRole.Participant, time: null) is { } refusal) throw Untrusted(party, refusal);
        if (LabCertificates.NameOf(certificate) is var name && name != party.Party) throw Untrusted(party, Messages.CatalogueCertificateOfAnother(name));
        using var key = certificate.GetECDsaPublicKey()!;
        return new CatalogueRecord(_lab, party.Party, catalogue).VerifySignature(key, party.Signature.Span) ? LabFingerprint.TextOf(certificate) : throw Untrusted(party, Messages.CatalogueSignatureInvalid);
    }

    private static X509Certificate2? Load(ByteString certificate)
    {
        try
        {
            return certificate.Length is > 0 and <= MaximumCertificateBytes ? X509CertificateLoader.LoadCertificate(certificate.Span) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ClientException Untrusted(PartyCatalogue party, string reason) => new(Messages.CatalogueUntrusted(party.Party, reason));

    private string? InLanguage(string title, string titleZh)
    {
        var (first, second) = _chinese ? (titleZh, title) : (title, titleZh);
        return first.Length > 0 ? first : second.Length > 0 ? second : null;
    }

    private static FeatureKind KindOf(PublishedKind kind) => kind switch
    {
        PublishedKind.Number => FeatureKind.Number,
        PublishedKind.Text => FeatureKind.Text,
        PublishedKind.Label => FeatureKind.Label,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
