using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Experiments;

/// <summary>What a party is in an experiment.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PartyRole>))]
public enum PartyRole
{
    /// <summary>Holds the label and leads the training.</summary>
    [JsonStringEnumMemberName("active")] Active,

    /// <summary>A source without which a row is dropped.</summary>
    [JsonStringEnumMemberName("required")] Required,

    /// <summary>A source whose features are missing for the rows that it does not know.</summary>
    [JsonStringEnumMemberName("optional")] Optional,

    /// <summary>A bank of a horizontal experiment: rows and labels of its own customers, the same features as all others.</summary>
    [JsonStringEnumMemberName("bank")] Bank,
}

/// <summary>What a run does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunKind>))]
public enum RunKind
{
    /// <summary>Align, train, evaluate, publish.</summary>
    [JsonStringEnumMemberName("train")] Train,

    /// <summary>Score new rows with a published model.</summary>
    [JsonStringEnumMemberName("score")] Score,
}

/// <summary>A party of an experiment.</summary>
/// <param name="Name">The party's name in the lab.</param>
/// <param name="Role">What it is in this experiment.</param>
public sealed record ExperimentParty(string Name, PartyRole Role);

/// <summary>Which aligned rows are held out for the evaluation.</summary>
/// <param name="Fold">The fold that is the test set: rows whose key's SHA-256, as a big-endian integer, is <c>Fold</c> modulo <c>Of</c>.</param>
/// <param name="Of">Number of folds.</param>
/// <param name="Column">Instead of the hash: a column of the active party, with the value 1 for test rows.</param>
public sealed record TestRows(int Fold = 0, int Of = 5, string? Column = null);

/// <summary>
/// The specification that every party approves: who takes part, in which role, for which purpose, with which settings.
/// It is public. Its canonical bytes are hashed into the approvals, the audit log and the manifest.
/// </summary>
public sealed record ExperimentSpec
{
    /// <summary>The only version of the format.</summary>
    public const int CurrentVersion = 1;

    private const int MaximumBytes = 1 << 20;
    private const int MaximumFeatures = 4096;
    private const int MaximumCategories = 1000;
    private const int MaximumTextLength = 256;
    private const int MaximumParties = 32;

    /// <summary>Gradient-boosted trees.</summary>
    public const string Trees = "trees";

    /// <summary>Logistic regression.</summary>
    public const string Logistic = "logistic";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        MaxDepth = 8,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    };

    /// <summary>Version of the format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>What the run does.</summary>
    public RunKind Kind { get; init; } = RunKind.Train;

    /// <summary>Kind of model: <see cref="Trees"/>, or between banks <see cref="Logistic"/>.</summary>
    public string Model { get; init; } = Trees;

    /// <summary>What the model may be used for; the approvals are given for this purpose.</summary>
    public string Purpose { get; init; } = "credit-risk";

    /// <summary>The parties: exactly one is active, or all are banks. Their order decides ties between equal splits.</summary>
    public required IReadOnlyList<ExperimentParty> Parties { get; init; }

    /// <summary>Between banks the data dictionary that all agreed on, in the order of the model's columns; null in a vertical experiment.</summary>
    public IReadOnlyList<FeatureDefinition>? Features { get; init; }

    /// <summary>Test rows of a training run.</summary>
    public TestRows Test { get; init; } = new();

    /// <summary>Settings of the learner and of the protocol by their names on the command line.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>For a scoring run: SHA-256 of the published manifest, lower-case hexadecimal.</summary>
    public string? ManifestHash { get; init; }

    /// <summary>Whether the parties are banks with the same features of different customers.</summary>
    [JsonIgnore]
    public bool IsHorizontal => Parties.Any(party => party.Role == PartyRole.Bank);

    /// <summary>The party whose report of the result is taken: the active one, or the first bank; all banks have the same.</summary>
    [JsonIgnore]
    public string Leader => IsHorizontal ? Parties[0].Name : Active;

    /// <summary>The active party's name in a vertical experiment.</summary>
    [JsonIgnore]
    public string Active => Parties.Single(party => party.Role == PartyRole.Active).Name;

    /// <summary>The sources in the order of the specification.</summary>
    [JsonIgnore]
    public IEnumerable<ExperimentParty> Sources => Parties.Where(party => party.Role != PartyRole.Active);

    /// <summary>The canonical bytes: what is hashed and approved.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this with { Settings = new SortedDictionary<string, string>(Settings.ToDictionary(), StringComparer.Ordinal) }, Json);

    /// <summary>SHA-256 of the canonical bytes.</summary>
    public byte[] Hash() => SHA256.HashData(ToBytes());

    /// <summary>Reads and checks a specification.</summary>
    /// <param name="utf8">JSON text.</param>
    /// <exception cref="ProtocolException">It is malformed, too large, or names something that does not exist; the message names the field.</exception>
    public static ExperimentSpec Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaximumBytes) throw ProtocolErrors.ExperimentTooLarge(utf8.Length, MaximumBytes);
        ExperimentSpec spec;
        try
        {
            spec = JsonSerializer.Deserialize<ExperimentSpec>(utf8, Json) ?? throw ProtocolErrors.ExperimentEmpty();
        }
        catch (JsonException e)
        {
            throw ProtocolErrors.ExperimentMalformed(JsonCause.Of(utf8, typeof(ExperimentSpec), Json, e), e);
        }
        spec.Validate();
        return spec;
    }

    /// <summary>Checks every field.</summary>
    /// <exception cref="ProtocolException">A field is out of range; the message names it.</exception>
    public void Validate()
    {
        if (Version != CurrentVersion) throw ProtocolErrors.ExperimentVersion(Version, CurrentVersion);
        if (!EnvelopeHeader.IsName(Name)) throw ProtocolErrors.ExperimentName(Name);
        if (Parties.Count is < 2 or > MaximumParties) throw ProtocolErrors.PartyCount(MaximumParties, Parties.Count);
        foreach (var party in Parties)
        {
            // The serializer lets a list or a dictionary hold null.
            if (party is null || !EnvelopeHeader.IsName(party.Name)) throw ProtocolErrors.PartyName(party?.Name ?? "");
        }
        if (Parties.Select(party => party.Name).Distinct(StringComparer.Ordinal).Count() != Parties.Count) throw ProtocolErrors.PartyTwice();
        if (IsHorizontal) ValidateBanks();
        else ValidateVertical();
        if (Test.Of < 2 || Test.Fold < 0 || Test.Fold >= Test.Of) throw ProtocolErrors.TestFoldInvalid(Test.Fold, Test.Of);
        if (Kind == RunKind.Score && ManifestHash?.Length != 2 * SHA256.HashSizeInBytes) throw ProtocolErrors.ManifestHashNeeded();
        foreach (var (name, value) in Settings)
        {
            if (name.Length is 0 or > 64 || value is null or { Length: > 256 }) throw ProtocolErrors.SettingTooLong(name);
        }
    }

    private void ValidateVertical()
    {
        if (Model != Trees) throw ProtocolErrors.ModelKindUnknown(Model);
        if (Parties.Count(party => party.Role == PartyRole.Active) != 1) throw ProtocolErrors.OneActiveNeeded();
        if (Features is not null) throw ProtocolErrors.FeaturesUnexpected();
    }

    private void ValidateBanks()
    {
        if (Model is not (Trees or Logistic)) throw ProtocolErrors.BankModelUnknown(Model);
        if (Parties.FirstOrDefault(party => party.Role != PartyRole.Bank) is { } other) throw ProtocolErrors.BanksOnly(other.Name);
        if (Kind == RunKind.Score) throw ProtocolErrors.BanksScoreAlone();
        if (Features is not { Count: > 0 and <= MaximumFeatures }) throw ProtocolErrors.FeaturesNeeded(MaximumFeatures, Features?.Count ?? 0);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var feature in Features)
        {
            if (feature is null || string.IsNullOrWhiteSpace(feature.Name) || feature.Name.Length > MaximumTextLength) throw ProtocolErrors.FeatureName(feature?.Name ?? "", MaximumTextLength);
            if (!names.Add(feature.Name)) throw ProtocolErrors.FeatureTwice(feature.Name);
            if (feature.Categories is not { } categories) continue;
            if (categories.Count is 0 or > MaximumCategories) throw ProtocolErrors.FeatureCategories(feature.Name, MaximumCategories, categories.Count);
            if (categories.Any(category => string.IsNullOrEmpty(category) || category.Length > MaximumTextLength) || categories.Distinct(StringComparer.Ordinal).Count() != categories.Count)
                throw ProtocolErrors.FeatureCategoryInvalid(feature.Name, MaximumTextLength);
        }
    }
}
