using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace FedLab.Audit;

/// <summary>A party's statement that it publishes a catalogue in a lab.</summary>
/// <param name="AuthoritySha256">The lab, by the hash of its authority's certificate (DER): everybody has that from elsewhere than the coordinator.</param>
/// <param name="Party">The party whose data it describes.</param>
/// <param name="CatalogueSha256">The hash of the catalogue's canonical JSON.</param>
public sealed record CatalogueRecord(Sha256Hash AuthoritySha256, string Party, Sha256Hash CatalogueSha256)
{
    /// <summary>
    /// Exactly what the party signs: the canonical JSON object with the members authoritySha256, catalogueSha256, party and type. The last is always
    /// <see cref="AuditEventType.CataloguePublished"/>, so that no other thing that a party signs can pass for it.
    /// </summary>
    public byte[] SigningBytes() => CanonicalJson.Serialize(new JsonObject
    {
        ["authoritySha256"] = AuthoritySha256.ToHex(),
        ["catalogueSha256"] = CatalogueSha256.ToHex(),
        ["party"] = Party,
        ["type"] = AuditEventType.CataloguePublished,
    });

    /// <summary>Signs the statement with ECDSA P-256 and SHA-256; 64 bytes, IEEE P1363.</summary>
    public byte[] Sign(ECDsa privateKey)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        return PartySignature.Sign(privateKey, SigningBytes());
    }

    /// <summary>Whether a signature is by that key and over this statement.</summary>
    /// <param name="publicKey">The key of the party's certificate.</param>
    /// <param name="signature">The signature, of any length and content.</param>
    public bool VerifySignature(ECDsa publicKey, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(publicKey);
        return PartySignature.Verify(publicKey, SigningBytes(), signature);
    }
}
