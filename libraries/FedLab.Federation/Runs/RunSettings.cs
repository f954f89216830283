using System.Globalization;
using FedLab.Federation.Experiments;
using FedLab.Learning;

namespace FedLab.Federation.Runs;

/// <summary>The settings of a specification, parsed: the learner's and the protocol's.</summary>
/// <param name="Trees">Settings of the learner.</param>
/// <param name="LinkBitsPerSecond">Speed of the line between institutions that the scan's cost model assumes, in bits a second; null to measure it.</param>
public sealed record RunSettings(TreeParameters Trees, double? LinkBitsPerSecond)
{
    /// <summary>Name of the setting of the line's speed, such as <c>link=10Mbit</c>.</summary>
    public const string Link = "link";

    private static readonly (string Suffix, double Factor)[] Units = [("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3)];

    /// <summary>Names of all settings.</summary>
    public static IReadOnlyCollection<string> Names => [.. TreeParameters.SettingNames, Link];

    /// <summary>Parses the settings.</summary>
    /// <param name="settings">Names and values as on the command line.</param>
    /// <exception cref="LearningException">A setting of the learner is unknown or out of range.</exception>
    /// <exception cref="ProtocolException">A setting of the protocol is malformed.</exception>
    public static RunSettings Parse(IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var trees = TreeParameters.Parse(settings.Where(setting => setting.Key != Link).ToDictionary(StringComparer.Ordinal));
        return new RunSettings(trees, settings.TryGetValue(Link, out var link) ? ParseLink(link) : null);
    }

    /// <summary>All settings with their defaults, sorted by name.</summary>
    public IReadOnlyDictionary<string, string> ToSettings() =>
        new SortedDictionary<string, string>(Trees.ToSettings().ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>
    /// SHA-256 of what defines the model: the specification with every setting of the learner, defaults included, and none of
    /// the protocol's. Writing a default out, or another line's speed, gives the same model and the same hash.
    /// </summary>
    /// <param name="spec">The specification.</param>
    public static byte[] DefinitionHash(ExperimentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (spec with { Settings = Parse(spec.Settings).ToSettings() }).Hash();
    }

    private static double ParseLink(string text)
    {
        foreach (var (suffix, factor) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            if (double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > 0 && value * factor is >= 1e3 and <= 1e12) return value * factor;
        }
        throw ProtocolErrors.LinkInvalid(text);
    }
}

/// <summary>The identity of a row by which it is sampled: the same whatever the order of the rows.</summary>
public static class RowIdentity
{
    /// <summary>The first eight bytes of SHA-256 of the normalised key, big-endian.</summary>
    /// <param name="key">Normalised key.</param>
    public static ulong Of(string key) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)));

    /// <summary>The rows of the test fold: those whose key's SHA-256, as a big-endian integer, is the fold's number modulo the number of folds.</summary>
    /// <param name="keys">Normalised keys.</param>
    /// <param name="test">The fold.</param>
    internal static bool[] TestFold(IReadOnlyList<string> keys, TestRows test)
    {
        var mask = new bool[keys.Count];
        for (var row = 0; row < mask.Length; row++)
        {
            var remainder = 0L;
            foreach (var digit in System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(keys[row]))) remainder = ((remainder << 8) + digit) % test.Of;
            mask[row] = remainder == test.Fold;
        }
        return mask;
    }
}
