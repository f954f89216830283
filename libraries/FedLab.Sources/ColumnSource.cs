using System.Text.Json;
using FedLab.Data;
using FedLab.Federation.Remote;

namespace FedLab.Sources;

/// <summary>What is said about one column.</summary>
public sealed record ColumnSource
{
    private static readonly SortedDictionary<string, ColumnType> Types = new(StringComparer.Ordinal)
    {
        ["boolean"] = ColumnType.Boolean,
        ["category"] = ColumnType.Category,
        ["date"] = ColumnType.Date,
        ["number"] = ColumnType.Number,
    };

    /// <summary>number, category, boolean or date; null to go by the source.</summary>
    public string? Type { get; init; }

    /// <summary>How dates are written, for example yyyyMMdd.</summary>
    public string? Format { get; init; }

    /// <summary>Special codes that stand for a missing value: numbers or texts.</summary>
    public IReadOnlyList<JsonElement> Missing { get; init; } = [];

    internal void Check(string field, Func<string, string, ConfigurationException> invalid)
    {
        if (Type is not null && !Types.ContainsKey(Type)) throw invalid($"{field}.type", Messages.MustBeOneOf(Type, string.Join(", ", Types.Keys)));
        if (Format is not null && Type != "date") throw invalid($"{field}.format", Messages.MustBelongToDate);
        if (Format is { Length: 0 }) throw invalid($"{field}.format", Messages.MustNotBeEmpty);
        if (Missing.Any(code => code.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))) throw invalid($"{field}.missing", Messages.MustBeCodes);
    }

    internal ColumnMapping ToMapping() => new()
    {
        Type = Type is null ? null : Types[Type],
        Format = Format,
        Missing = [.. Missing.Select(code => code.ValueKind == JsonValueKind.String ? code.GetString()! : code.GetRawText())],
    };
}
