using System.Text.Json;

namespace FedLab.Federation.Wire;

/// <summary>What a person needs to know of JSON that could not be read: where, and the serializer's words.</summary>
internal static class JsonCause
{
    /// <summary>Field or line, then the cause.</summary>
    public static string Of(JsonException e)
    {
        var at = e.Path is { Length: > 2 } where ? LabMessages.AtField(where[2..]) : e.LineNumber is { } line ? LabMessages.AtLine(line + 1) : "";
        // Without the tail that repeats path and position.
        var end = e.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        return at + (end < 0 ? e.Message : e.Message[..end]);
    }
}
