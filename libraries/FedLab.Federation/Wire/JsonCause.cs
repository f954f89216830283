using System.Text.Json;

namespace FedLab.Federation.Wire;

/// <summary>What a person needs to know of JSON that could not be read: the field, and what is wrong with it.</summary>
internal static class JsonCause
{
    /// <summary>Field, then the cause.</summary>
    /// <param name="utf8">The text that was refused.</param>
    /// <param name="type">What it should describe; null: any object.</param>
    /// <param name="options">How it was read.</param>
    /// <param name="e">The serializer's complaint, for its place where nothing more is known.</param>
    public static string Of(ReadOnlySpan<byte> utf8, Type? type, JsonSerializerOptions options, JsonException? e)
    {
        if (JsonFaults.Find(utf8.ToArray(), type, options) is { } fault) return At(fault.Field) + fault.Problem;
        return e?.Path is { Length: > 2 } path ? At(path[2..]) + LabMessages.DoesNotFit : LabMessages.SomethingDoesNotFit;
    }

    private static string At(string field) => field.Length > 0 ? LabMessages.AtField(field) : "";
}
