using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>The coordinator as <c>audit.json</c> names it.</summary>
/// <param name="Name">Its name in envelopes.</param>
/// <param name="Log">The name of its log, the origin of its checkpoints.</param>
/// <param name="Key">The vkey of its log (type 1).</param>
/// <param name="Certificate">The file of its certificate in the bundle; needed only if it sends envelopes of its own.</param>
public sealed record BundleCoordinator(string Name, string Log, string Key, string? Certificate = null);

/// <summary>A party as <c>audit.json</c> names it.</summary>
/// <param name="Name">Its name in envelopes.</param>
/// <param name="CosigningKey">The vkey that it cosigns with (type 4); its public key signs the party's own log too.</param>
/// <param name="Certificate">The file of its certificate in the bundle, PEM; after a renewal the older ones too.</param>
/// <param name="Log">The name of its log, if it is not the party's name.</param>
public sealed record BundleParty(string Name, string CosigningKey, string Certificate, string? Log = null);

/// <summary>The file <c>audit.json</c>: who is in the lab, with which keys.</summary>
/// <param name="Lab">The name of the lab.</param>
/// <param name="Quorum">How many parties must cosign the coordinator's last checkpoint.</param>
/// <param name="Coordinator">The coordinator.</param>
/// <param name="Parties">All parties.</param>
public sealed record BundleDescription(string Lab, int Quorum, BundleCoordinator Coordinator, IReadOnlyList<BundleParty> Parties)
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "audit.json";

    /// <summary>The version that is written and read.</summary>
    public const int CurrentVersion = 1;

    private const int MaximumParties = 256;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        MaxDepth = 8,
    };

    /// <summary>The version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Writes the file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Reads the file and checks names, keys and quorum.</summary>
    /// <exception cref="AuditFormatException">It is malformed; the message names the field.</exception>
    public static BundleDescription Parse(ReadOnlySpan<byte> json)
    {
        BundleDescription? description;
        try
        {
            description = JsonSerializer.Deserialize<BundleDescription>(json, Options);
        }
        catch (JsonException exception)
        {
            throw new AuditFormatException(Messages.BundleDescriptionMalformed(Messages.Format("DescriptionJson", exception.Path ?? "$", exception.LineNumber + 1)), exception);
        }

        if (description is null) throw Malformed("DescriptionField", "$");
        description.Validate();
        return description;
    }

    private void Validate()
    {
        if (Version != CurrentVersion) throw Malformed("DescriptionVersion", Version, CurrentVersion);
        if (!EventSchema.IsName(Lab)) throw Malformed("DescriptionField", "lab");
        if (Parties.Count > MaximumParties) throw Malformed("DescriptionField", "parties");
        if (Quorum < 0 || Quorum > Parties.Count) throw Malformed("DescriptionQuorum", Quorum, Parties.Count);
        if (!EventSchema.IsName(Coordinator.Name)) throw Malformed("DescriptionField", "coordinator.name");
        RequireKey(Coordinator.Key, NoteSignatureType.Ed25519, "coordinator.key", Coordinator.Log);
        if (Coordinator.Certificate is not null && !BundleFiles.IsSafeName(Coordinator.Certificate)) throw Malformed("DescriptionField", "coordinator.certificate");

        var names = new HashSet<string>(StringComparer.Ordinal) { Coordinator.Name };
        var logs = new HashSet<string>(StringComparer.Ordinal) { Coordinator.Log };
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < Parties.Count; i++)
        {
            string field = $"parties[{i}]";
            // The serializer lets null stand in a list whatever the annotation says.
            if (Parties[i] is not BundleParty party) throw Malformed("DescriptionField", field);
            if (!EventSchema.IsName(party.Name) || !names.Add(party.Name)) throw Malformed("DescriptionField", field + ".name");
            string log = party.Log ?? party.Name;
            if (!NoteText.IsKeyName(log) || !logs.Add(log)) throw Malformed("DescriptionField", field + ".log");
            RequireKey(party.CosigningKey, NoteSignatureType.Cosignature, field + ".cosigningKey", expectedName: null);
            // One key under two names would count twice towards the quorum.
            if (!keys.Add(Convert.ToBase64String(VerifierKey.Parse(party.CosigningKey).PublicKeyBytes()))) throw Malformed("DescriptionField", field + ".cosigningKey");
            if (!BundleFiles.IsSafeName(party.Certificate)) throw Malformed("DescriptionField", field + ".certificate");
        }
    }

    private static void RequireKey(string text, NoteSignatureType type, string field, string? expectedName)
    {
        VerifierKey key;
        try
        {
            key = VerifierKey.Parse(text);
        }
        catch (AuditFormatException exception)
        {
            throw new AuditFormatException(Messages.BundleDescriptionMalformed(field + ": " + exception.Message), exception);
        }

        if (key.Type != type || (expectedName is not null && !string.Equals(key.Name, expectedName, StringComparison.Ordinal))) throw Malformed("DescriptionField", field);
    }

    private static AuditFormatException Malformed(string name, params ReadOnlySpan<object?> values) => new(Messages.BundleDescriptionMalformed(Messages.Format(name, values)));
}
