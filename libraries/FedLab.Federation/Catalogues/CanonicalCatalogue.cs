using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FedLab.Proto;

namespace FedLab.Federation.Catalogues;

/// <summary>
/// The one text of a catalogue, so that all who keep it can compare hashes: JSON in the canonical form of RFC 8785, without the members that are empty.
/// <code>{"features":[{"kind":"number","name":"age","title":"Age","titleZh":"年龄","unit":"天"}],"rows":3,"title":"Bank","titleZh":"银行"}</code>
/// </summary>
public static class CanonicalCatalogue
{
    /// <summary>The text in UTF-8.</summary>
    /// <param name="catalogue">A catalogue that <see cref="CatalogueRules"/> allow.</param>
    public static byte[] ToBytes(DataCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        var text = new StringBuilder(64 + (catalogue.Features.Count * 96));
        text.Append("{\"features\":[");
        var first = true;
        foreach (var feature in catalogue.Features)
        {
            text.Append(first ? "{" : ",{");
            first = false;
            text.Append("\"kind\":\"").Append(NameOf(feature.Kind)).Append('"');
            Append(text, "name", feature.Name);
            Append(text, "title", feature.Title);
            Append(text, "titleZh", feature.TitleZh);
            Append(text, "unit", feature.Unit);
            text.Append('}');
        }
        text.Append(']');
        if (catalogue.HasRows) text.Append(CultureInfo.InvariantCulture, $",\"rows\":{catalogue.Rows}");
        Append(text, "title", catalogue.Title);
        Append(text, "titleZh", catalogue.TitleZh);
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    /// <summary>SHA-256 of the text, 32 bytes.</summary>
    /// <param name="catalogue">A catalogue that <see cref="CatalogueRules"/> allow.</param>
    public static byte[] Hash(DataCatalogue catalogue) => SHA256.HashData(ToBytes(catalogue));

    /// <summary>The word for a kind: number, text or label.</summary>
    /// <param name="kind">The kind.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static string NameOf(PublishedKind kind) => kind switch
    {
        PublishedKind.Number => "number",
        PublishedKind.Text => "text",
        PublishedKind.Label => "label",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Adds a member that is not empty. Control characters are not allowed in a catalogue, so these two are all that JSON wants escaped.</summary>
    private static void Append(StringBuilder text, string name, string value)
    {
        if (value.Length == 0) return;
        text.Append(",\"").Append(name).Append("\":\"").Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
    }
}
