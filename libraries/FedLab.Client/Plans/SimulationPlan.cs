using System.Globalization;
using FedLab.Client.Resources;
using FedLab.Client.Wording;
using FedLab.Data;
using FedLab.Federation.Experiments;
using FedLab.Learning;

namespace FedLab.Client.Plans;

/// <summary>A vertical simulation that has been checked as far as that is possible without reading the files' rows.</summary>
public sealed class SimulationPlan : ILabPlan
{
    /// <summary>The smallest cohort that participants accept where nothing else is said, in rows.</summary>
    public const int DefaultMinimumCohort = 10;

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
        if (options.Model == ExperimentSpec.Logistic) throw ClientException.Usage(Messages.LogisticNeedsBanks(options.Caller));
        if (options.Model != ExperimentSpec.Trees) throw ClientException.Usage(Messages.ModelUnknown(options.Model));
        if (options.AllowTwoBanks) throw ClientException.Usage(Messages.OptionOfBanks("--allow-two-banks"));
        var files = TypedOptions.Parties(options.Parties, options.Caller);
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
        var format = TypedOptions.KeyFormatOf(options.KeyFormat);
        var (parsed, settings) = TypedOptions.Settings(options.Settings, ExperimentSpec.Trees, banks: null);

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
            },
            options.Descriptions.GetValueOrDefault(name))).ToArray();
        return new SimulationPlan(
            parties,
            parsed.Trees,
            settings,
            test,
            TypedOptions.MinimumCohort(options.MinimumCohort) ?? DefaultMinimumCohort,
            TypedOptions.Port(options.Port));
    }

    /// <summary>Checks settings alone, before there are any files.</summary>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    /// <exception cref="ClientException">One is unknown, malformed or out of range.</exception>
    public static void CheckSettings(IReadOnlyList<string> settings) => TypedOptions.Settings(settings, ExperimentSpec.Trees, banks: null);

    /// <summary>Checks a port alone, before there are any files.</summary>
    /// <param name="port">The port as typed, or null.</param>
    /// <exception cref="ClientException">It is no port.</exception>
    public static void CheckPort(string? port) => TypedOptions.Port(port);

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
        return TypedOptions.PartyFiles(texts, CallerWords.CommandLine);
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
        return (TypedOptions.TestFold(options.TestFold), null);
    }

    private static void RequireNotKey(string option, ColumnReference column, Dictionary<string, string> keys)
    {
        if (keys[column.Party] == column.Column) throw ClientException.Usage(Messages.ColumnIsKey(option, $"{column.Party}.{column.Column}"));
    }
}
