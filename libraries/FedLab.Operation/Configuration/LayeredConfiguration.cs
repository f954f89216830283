using System.Text.Json;
using System.Text.Json.Nodes;
using FedLab.Federation.Remote;
using Microsoft.Extensions.Configuration;

namespace FedLab.Operation.Configuration;

/// <summary>
/// A program's configuration in layers, each over the one before:
/// <code>
///   appsettings.json beside the program, section "FedLab"     what holds for every home of a site or an image
///   coordinator.json or participant.json in the home          what holds for this one
///   environment  FedLab__Data__Postgres__Host=db              what the container's platform sets
///   command line --set data.postgres.host=db                  what this start sets
/// </code>
/// What comes of it is read as strictly as a file alone: a field that does not exist, or of the wrong kind, is named together with the
/// layer that it came from.
/// </summary>
public static class LayeredConfiguration
{
    /// <summary>Name of the file beside the program.</summary>
    public const string SiteFile = "appsettings.json";

    /// <summary>The section of that file, and the beginning of the names of environment variables.</summary>
    public const string Section = "FedLab";

    private const string Separator = "__";

    /// <summary>Reads and joins all layers.</summary>
    /// <typeparam name="T">What they describe.</typeparam>
    /// <param name="path">The home's file, which must exist.</param>
    /// <param name="settings">The command line's settings, each <c>field=value</c> with the parts of the field separated by points.</param>
    /// <param name="siteFolder">Folder of <see cref="SiteFile"/>; the program's by default.</param>
    /// <returns>What they say together, and a name for it in messages: the file, and what lies over it.</returns>
    /// <exception cref="ConfigurationException">A layer is malformed or has a field that does not exist; the message names it.</exception>
    public static (T Options, string Source) Read<T>(string path, IReadOnlyList<string> settings, string? siteFolder = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(settings);
        var site = Path.Combine(siteFolder ?? AppContext.BaseDirectory, SiteFile);
        var layers = new List<Setting>();
        layers.AddRange(FromSite(site));
        var below = layers.Count;
        layers.AddRange(FromEnvironment());
        layers.AddRange(settings.Select(FromCommandLine));
        if (layers.Count == 0) return (ConfigurationFile.Read<T>(path), path);

        var joined = ConfigurationFile.ReadObject(path);
        for (var i = 0; i < layers.Count; i++) Overlay.Apply(joined, layers[i], replaces: i >= below);
        var source = below == layers.Count ? path : $"{path} ({string.Join(", ", layers.Skip(below).Select(layer => layer.Origin))})";
        // A field that should be a value is wrong for what a layer sets within it.
        return (ConfigurationFile.Parse<T>(JsonSerializer.SerializeToUtf8Bytes(joined), field => (layers.FindLast(layer => layer.Is(field)) ?? layers.FindLast(layer => layer.IsWithin(field)))?.Origin ?? path), source);
    }

    private static IEnumerable<Setting> FromSite(string path)
    {
        if (!File.Exists(path)) return [];
        // The framework's own sections stand there too, such as Logging and Kestrel; they are not ours.
        var section = ConfigurationFile.ReadObject(path).FirstOrDefault(member => member.Key.Equals(Section, StringComparison.OrdinalIgnoreCase)).Value;
        if (section is null) return [];
        return section is JsonObject ours ? Leaves(ours, []) : throw new ConfigurationException(Messages.SectionNotAnObject(path, Section));

        IEnumerable<Setting> Leaves(JsonObject node, string[] parents) => node.SelectMany(member => member.Value is JsonObject inner
            ? Leaves(inner, [.. parents, member.Key])
            : [new Setting([.. parents, member.Key], member.Value?.DeepClone(), path)]);
    }

    private static IEnumerable<Setting> FromEnvironment() =>
        from pair in new ConfigurationBuilder().AddEnvironmentVariables(Section + Separator).Build().AsEnumerable()
        where pair.Value is not null
        orderby pair.Key
        select new Setting(pair.Key.Split(ConfigurationPath.KeyDelimiter), JsonValue.Create(pair.Value), Section + Separator + pair.Key.Replace(ConfigurationPath.KeyDelimiter, Separator, StringComparison.Ordinal));

    private static Setting FromCommandLine(string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new ConfigurationException(Messages.SettingMalformed(setting));
        var parts = setting[..equals].Split('.');
        return parts.All(part => part.Length > 0) ? new Setting(parts, JsonValue.Create(setting[(equals + 1)..]), "--set " + setting[..equals]) : throw new ConfigurationException(Messages.SettingMalformed(setting));
    }
}
