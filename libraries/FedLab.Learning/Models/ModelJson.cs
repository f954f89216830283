using System.Text.Json;

namespace FedLab.Learning;

/// <summary>Reads the fields of a model file; every error names the field by its path.</summary>
internal static class ModelJson
{
    private const int MaximumDepth = 8;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaximumDepth, AllowDuplicateProperties = false };

    public static JsonDocument Open(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json.ToArray(), Options);
        }
        catch (JsonException exception)
        {
            throw new LearningException(Messages.ModelMalformed(Messages.Detail.NotJson).Message, exception);
        }
    }

    /// <summary>Refuses what is not an object of exactly so many fields; names are checked where they are read.</summary>
    public static void CheckFields(JsonElement element, string where, int count)
    {
        if (element.ValueKind != JsonValueKind.Object || element.GetPropertyCount() != count)
            throw Messages.ModelMalformed(Messages.Detail.FieldCount(where, count));
    }

    public static JsonElement[] Array(JsonElement element, string name, string where, int limit)
    {
        var value = Field(element, name, where);
        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= limit
            ? [.. value.EnumerateArray()]
            : throw Messages.ModelMalformed(Messages.Detail.FieldNotList($"{where}.{name}", limit));
    }

    public static double Number(JsonElement element, string name, string where) => Number(Field(element, name, where), $"{where}.{name}");

    public static double? NumberOrNull(JsonElement element, string name, string where) =>
        Field(element, name, where) is { ValueKind: not JsonValueKind.Null } value ? Number(value, $"{where}.{name}") : null;

    public static double[] Numbers(JsonElement element, string name, string where, int limit) =>
        [.. Array(element, name, where, limit).Select((value, i) => Number(value, $"{where}.{name}[{i}]"))];

    public static int Integer(JsonElement element, string name, string where) =>
        Field(element, name, where) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) && number >= 0
            ? number
            : throw Messages.ModelMalformed(Messages.Detail.FieldNotWhole($"{where}.{name}"));

    public static string Text(JsonElement element, string name, string where) => Text(Field(element, name, where), $"{where}.{name}");

    public static string[] Texts(JsonElement element, string name, string where, int limit) =>
        [.. Array(element, name, where, limit).Select((value, i) => Text(value, $"{where}.{name}[{i}]"))];

    public static JsonElement Field(JsonElement element, string name, string where) =>
        element.TryGetProperty(name, out var value) ? value : throw Messages.ModelMalformed(Messages.Detail.FieldMissing($"{where}.{name}"));

    public static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static double Number(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Messages.ModelMalformed(Messages.Detail.FieldNotFinite(path));

    private static string Text(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Messages.ModelMalformed(Messages.Detail.FieldNotText(path));
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new LearningException(Messages.ModelMalformed(Messages.Detail.FieldNotUnicode(path)).Message, exception);
        }
    }
}
