using System.Text.Encodings.Web;
using System.Text.Json;

namespace FedLab.Cli.Display;

/// <summary>JSON as the commands print it.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of an object.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The object.</param>
    public static string Serialize<T>(T value) => JsonSerializer.Serialize(value, Options);
}
