using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace FedLab.Learning;

/// <content>The canonical JSON form.</content>
public abstract partial class CreditModel
{
    /// <summary>Longest JSON that <see cref="Parse"/> reads, in bytes: a thousand deep trees fit.</summary>
    public const int MaximumJsonBytes = 256 << 20;

    private const string Format = "fedlab-credit-model";
    private const int Version = 1;

    // A model file is read by people too: Chinese names stay Chinese.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>
    /// The model as JSON without white space; the same model gives the same bytes, and every number is read back to the same double.
    /// <code>
    /// {"format":"fedlab-credit-model","version":1,"kind":"trees","features":[{"name":"age"},{"name":"sector","categories":["C","F"]}],
    ///  "ensemble":{"baseMargin":-1.2,"trees":[{"nodes":[{"source":0,"record":0,"left":1,"right":2},{"weight":0.1},{"weight":-0.2}]}]},
    ///  "rules":[{"feature":"age","kind":"threshold","threshold":41.5,"missingLeft":false}]}
    /// {"format":"fedlab-credit-model","version":1,"kind":"logistic","features":[…],"intercept":-2.5,
    ///  "terms":[{"feature":"age","coefficient":-0.03,"imputed":44.2,"lower":21,"upper":null,"missingCoefficient":0.1},
    ///           {"feature":"sector","categories":["C","F"],"coefficients":[0,0.4],"otherCoefficient":0}]}
    /// </code>
    /// </summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("format"u8, Format);
            writer.WriteNumber("version"u8, Version);
            writer.WriteString("kind"u8, Kind);
            writer.WriteStartArray("features"u8);
            foreach (var feature in _features)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, feature.Name);
                if (feature.Categories is { } categories)
                    ModelJson.WriteTexts(writer, "categories", categories);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            WriteBody(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a model file: what <see cref="ToJson"/> wrote, with or without white space.</summary>
    /// <param name="json">The file's bytes, UTF-8.</param>
    /// <exception cref="LearningException">The bytes are not such a model; the message names the field and what is wrong with it.</exception>
    public static CreditModel Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaximumJsonBytes)
            throw Messages.ModelMalformed(Messages.Detail.FileTooLong(MaximumJsonBytes >> 20));
        using var document = ModelJson.Open(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw Messages.ModelMalformed(Messages.Detail.NotAnObject);
        if (!root.TryGetProperty("format"u8, out _) || ModelJson.Text(root, "format", "model") != Format)
            throw Messages.ModelMalformed(Messages.Detail.NotAModelFile);
        if (ModelJson.Integer(root, "version", "model") is var version && version != Version)
            throw Messages.ModelMalformed(Messages.Detail.OtherVersion(version, Version));
        var kind = ModelJson.Text(root, "kind", "model");
        return kind switch
        {
            TreesModel.KindName => TreesModel.Read(root, ReadFeatures(root)),
            LogisticCreditModel.KindName => LogisticCreditModel.Read(root, ReadFeatures(root)),
            _ => throw Messages.ModelMalformed(Messages.Detail.FieldNotOneOf("model.kind", $"{LogisticCreditModel.KindName}, {TreesModel.KindName}")),
        };
    }

    /// <summary>Writes the fields after the features.</summary>
    private protected abstract void WriteBody(Utf8JsonWriter writer);

    private static FeatureDefinition[] ReadFeatures(JsonElement root)
    {
        var elements = ModelJson.Array(root, "features", "model", MaximumFeatures);
        var features = new FeatureDefinition[elements.Length];
        for (var i = 0; i < features.Length; i++)
        {
            var where = $"model.features[{i}]";
            var isText = elements[i].ValueKind == JsonValueKind.Object && elements[i].TryGetProperty("categories"u8, out _);
            ModelJson.CheckFields(elements[i], where, isText ? 2 : 1);
            features[i] = new FeatureDefinition(ModelJson.Text(elements[i], "name", where), isText ? ModelJson.Texts(elements[i], "categories", where, MaximumCategories) : null);
        }

        return FeatureFault(features) is { } fault ? throw Messages.ModelMalformed(fault) : features;
    }
}
