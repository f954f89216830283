using System.Text.Json;
using System.Text.Json.Serialization;
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
    private const int MaximumBytes = 256 * 1024;

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
    };

    /// <summary>Reads a file.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="path">The file.</param>
    /// <exception cref="ConfigurationException">It is missing, too large or malformed, or has a field that does not exist; the message names it.</exception>
    public static T Read<T>(string path)
        where T : class
    {
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new ConfigurationException(LabMessages.FileMissing(path));
            if (file.Length > MaximumBytes) throw new ConfigurationException(LabMessages.FileTooLarge(path, file.Length, MaximumBytes));
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException(LabMessages.FileUnreadable(path), e);
        }
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Strict) ?? throw new ConfigurationException(LabMessages.ConfigurationMalformed(path, "null"));
        }
        catch (JsonException e)
        {
            throw new ConfigurationException(LabMessages.ConfigurationMalformed(path, JsonCause.Of(e)), e);
        }
    }
}
