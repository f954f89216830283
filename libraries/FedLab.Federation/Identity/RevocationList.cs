using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedLab.Federation.Identity;

/// <summary>
/// An authority's signed list of the certificates that it has revoked (RFC 5280 section 5). It is read for one question: whether a
/// certificate that was known before was revoked. What was revoked stays so, hence an old list still answers it truly and its date is not judged.
/// </summary>
public sealed class RevocationList
{
    /// <summary>Longest list that is read, in bytes; an entry has about 35.</summary>
    public const int MaximumBytes = 1 << 20;

    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private readonly HashSet<string> _serials;

    private RevocationList(HashSet<string> serials) => _serials = serials;

    /// <summary>How many certificates are on it.</summary>
    public int Count => _serials.Count;

    /// <summary>Reads a list and checks the authority's signature.</summary>
    /// <param name="der">DER, from anybody.</param>
    /// <param name="authority">The authority's certificate.</param>
    /// <param name="list">The list, when it is the authority's.</param>
    /// <returns>Whether it is well formed and signed by this authority.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> der, X509Certificate2 authority, [NotNullWhen(true)] out RevocationList? list)
    {
        ArgumentNullException.ThrowIfNull(authority);
        list = null;
        if (der.Length is 0 or > MaximumBytes) return false;
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var signed = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var content = signed.ReadEncodedValue();
            var algorithm = signed.ReadSequence().ReadObjectIdentifier();
            var signature = signed.ReadBitString(out var unused);
            signed.ThrowIfNotEmpty();
            using var key = authority.GetECDsaPublicKey();
            if (algorithm != EcdsaWithSha256 || unused != 0 || key is null) return false;
            if (!key.VerifyData(content.Span, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)) return false;
            list = new RevocationList(Serials(content, authority));
            return true;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Whether a certificate of the authority is on the list.</summary>
    /// <param name="certificate">The certificate.</param>
    public bool Contains(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return _serials.Contains(Normal(certificate.SerialNumberBytes.Span));
    }

    private static HashSet<string> Serials(ReadOnlyMemory<byte> content, X509Certificate2 authority)
    {
        var fields = new AsnReader(content, AsnEncodingRules.DER).ReadSequence();
        if (fields.PeekTag().HasSameClassAndValue(Asn1Tag.Integer)) fields.ReadInteger(); // version
        fields.ReadEncodedValue(); // signature algorithm, as outside
        if (!fields.ReadEncodedValue().Span.SequenceEqual(authority.SubjectName.RawData)) throw new CryptographicException();
        fields.ReadEncodedValue(); // thisUpdate
        var serials = new HashSet<string>(StringComparer.Ordinal);
        if (fields.HasData && (fields.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) || fields.PeekTag().HasSameClassAndValue(Asn1Tag.GeneralizedTime))) fields.ReadEncodedValue(); // nextUpdate
        if (!fields.HasData || !fields.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) return serials;
        var revoked = fields.ReadSequence();
        while (revoked.HasData) serials.Add(Normal(revoked.ReadSequence().ReadIntegerBytes().Span));
        return serials;
    }

    /// <summary>A number without the zero that keeps it positive.</summary>
    private static string Normal(ReadOnlySpan<byte> serial) => Convert.ToHexString(serial.TrimStart((byte)0));
}
