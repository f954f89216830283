using System.Globalization;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Client.Plans;

/// <summary>A simulation that has been checked as far as that is possible without reading the files' rows.</summary>
public sealed class SimulationPlan
{
    /// <summary>The smallest cohort that participants accept where nothing else is said, in rows.</summary>
    public const int DefaultMinimumCohort = 10;

    private const int MaximumParties = 32;
    private const int MaximumPartyNameLength = 64;
    private const int MaximumFolds = 1000;
    private const int MaximumMinimumCohort = 1_000_000;
    private const int MaximumPort = 65535;

    // Folder and certificate names of the lab's own programs.
    private static readonly string[] ReservedNames = ["coordinator", "lead", "authority"];

    private SimulationPlan(IReadOnlyList<PartyFile> parties, TreeParameters parameters, IReadOnlyDictionary<string, string> settings, TestRows test, int minimumCohort, int? port)
    {
        Parties = parties;
        Parameters = parameters;
        Settings = settings;
        Test = test;
        MinimumCohort = minimumCohort;
        Port = port;
    }

    /// <summary>The parties, the active one first, then the sources in the order given.</summary>
    public IReadOnlyList<PartyFile> Parties { get; }

    /// <summary>The party with the label.</summary>
    public PartyFile Active => Parties[0];

    /// <summary>Settings of the learner.</summary>
    public TreeParameters Parameters { get; }

    /// <summary>The settings as given, sorted by name, as they go into the specification.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Which rows are held out.</summary>
    public TestRows Test { get; }

    /// <summary>Smallest number of rows on either side of a source's split.</summary>
    public int MinimumCohort { get; }

    /// <summary>Port of the coordinator; null for a free one.</summary>
    public int? Port { get; }

    /// <summary>Checks what was typed.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ClientException">Something is wrong; the message names the option and what to do.</exception>
    public static SimulationPlan Create(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Model != "trees") throw ClientException.Usage(Messages.ModelUnknown(options.Model));
        var files = ParseParties(options.Parties);
        var names = files.Keys.ToArray();
        var keys = ParseKeys(options.Keys, names);
        var label = ParseLabel(options.Label, names);
        var optional = ParseOptional(options.Optional, names, label.Party);
        var (test, testColumn) = ParseTest(options, names, label.Party);
        var categorical = options.Categorical.Select(text => ColumnReference.Parse("--categorical", text, names)).ToArray();
        var excluded = options.Exclude.Select(text => ColumnReference.Parse("--exclude", text, names)).ToArray();
        RequireNotKey("--label", label, keys);
        foreach (var column in categorical) RequireNotKey("--categorical", column, keys);
        foreach (var column in excluded) RequireNotKey("--exclude", column, keys);
        var format = ParseKeyFormat(options.KeyFormat);
        var (parameters, settings) = ParseSettings(options.Settings);

        var parties = names.OrderBy(name => name == label.Party ? 0 : 1).Select(name => new PartyFile(
            name,
            name == label.Party ? PartyRole.Active : optional.Contains(name) ? PartyRole.Optional : PartyRole.Required,
            new DataSourceOptions
            {
                Path = files[name],
                KeyColumn = keys[name],
                LabelColumn = name == label.Party ? label.Column : null,
                FoldColumn = name == label.Party ? testColumn : null,
                CategoricalColumns = [.. categorical.Where(column => column.Party == name).Select(column => column.Column)],
                ExcludedColumns = [.. excluded.Where(column => column.Party == name).Select(column => column.Column)],
                KeyFormat = format,
            })).ToArray();
        return new SimulationPlan(
            parties,
            parameters,
            settings,
            test,
            ParseNumber(options.MinimumCohort, MaximumMinimumCohort, text => Messages.MinimumCohortInvalid(text)) ?? DefaultMinimumCohort,
            ParsePort(options.Port));
    }

    /// <summary>Checks settings alone, before there are any files.</summary>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    /// <exception cref="ClientException">One is unknown, malformed or out of range.</exception>
    public static void CheckSettings(IReadOnlyList<string> settings) => ParseSettings(settings);

    /// <summary>Checks a port alone, before there are any files.</summary>
    /// <param name="port">The port as typed, or null.</param>
    /// <exception cref="ClientException">It is no port.</exception>
    public static void CheckPort(string? port) => ParsePort(port);

    /// <summary>The specification that the parties approve.</summary>
    /// <param name="name">Name of the experiment.</param>
    public ExperimentSpec ToSpec(string name) => new()
    {
        Name = name,
        Parties = [.. Parties.Select(party => new ExperimentParty(party.Name, party.Role))],
        Test = Test,
        Settings = Settings,
    };

    /// <summary>The test rows as they would be typed, for messages.</summary>
    public string DescribeTest() => Test.Column is { } column
        ? $"--test-column {Active.Name}.{column}"
        : string.Create(CultureInfo.InvariantCulture, $"--test-fold {Test.Fold}/{Test.Of}");

    /// <summary>Reads <c>NAME=FILE</c> options and checks names and files.</summary>
    /// <param name="texts">The options' values.</param>
    /// <returns>Absolute paths by party, in the order given.</returns>
    /// <exception cref="ClientException">A name or file is wrong.</exception>
    public static IReadOnlyDictionary<string, string> ParsePartyFiles(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var files = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == text.Length - 1) throw ClientException.Usage(Messages.PartyNotNameFile(text));
            var (name, path) = (text[..split], text[(split + 1)..]);
            if (!EnvelopeHeader.IsName(name) || name.Length > MaximumPartyNameLength) throw ClientException.Usage(Messages.PartyNameInvalid(name));
            if (ReservedNames.Contains(name, StringComparer.OrdinalIgnoreCase)) throw ClientException.Usage(Messages.PartyNameReserved(name));
            // Folders are named for the parties, and some file systems do not tell case apart.
            if (files.Keys.Contains(name, StringComparer.OrdinalIgnoreCase)) throw ClientException.Usage(Messages.PartyNamedTwice(name));
            RequireFile(name, path);
            files.Add(name, Path.GetFullPath(path));
        }
        return files;
    }

    private static IReadOnlyDictionary<string, string> ParseParties(IReadOnlyList<string> texts)
    {
        var files = ParsePartyFiles(texts);
        if (files.Count < 2) throw ClientException.Usage(Messages.PartiesTooFew(files.Count));
        if (files.Count > MaximumParties) throw ClientException.Usage(Messages.PartiesTooMany(files.Count, MaximumParties));
        return files;
    }

    private static void RequireFile(string party, string path)
    {
        if (Directory.Exists(path)) throw ClientException.Usage(Messages.FileIsFolder(path, party));
        if (!File.Exists(path)) throw ClientException.Usage(Messages.FileMissing(path, party));
        if (!path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase))
            throw ClientException.Usage(Messages.FileKind(path, party));
    }

    private static Dictionary<string, string> ParseKeys(IReadOnlyList<string> texts, string[] parties)
    {
        if (texts.Count == 0) throw ClientException.Usage(Messages.KeyNeeded);
        string? common = null;
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (text.Length == 0) throw ClientException.Usage(Messages.KeyNeeded);
            if (ColumnReference.Owner(text, parties) is { } party)
            {
                if (!own.TryAdd(party, ColumnReference.Parse("--key", text, parties).Column)) throw ClientException.Usage(Messages.KeyTwice(party));
            }
            else
            {
                if (common is not null) throw ClientException.Usage(Messages.KeyTwice(parties[0]));
                common = text;
            }
        }
        return parties.ToDictionary(
            party => party,
            party => own.GetValueOrDefault(party) ?? common ?? throw ClientException.Usage(Messages.KeyNeeded),
            StringComparer.Ordinal);
    }

    private static ColumnReference ParseLabel(string? text, string[] parties)
    {
        if (string.IsNullOrEmpty(text)) throw ClientException.Usage(Messages.LabelNeeded);
        if (!text.Contains('.', StringComparison.Ordinal)) throw ClientException.Usage(Messages.LabelWithoutParty(text, parties[0]));
        return ColumnReference.Parse("--label", text, parties);
    }

    private static HashSet<string> ParseOptional(IReadOnlyList<string> names, string[] parties, string active)
    {
        foreach (var name in names)
        {
            if (!parties.Contains(name, StringComparer.Ordinal)) throw ClientException.Usage(Messages.OptionalUnknown(name, string.Join(", ", parties)));
            if (name == active) throw ClientException.Usage(Messages.OptionalIsActive(name));
        }
        return [.. names];
    }

    private static (TestRows Test, string? Column) ParseTest(SimulationOptions options, string[] parties, string active)
    {
        if (options.TestColumn is { } reference)
        {
            if (options.TestFold is not null) throw ClientException.Usage(Messages.TestGivenTwice);
            var column = ColumnReference.Parse("--test-column", reference, parties);
            if (column.Party != active) throw ClientException.Usage(Messages.TestColumnNotActive(reference, active));
            return (new TestRows(Column: column.Column), column.Column);
        }
        if (options.TestFold is not { } text) return (new TestRows(), null);
        var parts = text.Split('/');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var fold)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var of)
            || of < 2 || of > MaximumFolds || fold >= of)
            throw ClientException.Usage(Messages.TestFoldInvalid(text));
        return (new TestRows(fold, of), null);
    }

    private static void RequireNotKey(string option, ColumnReference column, Dictionary<string, string> keys)
    {
        if (keys[column.Party] == column.Column) throw ClientException.Usage(Messages.ColumnIsKey(option, $"{column.Party}.{column.Column}"));
    }

    private static KeyFormat? ParseKeyFormat(string text) => text switch
    {
        "auto" => null,
        "text" => KeyFormat.Text,
        "uscc" => KeyFormat.UnifiedSocialCreditCode,
        _ => throw ClientException.Usage(Messages.KeyFormatUnknown(text)),
    };

    private static (TreeParameters Parameters, IReadOnlyDictionary<string, string> Settings) ParseSettings(IReadOnlyList<string> texts)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == text.Length - 1) throw ClientException.Usage(Messages.SettingNotNameValue(text));
            if (!given.TryAdd(text[..split], text[(split + 1)..])) throw ClientException.Usage(Messages.SettingTwice(text[..split]));
        }
        try
        {
            return (RunSettings.Parse(given).Trees, new SortedDictionary<string, string>(given, StringComparer.Ordinal));
        }
        catch (Exception e) when (e is LearningException or ProtocolException)
        {
            throw ClientException.Usage(e.Message, e);
        }
    }

    private static int? ParsePort(string? text) => ParseNumber(text, MaximumPort, port => Messages.PortInvalid(port));

    private static int? ParseNumber(string? text, int maximum, Func<string, string> message)
    {
        if (text is null) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1 || value > maximum)
            throw ClientException.Usage(message(text));
        return value;
    }
}
