using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>What kind of value a member of an event's body holds.</summary>
internal enum BodyValueKind
{
    /// <summary>The name of a party, person in office, run, step or log: 1 to 128 characters.</summary>
    Name,

    /// <summary>A word of a fixed vocabulary: lower-case letters, digits, '-', '.'; 1 to 64 characters.</summary>
    Code,

    /// <summary>64 lower-case hexadecimal digits.</summary>
    Hash,

    /// <summary>Canonical base64 of 1 to 768 bytes.</summary>
    Signature,

    /// <summary>A vkey.</summary>
    Key,

    /// <summary>A whole number from 0 to 2^53 − 1.</summary>
    Count,

    /// <summary>The class of an envelope.</summary>
    EnvelopeClass,

    /// <summary>An object that gives a count for each name.</summary>
    CountByName,
}

/// <summary>
/// What an entry of each type may hold, and nothing else. An append-only log cannot forget, so the schema leaves no
/// member in which a subject's identifier, a value or free text could be written.
/// </summary>
internal sealed class EventSchema
{
    private const int MaximumNameLength = 128;
    private const int MaximumCodeLength = 64;
    private const int MaximumSignatureLength = 1024;
    private const int MaximumNames = 256;

    private static readonly Dictionary<string, EventSchema> All = Define();

    private readonly Dictionary<string, (BodyValueKind Kind, bool IsOptional)> _members = new(StringComparer.Ordinal);

    /// <summary>Whether an entry of this type belongs to a run.</summary>
    internal bool NeedsRun { get; private init; }

    internal static EventSchema? Find(string type) => All.GetValueOrDefault(type);

    /// <summary>Why an event may not be written or believed, or <see langword="null"/>.</summary>
    internal static string? ProblemOf(string type, string? run, JsonObject body)
    {
        if (Find(type) is not EventSchema schema) return Messages.EntryEventType(type);
        if (schema.NeedsRun && run is null) return Messages.EntryMember("run");
        foreach ((string name, JsonNode? value) in body)
        {
            if (!schema._members.TryGetValue(name, out (BodyValueKind Kind, bool IsOptional) member)) return Messages.EntryBodyUnexpected(type, name);
            if (!Holds(member.Kind, value)) return Messages.EntryBodyValue(type, name, Messages.Format("Kind" + member.Kind));
        }

        string? missing = schema._members.FirstOrDefault(member => !member.Value.IsOptional && !body.ContainsKey(member.Key)).Key;
        return missing is null ? null : Messages.EntryBodyMissing(type, missing);
    }

    /// <summary>A name that can stand in an entry.</summary>
    internal static bool IsName(string text) => text.Length is > 0 and <= MaximumNameLength && !text.Any(c => char.IsControl(c) || char.IsSurrogate(c));

    private static bool Holds(BodyValueKind kind, JsonNode? node)
    {
        if (kind == BodyValueKind.CountByName)
        {
            return node is JsonObject counts && counts.Count <= MaximumNames && counts.All(count => IsName(count.Key) && Holds(BodyValueKind.Count, count.Value));
        }

        if (node is not JsonValue value) return false;
        if (kind == BodyValueKind.Count) return value.GetValueKind() == JsonValueKind.Number && CanonicalJson.TryGetInteger(value, out long number) && number is >= 0 and <= EcmaNumber.MaximumInteger;
        if (value.GetValueKind() != JsonValueKind.String || !value.TryGetValue(out string? text)) return false;
        return kind switch
        {
            BodyValueKind.Name => IsName(text),
            BodyValueKind.Code => text.Length is > 0 and <= MaximumCodeLength && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'),
            BodyValueKind.Hash => Sha256Hash.TryParseHex(text, out _),
            BodyValueKind.Signature => text.Length <= MaximumSignatureLength && NoteText.TryParseBase64(text, out _),
            BodyValueKind.Key => IsKey(text),
            BodyValueKind.EnvelopeClass => EnvelopeRecord.TryParseClass(text, out _),
            _ => false,
        };
    }

    private static bool IsKey(string text)
    {
        try
        {
            VerifierKey.Parse(text);
            return true;
        }
        catch (AuditFormatException)
        {
            return false;
        }
    }

    private static Dictionary<string, EventSchema> Define()
    {
        EventSchema envelope = OfRun("attempt:Count class:EnvelopeClass length:Count receiver:Name sender:Name sequence:Count sha256:Hash signature:Signature step:Name");
        return new Dictionary<string, EventSchema>(StringComparer.Ordinal)
        {
            [AuditEventType.LabConfigured] = OfLab("authoritySha256:Hash lab:Name quorum:Count"),
            [AuditEventType.PartyInvited] = OfLab("inviter:Name party:Name tokenSha256:Hash"),
            [AuditEventType.PartyEnrolled] = OfLab("certificateSha256:Hash keySha256:Hash party:Name tokenSha256:Hash"),
            [AuditEventType.CertificateRenewed] = OfLab("certificateSha256:Hash keySha256:Hash party:Name"),
            [AuditEventType.PartyRevoked] = OfLab("certificateSha256:Hash? party:Name revoker:Name"),
            [AuditEventType.PartyJoined] = OfLab("certificateSha256:Hash cosigningKey:Key party:Name"),
            [AuditEventType.CataloguePublished] = OfLab("catalogueSha256:Hash featureCount:Count party:Name signature:Signature?"),
            [AuditEventType.CatalogueWithdrawn] = OfLab("party:Name"),
            [AuditEventType.RunProposed] = OfRun("proposer:Name specSha256:Hash"),
            [AuditEventType.RunApproved] = OfRun("approver:Name party:Name signature:Signature specSha256:Hash"),
            [AuditEventType.RunRefused] = OfRun("party:Name reason:Code specSha256:Hash"),
            [AuditEventType.RunStarted] = OfRun("attempt:Count specSha256:Hash"),
            [AuditEventType.RunResumed] = OfRun("attempt:Count checkpointSha256:Hash?"),
            [AuditEventType.RunFinished] = OfRun("attempt:Count resultSha256:Hash?"),
            [AuditEventType.RunAborted] = OfRun("attempt:Count reason:Code"),
            [AuditEventType.PartyLeft] = OfRun("attempt:Count party:Name"),
            [AuditEventType.KeyRegistered] = OfLab("keySha256:Hash party:Name purpose:Code"),
            [AuditEventType.DatasetCommitted] = OfLab("commitmentSha256:Hash party:Name rowCount:Count schemaSha256:Hash"),
            [AuditEventType.AlignDone] = OfRun("common:Count sizes:CountByName"),
            [AuditEventType.EgressSent] = envelope,
            [AuditEventType.IngressReceived] = envelope,
            [AuditEventType.RelayForwarded] = envelope,
            [AuditEventType.PolicyDenied] = OfLab("party:Name rule:Code step:Name?"),
            [AuditEventType.ModelPublished] = OfRun("manifestSha256:Hash model:Name?"),
            [AuditEventType.LogCheckpoint] = OfLab("log:Name root:Hash size:Count"),
            [AuditEventType.WitnessCosigned] = OfLab("cosigner:Name log:Name logSignature:Signature root:Hash size:Count"),
            [AuditEventType.ScoringDone] = OfLab("manifestSha256:Hash party:Name rowCount:Count"),
        };
    }

    private static EventSchema OfRun(string members) => Declare(members, needsRun: true);

    private static EventSchema OfLab(string members) => Declare(members, needsRun: false);

    /// <summary>Reads "name:Kind name:Kind?", the question mark for what may be left out.</summary>
    private static EventSchema Declare(string members, bool needsRun)
    {
        var schema = new EventSchema { NeedsRun = needsRun };
        foreach (string member in members.Split(' '))
        {
            string[] parts = member.Split(':');
            schema._members.Add(parts[0], (Enum.Parse<BodyValueKind>(parts[1].TrimEnd('?')), parts[1].EndsWith('?')));
        }

        return schema;
    }
}
