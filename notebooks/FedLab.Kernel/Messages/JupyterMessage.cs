using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedLab.Kernel.Messages;

/// <summary>
/// One message of the Jupyter protocol 5.3. On the wire: routing identities, <c>&lt;IDS|MSG&gt;</c>, signature, header, parent header, metadata,
/// content, buffers (which nothing here uses).
/// </summary>
/// <param name="Identities">Where an answer goes; the topic of an output.</param>
/// <param name="Header">Who sent what and when.</param>
/// <param name="Parent">The header of the request that it belongs to; empty where there is none.</param>
/// <param name="Metadata">What else is known about it.</param>
/// <param name="Content">What it says.</param>
internal sealed record JupyterMessage(IReadOnlyList<byte[]> Identities, JsonObject Header, JsonObject Parent, JsonObject Metadata, JsonObject Content)
{
    /// <summary>The version of the protocol.</summary>
    public const string ProtocolVersion = "5.3";

    private const int Parts = 4;

    private static readonly byte[] Delimiter = [.. "<IDS|MSG>"u8];

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>What kind of message it is, as <c>execute_request</c>.</summary>
    public string Type => Header.Text("msg_type");

    /// <summary>The name of the message.</summary>
    public string Id => Header.Text("msg_id");

    /// <summary>The frames of the message.</summary>
    /// <param name="signer">Signs it.</param>
    public IReadOnlyList<byte[]> Encode(MessageSigner signer)
    {
        byte[][] parts = [Bytes(Header), Bytes(Parent), Bytes(Metadata), Bytes(Content)];
        return [.. Identities, Delimiter, signer.Sign(parts), .. parts];
    }

    /// <summary>Reads a message.</summary>
    /// <param name="frames">The frames as they came.</param>
    /// <param name="signer">Knows the key.</param>
    /// <param name="message">The message.</param>
    /// <returns>Whether it is one: signed with the key, not a repetition, four JSON objects.</returns>
    public static bool TryDecode(IReadOnlyList<byte[]> frames, MessageSigner signer, [NotNullWhen(true)] out JupyterMessage? message)
    {
        message = null;
        var at = 0;
        while (at < frames.Count && !frames[at].AsSpan().SequenceEqual(Delimiter)) at++;
        if (frames.Count < at + 2 + Parts) return false;
        byte[][] parts = [.. frames.Skip(at + 2).Take(Parts)];
        // Nothing is parsed before its sender has shown that it knows the key.
        if (!signer.Accept(frames[at + 1], parts)) return false;
        try
        {
            if (Parse(parts[0]) is not { } header || Parse(parts[1]) is not { } parent || Parse(parts[2]) is not { } metadata || Parse(parts[3]) is not { } content) return false;
            message = new([.. frames.Take(at)], header, parent, metadata, content);
            return message.Type.Length > 0;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[] Bytes(JsonObject node) => JsonSerializer.SerializeToUtf8Bytes(node, Relaxed);

    private static JsonObject? Parse(byte[] utf8) => JsonNode.Parse(utf8, documentOptions: Strict) as JsonObject;
}

/// <summary>Reads the fields of messages; what is missing or of another type has the value that the protocol gives it by default.</summary>
internal static class JsonFields
{
    /// <summary>A text.</summary>
    /// <param name="fields">The object.</param>
    /// <param name="name">The field.</param>
    /// <param name="otherwise">Its value where it is none.</param>
    public static string Text(this JsonObject fields, string name, string otherwise = "")
    {
        if (fields[name] is not JsonValue value || value.GetValueKind() != JsonValueKind.String) return otherwise;
        try
        {
            return value.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            return otherwise; // Half of a surrogate pair, which JSON can write and UTF-8 cannot.
        }
    }

    /// <summary>A truth.</summary>
    /// <param name="fields">The object.</param>
    /// <param name="name">The field.</param>
    /// <param name="otherwise">Its value where it is none.</param>
    public static bool Flag(this JsonObject fields, string name, bool otherwise) => fields[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : otherwise;

    /// <summary>A whole number.</summary>
    /// <param name="fields">The object.</param>
    /// <param name="name">The field.</param>
    /// <param name="otherwise">Its value where it is none.</param>
    [return: NotNullIfNotNull(nameof(otherwise))]
    public static int? Number(this JsonObject fields, string name, int? otherwise) => fields[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : otherwise;
}
