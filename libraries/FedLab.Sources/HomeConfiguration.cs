using System.Text.Json.Serialization;
using FedLab.Data;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;

namespace FedLab.Sources;

/// <summary>
/// What an institution's own tools read of its participant's configuration, such as a notebook that looks at the rows which experiments use: with the layers and
/// checks with which the participant reads it, so that both see the same rows. The other sections are the participant's to judge.
/// </summary>
public static class HomeConfiguration
{
    /// <summary>Name of the configuration in the home folder.</summary>
    public const string FileName = "participant.json";

    /// <summary>Reads the name of the institution.</summary>
    /// <param name="folder">The home folder.</param>
    /// <exception cref="ConfigurationException">The configuration is missing or malformed or has no name.</exception>
    public static string ReadName(string folder) => LayeredConfiguration.Read<NamePart>(Path.Combine(folder, FileName), []).Options.Name;

    /// <summary>Reads where the rows are and what their columns are. Opens nothing, but reads the password of a database.</summary>
    /// <param name="folder">The home folder.</param>
    /// <exception cref="ConfigurationException">The configuration is missing or its section <c>data</c> is wrong, or the password is not where it says; the message names the field.</exception>
    public static DataSourceOptions ReadSource(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var (options, source) = LayeredConfiguration.Read<DataPart>(path, []);
        options.Data.Check((field, problem) => new ConfigurationException(Messages.FieldInvalid(source, field, problem)));
        return options.Data.ToSource(folder, path);
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record NamePart
    {
        public required string Name { get; init; }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
    private sealed record DataPart
    {
        public required DataOptions Data { get; init; }
    }
}
