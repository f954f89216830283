using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedLab.Learning;

/// <content>The JSON form.</content>
[JsonConverter(typeof(SplitRuleConverter))]
public sealed partial record SplitRule
{
    /// <summary>Writes the rule as one JSON object.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteString("feature"u8, Feature);
        switch (Kind)
        {
            case SplitKind.Threshold:
                writer.WriteString("kind"u8, "threshold"u8);
                writer.WriteNumber("threshold"u8, Threshold);
                break;
            case SplitKind.Categories:
                writer.WriteString("kind"u8, "categories"u8);
                writer.WriteStartArray("categories"u8);
                foreach (var category in _categories)
                    writer.WriteStringValue(category);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteString("kind"u8, "missing"u8);
                break;
        }

        writer.WriteBoolean("missingLeft"u8, MissingLeft);
        writer.WriteEndObject();
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    /// <exception cref="LearningException">The object lacks a field, has one too many, or one of a wrong type or value.</exception>
    public static SplitRule Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Messages.RuleMalformed(Messages.Detail.NotAnObject);
        var feature = Text(element, "feature");
        if (string.IsNullOrWhiteSpace(feature))
            throw Messages.RuleMalformed(Messages.Detail.FieldEmpty("feature"));
        var missingLeft = Field(element, "missingLeft").ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Messages.RuleMalformed(Messages.Detail.FieldNotBoolean("missingLeft")),
        };

        var kind = Text(element, "kind");
        var (rule, fields) = kind switch
        {
            "threshold" => (AtThreshold(feature, Number(element, "threshold"), missingLeft), 4),
            "categories" => (OfCategories(feature, List(element, "categories"), missingLeft), 4),
            "missing" => (OnMissing(feature, missingLeft), 3),
            _ => throw Messages.RuleMalformed(Messages.Detail.FieldNotOneOf("kind", "threshold, categories, missing")),
        };
        return element.EnumerateObject().Count() == fields ? rule : throw Messages.RuleMalformed(Messages.Detail.FieldCount(kind, fields));
    }

    private static JsonElement Field(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value : throw Messages.RuleMalformed(Messages.Detail.FieldMissing(name));

    private static string Text(JsonElement element, string name) =>
        Field(element, name) is { ValueKind: JsonValueKind.String } value ? Decoded(value, name) : throw Messages.RuleMalformed(Messages.Detail.FieldNotText(name));

    private static double Number(JsonElement element, string name) =>
        Field(element, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Messages.RuleMalformed(Messages.Detail.FieldNotFinite(name));

    private static string[] List(JsonElement element, string name)
    {
        var array = Field(element, name);
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() == 0 || array.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
            throw Messages.RuleMalformed(Messages.Detail.FieldNotTexts(name));
        string[] items = [.. array.EnumerateArray().Select(item => Decoded(item, name))];
        return items.Distinct(StringComparer.Ordinal).Count() == items.Length ? items : throw Messages.RuleMalformed(Messages.Detail.FieldRepeats(name));
    }

    /// <summary>The text of a string element; a string that is not valid UTF-16 once unescaped is malformed.</summary>
    private static string Decoded(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new LearningException(Messages.RuleMalformed(Messages.Detail.FieldNotUnicode(name)).Message, exception);
        }
    }

    private sealed class SplitRuleConverter : JsonConverter<SplitRule>
    {
        public override SplitRule Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            SplitRule.Read(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, SplitRule value, JsonSerializerOptions options) => value.WriteTo(writer);
    }
}
