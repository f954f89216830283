using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace FedLab.Audit;

/// <summary>A party's approval of a run: who approved which specification.</summary>
/// <param name="Run">The run.</param>
/// <param name="Party">The party for which it is given.</param>
/// <param name="Approver">The person in office, or the rule, that gave it.</param>
/// <param name="SpecSha256">The hash of the specification.</param>
public sealed record ApprovalRecord(string Run, string Party, string Approver, Sha256Hash SpecSha256)
{
    /// <summary>Exactly what the party signs: the canonical JSON object with the members approver, party, run and specSha256.</summary>
    public byte[] SigningBytes() => CanonicalJson.Serialize(new JsonObject
    {
        ["approver"] = Approver,
        ["party"] = Party,
        ["run"] = Run,
        ["specSha256"] = SpecSha256.ToHex(),
    });

    /// <summary>Signs the approval with ECDSA P-256 and SHA-256; 64 bytes, IEEE P1363.</summary>
    public byte[] Sign(ECDsa privateKey)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        return PartySignature.Sign(privateKey, SigningBytes());
    }
}

/// <summary>How a party signs with the key of its certificate, everywhere the same.</summary>
internal static class PartySignature
{
    internal const string Algorithm = "ecdsa-p256-sha256";

    private const DSASignatureFormat Format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;

    internal static byte[] Sign(ECDsa privateKey, ReadOnlySpan<byte> data) => privateKey.SignData(data, HashAlgorithmName.SHA256, Format);

    internal static bool Verify(ECDsa publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            return publicKey.VerifyData(data, signature, HashAlgorithmName.SHA256, Format);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
