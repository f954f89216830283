using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Federation.Remote;

namespace FedLab.Operation.Configuration;

/// <summary>One field of a layer.</summary>
/// <param name="Path">Its name and those of the objects and lists that it stands in.</param>
/// <param name="Value">Its value; text where the layer knows nothing else.</param>
/// <param name="Origin">Where it was set, for people.</param>
internal sealed record Setting(string[] Path, JsonNode? Value, string Origin)
{
    /// <summary>Whether a place in a JSON document is this field or stands in it.</summary>
    /// <param name="place">Such as <c>data.columns[0]</c>.</param>
    public bool Is(string place) => (Points(place) + ".").StartsWith(Own + ".", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether this field stands in a place in a JSON document.</summary>
    /// <param name="place">Such as <c>data.columns[0]</c>; empty: the whole document, of which no field is the reason.</param>
    public bool IsWithin(string place) => place.Length > 0 && Own.StartsWith(Points(place) + ".", StringComparison.OrdinalIgnoreCase);

    private string Own => string.Join('.', Path);

    private static string Points(string place) => place.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
}

/// <summary>Lays a field over a document. Names are found whatever their case, since environment variables often have one case only.</summary>
internal static class Overlay
{
    /// <summary>More than any list of a configuration, so that a number like 1000000000 does not make one of that length.</summary>
    private const int LongestList = 1024;

    /// <summary>Sets a field.</summary>
    /// <param name="document">The document.</param>
    /// <param name="setting">The field.</param>
    /// <param name="replaces">Whether a value that is there already gives way.</param>
    /// <exception cref="ConfigurationException">The field stands in something that has no fields.</exception>
    public static void Apply(JsonObject document, Setting setting, bool replaces)
    {
        JsonNode node = document;
        for (var depth = 0; ; depth++)
        {
            var name = setting.Path[depth];
            var isLast = depth == setting.Path.Length - 1;
            var inner = node switch
            {
                JsonObject fields => Find(fields, name),
                JsonArray list => Index(list, name, setting) < list.Count ? list[Index(list, name, setting)] : null,
                _ => throw NoFields(setting),
            };
            if (isLast)
            {
                if (inner is null || replaces) Set(node, name, setting.Value?.DeepClone(), setting);
                return;
            }

            if (inner is null)
            {
                inner = setting.Path[depth + 1].All(char.IsAsciiDigit) ? new JsonArray() : new JsonObject();
                Set(node, name, inner, setting);
            }

            node = inner;
        }
    }

    private static JsonNode? Find(JsonObject fields, string name) => fields.FirstOrDefault(member => member.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    private static void Set(JsonNode node, string name, JsonNode? value, Setting setting)
    {
        if (node is JsonObject fields)
        {
            var existing = fields.Select(member => member.Key).FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
            fields[existing ?? JsonNamingPolicy.CamelCase.ConvertName(name)] = value;
            return;
        }

        var list = (JsonArray)node;
        var index = Index(list, name, setting);
        if (index < list.Count) list[index] = value;
        else list.Add(value);
    }

    private static int Index(JsonArray list, string name, Setting setting) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= list.Count && index < LongestList ? index : throw NoFields(setting);

    private static ConfigurationException NoFields(Setting setting) => new(Messages.SettingWithoutPlace(setting.Origin));
}
