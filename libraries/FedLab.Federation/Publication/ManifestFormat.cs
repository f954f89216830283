using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Publication;

/// <summary>The canonical bytes of a manifest, of either federation: equal manifests have equal bytes.</summary>
internal static class ManifestFormat
{
    private const int MaximumBytes = 64 << 20;
    private const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
        MaxDepth = 16,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    };

    public static byte[] ToBytes<T>(T manifest) => [.. JsonSerializer.SerializeToUtf8Bytes(manifest, Json), (byte)'\n'];

    /// <exception cref="ProtocolException">The text is malformed, too large, or of another version.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> utf8, Func<T, int> versionOf)
    {
        if (utf8.Length > MaximumBytes) throw ProtocolErrors.ManifestTooLarge(utf8.Length, MaximumBytes);
        try
        {
            var manifest = JsonSerializer.Deserialize<T>(utf8, Json) ?? throw ProtocolErrors.ManifestEmpty();
            return versionOf(manifest) is var version && version == CurrentVersion ? manifest : throw ProtocolErrors.ManifestVersion(version);
        }
        catch (JsonException e)
        {
            throw ProtocolErrors.ManifestMalformed(JsonCause.Of(utf8, typeof(T), Json, e), e);
        }
    }
}
