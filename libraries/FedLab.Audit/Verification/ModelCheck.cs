using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>A party's signature under the manifest of a model, as <c>model/signatures.json</c> holds it.</summary>
/// <param name="Party">The party.</param>
/// <param name="Algorithm">Always <c>ecdsa-p256-sha256</c>.</param>
/// <param name="Signature">Base64 of the signature over the manifest's bytes, IEEE P1363.</param>
public sealed record ModelSignature(string Party, string Algorithm, string Signature)
{
    /// <summary>Signs a manifest with the key of a party's certificate.</summary>
    public static ModelSignature Sign(string party, System.Security.Cryptography.ECDsa privateKey, ReadOnlySpan<byte> manifest)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        return new ModelSignature(party, PartySignature.Algorithm, Convert.ToBase64String(PartySignature.Sign(privateKey, manifest)));
    }
}

/// <summary>The file <c>model/signatures.json</c>.</summary>
/// <param name="Signatures">One for each party.</param>
public sealed record ModelSignatures(IReadOnlyList<ModelSignature> Signatures)
{
    private const int MaximumSignatures = 256;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        MaxDepth = 8,
    };

    /// <summary>Writes the file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Reads the file.</summary>
    /// <exception cref="AuditFormatException">It is malformed.</exception>
    public static ModelSignatures Parse(ReadOnlySpan<byte> json)
    {
        ModelSignatures? signatures;
        try
        {
            signatures = JsonSerializer.Deserialize<ModelSignatures>(json, Options);
        }
        catch (JsonException exception)
        {
            throw new AuditFormatException(Messages.Format("DescriptionJson", exception.Path ?? "$", exception.LineNumber + 1), exception);
        }

        // The serializer lets null stand in a list whatever the annotation says.
        bool isWhole = signatures is { Signatures.Count: <= MaximumSignatures } && signatures.Signatures.All(signature => signature is not null);
        return isWhole ? signatures! : throw new AuditFormatException(Messages.Format("DescriptionField", "signatures"));
    }
}

/// <summary>The model of the bundle is one that was published, and the parties of its run signed it.</summary>
internal sealed class ModelCheck(BundleFiles files, BundleDescription description, CertificateCheck certificates, FindingCollector findings)
{
    internal const string ManifestFile = "model/manifest.json";
    internal const string SignaturesFile = "model/signatures.json";

    private const int MaximumManifestLength = 1 << 26;
    private const int MaximumSignaturesLength = 1 << 20;

    internal void Run(LogEvidence? coordinator)
    {
        List<(long Index, AuditEntry Entry)> publications = coordinator is null ? [] : [.. coordinator.Events.Where(item => item.Entry.Type == AuditEventType.ModelPublished)];
        if (!files.Contains(ManifestFile))
        {
            if (publications.Count > 0) findings.Error(AuditFindingCode.ModelMissing, coordinator!.Name, publications[^1].Index, publications[^1].Index, ManifestFile);
            return;
        }

        byte[] manifest;
        try
        {
            manifest = files.ReadFile(ManifestFile, MaximumManifestLength);
        }
        catch (AuditFormatException exception)
        {
            findings.Error(AuditFindingCode.FileUnreadable, log: null, entryIndex: null, ManifestFile, exception.Message);
            return;
        }

        string sha256 = Sha256Hash.Of(manifest).ToHex();
        (long Index, AuditEntry Entry)[] published = [.. publications.Where(item => string.Equals((string)item.Entry.Body["manifestSha256"]!, sha256, StringComparison.Ordinal))];
        if (published.Length == 0) findings.Error(AuditFindingCode.ModelReplaced, coordinator?.Name, publications.Count == 0 ? null : publications[^1].Index, sha256, publications.Count);

        HashSet<string> signers = CheckSignatures(manifest);
        foreach (string party in RequiredSigners(coordinator, published).Except(signers, StringComparer.Ordinal)) findings.Error(AuditFindingCode.ModelSignatureMissing, log: null, entryIndex: null, party);
    }

    /// <summary>Who signed, rightly or not; what is wrong is a finding of its own.</summary>
    private HashSet<string> CheckSignatures(byte[] manifest)
    {
        var signers = new HashSet<string>(StringComparer.Ordinal);
        ModelSignatures signatures;
        try
        {
            signatures = ModelSignatures.Parse(files.ReadFile(SignaturesFile, MaximumSignaturesLength));
        }
        catch (AuditFormatException exception)
        {
            findings.Error(AuditFindingCode.FileUnreadable, log: null, entryIndex: null, SignaturesFile, exception.Message);
            return signers;
        }

        foreach (ModelSignature signature in signatures.Signatures)
        {
            signers.Add(signature.Party);
            bool isValid = string.Equals(signature.Algorithm, PartySignature.Algorithm, StringComparison.Ordinal)
                && NoteText.TryParseBase64(signature.Signature, out byte[] bytes)
                && certificates.Verify(signature.Party, manifest, bytes);
            if (isValid) findings.Count(AuditCheckKind.ModelSignatures);
            else findings.Error(AuditFindingCode.ModelSignatureInvalid, log: null, entryIndex: null, Messages.Shorten(signature.Party));
        }

        return signers;
    }

    /// <summary>The parties that approved the run and had not left it when the model was published; all parties if no approval is known.</summary>
    private IEnumerable<string> RequiredSigners(LogEvidence? coordinator, (long Index, AuditEntry Entry)[] published)
    {
        if (coordinator is null || published is not [.., var (_, last)]) return description.Parties.Select(party => party.Name);
        // A publication that is said again does not make a later leaving an earlier one.
        long publication = published.First(item => string.Equals(item.Entry.Run, last.Run, StringComparison.Ordinal)).Index;
        HashSet<string> approved = PartiesNamed(AuditEventType.RunApproved);
        if (approved.Count == 0) return description.Parties.Select(party => party.Name);
        approved.ExceptWith(PartiesNamed(AuditEventType.PartyLeft));
        return approved;

        HashSet<string> PartiesNamed(string type) => coordinator.Events
            .Where(item => item.Index < publication && item.Entry.Type == type && string.Equals(item.Entry.Run, last.Run, StringComparison.Ordinal))
            .Select(item => (string)item.Entry.Body["party"]!)
            .ToHashSet(StringComparer.Ordinal);
    }
}
