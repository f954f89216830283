using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using FedLab.Federation.Wire;

namespace FedLab.Federation.Remote;

/// <summary>A setting, flag or configuration file is wrong; the message names the file, the field and the fix. Programs exit with code 2.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One sentence for people.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public ConfigurationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>Reads the programs' JSON configuration strictly: every field must be known, no field may stand twice.</summary>
public static class ConfigurationFile
{
    // Room for a catalogue that describes thousands of columns.
    private const int MaximumBytes = 2 << 20;

    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 16,
        // A layer that knows only text, such as the environment, sets numbers and switches too.
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        Converters = { new SwitchConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly JsonDocumentOptions StrictDocument = new() { AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 16 };

    /// <summary>Reads a file.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="path">The file.</param>
    /// <exception cref="ConfigurationException">It is missing, too large or malformed, or has a field that does not exist; the message names it.</exception>
    public static T Read<T>(string path)
        where T : class => Parse<T>(ReadBytes(path), _ => path);

    /// <summary>Reads a file as a document whose fields are not yet judged.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ConfigurationException">It is missing, too large or not a JSON object.</exception>
    public static JsonObject ReadObject(string path)
    {
        var content = ReadBytes(path);
        try
        {
            return JsonNode.Parse(content, nodeOptions: null, StrictDocument) as JsonObject ?? throw Malformed(content, type: null, _ => path, cause: null);
        }
        catch (JsonException e)
        {
            throw Malformed(content, type: null, _ => path, e);
        }
    }

    /// <summary>Reads a document strictly.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="document">JSON in UTF-8.</param>
    /// <param name="originOf">Where a field comes from, for the message; the field is empty when it is the whole document.</param>
    /// <exception cref="ConfigurationException">It is malformed or has a field that does not exist; the message names it.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> document, Func<string, string> originOf)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(originOf);
        try
        {
            return JsonSerializer.Deserialize<T>(document.Span, Strict) ?? throw Malformed(document, typeof(T), originOf, cause: null);
        }
        catch (JsonException e)
        {
            throw Malformed(document, typeof(T), originOf, e);
        }
    }

    private static ConfigurationException Malformed(ReadOnlyMemory<byte> document, Type? type, Func<string, string> originOf, JsonException? cause)
    {
        var (field, problem) = JsonFaults.Find(document, type, Strict) ?? new JsonFault(cause?.Path is { Length: > 2 } path ? path[2..] : "", LabMessages.DoesNotFit);
        return new ConfigurationException(LabMessages.ConfigurationMalformed(originOf(field), (field.Length > 0 ? LabMessages.AtField(field) : "") + problem), cause);
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new ConfigurationException(LabMessages.FileMissing(path));
            if (file.Length > MaximumBytes) throw new ConfigurationException(LabMessages.FileTooLarge(path, file.Length, MaximumBytes));
            var content = File.ReadAllBytes(path);
            if (!Utf8.IsValid(content)) throw new ConfigurationException(LabMessages.ConfigurationMalformed(path, LabMessages.NotUtf8));
            // Some editors begin with a byte order mark, which JSON does not know.
            return content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content[Encoding.UTF8.Preamble.Length..] : content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(LabMessages.FileUnreadable(path), e);
        }
    }

    /// <summary>true and false, also as texts.</summary>
    private sealed class SwitchConverter : JsonConverter<bool>
    {
        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.String when bool.TryParse(reader.GetString(), out var value) => value,
            _ => throw new JsonException(),
        };

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
    }
}
