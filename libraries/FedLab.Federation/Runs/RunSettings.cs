using System.Globalization;
using FedLab.Federation.Experiments;
using FedLab.Learning;

namespace FedLab.Federation.Runs;

/// <summary>The settings of a specification, parsed: the learner's and the protocol's.</summary>
public sealed record RunSettings
{
    /// <summary>Name of the setting of the line's speed in a vertical run, such as <c>link=10Mbit</c>.</summary>
    public const string Link = "link";

    /// <summary>Name of the setting of a horizontal run that says how many banks suffice to go on, such as <c>threshold=3</c>.</summary>
    public const string ThresholdName = "threshold";

    private static readonly (string Suffix, double Factor)[] Units = [("Gbit", 1e9), ("Mbit", 1e6), ("kbit", 1e3)];

    private readonly TreeParameters? _trees;
    private readonly LogisticParameters? _logistic;

    private RunSettings(TreeParameters? trees, LogisticParameters? logistic) => (_trees, _logistic) = (trees, logistic);

    /// <summary>Settings of the learner of trees.</summary>
    /// <exception cref="InvalidOperationException">The model is a logistic regression.</exception>
    public TreeParameters Trees => _trees ?? throw new InvalidOperationException("The model is a logistic regression.");

    /// <summary>Settings of logistic regression; null where the model is trees.</summary>
    public LogisticParameters? Logistic => _logistic;

    /// <summary>Speed of the line between institutions that the scan's cost model assumes, in bits a second; null to measure it.</summary>
    public double? LinkBitsPerSecond { get; private init; }

    /// <summary>How many banks suffice to go on; null for all of them.</summary>
    public int? Threshold { get; private init; }

    /// <summary>Names of all settings of a kind of experiment.</summary>
    /// <param name="model">Kind of model.</param>
    /// <param name="isHorizontal">Whether it is between banks.</param>
    public static IReadOnlyCollection<string> NamesOf(string model, bool isHorizontal) =>
        [.. model == ExperimentSpec.Logistic ? LogisticParameters.SettingNames : TreeParameters.SettingNames, isHorizontal ? ThresholdName : Link];

    /// <summary>Parses the settings of an experiment.</summary>
    /// <param name="spec">The experiment.</param>
    /// <exception cref="LearningException">A setting of the learner is unknown or out of range.</exception>
    /// <exception cref="ProtocolException">A setting of the protocol is malformed.</exception>
    public static RunSettings Parse(ExperimentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Parse(spec.Settings, spec.Model, spec.IsHorizontal ? spec.Parties.Count : null);
    }

    /// <summary>Parses settings before there is an experiment.</summary>
    /// <param name="settings">Names and values as on the command line.</param>
    /// <param name="model">Kind of model.</param>
    /// <param name="banks">Number of banks; null for a vertical experiment.</param>
    /// <exception cref="LearningException">A setting of the learner is unknown or out of range.</exception>
    /// <exception cref="ProtocolException">A setting of the protocol is malformed.</exception>
    public static RunSettings Parse(IReadOnlyDictionary<string, string> settings, string model, int? banks)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var ofProtocol = banks is null ? Link : ThresholdName;
        var ofLearner = settings.Where(setting => setting.Key != ofProtocol).ToDictionary(StringComparer.Ordinal);
        RequireOwn(settings.Keys, model, banks is not null);
        var parsed = model == ExperimentSpec.Logistic
            ? new RunSettings(null, LogisticParameters.Parse(ofLearner, ofProtocol))
            : new RunSettings(TreeParameters.Parse(ofLearner, ofProtocol), null);
        return !settings.TryGetValue(ofProtocol, out var text) ? parsed
            : banks is { } count ? parsed with { Threshold = ParseThreshold(text, count) }
            : parsed with { LinkBitsPerSecond = ParseLink(text) };
    }

    /// <summary>All settings with their defaults, sorted by name.</summary>
    public IReadOnlyDictionary<string, string> ToSettings() =>
        new SortedDictionary<string, string>((_logistic?.ToSettings() ?? Trees.ToSettings()).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>What the learner needs of its sums.</summary>
    /// <param name="features">The data dictionary.</param>
    internal SumCapacity CapacityFor(IReadOnlyList<FeatureDefinition> features) =>
        _logistic is { } logistic ? new LogisticTrainer(logistic).CapacityFor(features) : HorizontalTrainer.CapacityFor(Trees, features);

    /// <summary>
    /// SHA-256 of what defines the model: the specification with every setting of the learner, defaults included, and none of
    /// the protocol's. Writing a default out, or another line's speed, gives the same model and the same hash.
    /// </summary>
    /// <param name="spec">The specification.</param>
    public static byte[] DefinitionHash(ExperimentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (spec with { Settings = Parse(spec).ToSettings() }).Hash();
    }

    /// <summary>Refuses a setting that exists, but of the other kind of model or federation; no name like it would be what the user meant.</summary>
    private static void RequireOwn(IEnumerable<string> names, string model, bool isHorizontal)
    {
        var own = NamesOf(model, isHorizontal);
        var otherModel = model == ExperimentSpec.Logistic ? ExperimentSpec.Trees : ExperimentSpec.Logistic;
        foreach (var name in names.Except(own, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (name == (isHorizontal ? Link : ThresholdName)) throw isHorizontal ? ProtocolErrors.SettingBetweenSources(name) : ProtocolErrors.SettingBetweenBanks(name);
            if (NamesOf(otherModel, isHorizontal).Contains(name, StringComparer.Ordinal)) throw ProtocolErrors.SettingOfOtherModel(name, otherModel, model, string.Join(", ", own));
        }
    }

    private static int ParseThreshold(string text, int banks) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 2 && value <= banks ? value : throw ProtocolErrors.ThresholdInvalid(text, banks);

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
