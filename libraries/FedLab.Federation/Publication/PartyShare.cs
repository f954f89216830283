using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Publication;

/// <summary>
/// What a party keeps of the joint model, and nobody else has: a source its thresholds, the active party its own and the trees
/// with their leaf weights. The manifest holds its hash.
/// </summary>
/// <param name="Party">The party.</param>
/// <param name="Salt">Secret salt, so that the published hash cannot be guessed.</param>
/// <param name="Records">The party's own splits by record number.</param>
/// <param name="Ensemble">The trees; the active party's share only.</param>
public sealed record PartyShare(string Party, byte[] Salt, IReadOnlyList<SplitRule> Records, TreeEnsemble? Ensemble)
{
    /// <summary>Name of the file in a run's store.</summary>
    public const string FileName = "share.json";

    /// <summary>The canonical bytes.</summary>
    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteString("party", Party);
            json.WriteBase64String("salt", Salt);
            WriteRecords(json, Records);
            if (Ensemble is not null)
            {
                json.WritePropertyName("ensemble");
                json.WriteRawValue(Ensemble.ToJson());
            }
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>SHA-256 of the canonical bytes.</summary>
    public byte[] Hash() => SHA256.HashData(ToBytes());

    private static readonly JsonSerializerOptions Json = new() { MaxDepth = 32 };

    /// <summary>Reads a share.</summary>
    /// <param name="utf8">JSON text.</param>
    /// <exception cref="ProtocolException">It is malformed.</exception>
    public static PartyShare Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = Json.MaxDepth });
            var root = document.RootElement;
            if (root.GetProperty("version").GetInt32() != 1) throw ProtocolErrors.ShareVersion();
            var ensemble = root.TryGetProperty("ensemble", out var trees) ? TreeEnsemble.FromJson(JsonSerializer.SerializeToUtf8Bytes(trees)) : null;
            return new PartyShare(root.GetProperty("party").GetString() ?? "", root.GetProperty("salt").GetBytesFromBase64(), ReadRecords(root), ensemble);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or LearningException)
        {
            throw ProtocolErrors.ShareMalformed(e is LearningException ? e.Message : JsonCause.Of(utf8.Span, type: null, Json, e as JsonException), e);
        }
    }

    internal static void WriteRecords(Utf8JsonWriter json, IEnumerable<SplitRule> records)
    {
        json.WriteStartArray("records");
        foreach (var record in records) record.WriteTo(json);
        json.WriteEndArray();
    }

    internal static IReadOnlyList<SplitRule> ReadRecords(JsonElement root) => [.. root.GetProperty("records").EnumerateArray().Select(SplitRule.Read)];
}
