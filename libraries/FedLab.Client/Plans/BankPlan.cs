using System.Globalization;
using FedLab.Client.Resources;
using FedLab.Client.Wording;
using FedLab.Data;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;

namespace FedLab.Client.Plans;

/// <summary>A horizontal simulation, several banks with the same columns, that has been checked as far as that is possible without reading the files' rows.</summary>
public sealed record BankPlan : ILabPlan
{
    // Of two sums the holder of one learns the other by subtraction.
    private const int MinimumBanks = 3;

    private BankPlan()
    {
    }

    /// <summary>The banks in the order given. Their feature columns have the same names.</summary>
    public required IReadOnlyList<PartyFile> Parties { get; init; }

    /// <summary>Names of the feature columns, in the order of the first file.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>The label's column.</summary>
    public required string Label { get; init; }

    /// <summary>The key's column.</summary>
    public required string Key { get; init; }

    /// <summary>Whether the key was named; otherwise it is the first column of the first file.</summary>
    public required bool KeyWasNamed { get; init; }

    /// <summary>Kind of model.</summary>
    public required string Model { get; init; }

    /// <summary>The settings, checked.</summary>
    public required RunSettings Parameters { get; init; }

    /// <summary>The settings as given, sorted by name, as they go into the specification.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Which rows are held out.</summary>
    public required TestRows Test { get; init; }

    /// <inheritdoc/>
    public int? Port { get; private init; }

    /// <inheritdoc/>
    public bool AllowsTwoBanks { get; private init; }

    /// <inheritdoc/>
    public bool AllowsThresholdKeys => Parameters.Threshold is not null;

    /// <summary>No bank has splits of its own: the default, which nothing reads.</summary>
    public int MinimumCohort => SimulationPlan.DefaultMinimumCohort;

    /// <summary>Checks what was typed, and that the files have the same columns.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ClientException">Something is wrong; the message names the option, or the file and column, and what to do.</exception>
    /// <exception cref="DataFormatException">A file's header cannot be read.</exception>
    public static BankPlan Create(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        RequireModel(options.Model);
        if (options.Optional.Count > 0) throw ClientException.Usage(Messages.OptionOfSources("--optional"));
        if (options.MinimumCohort is not null) throw ClientException.Usage(Messages.OptionOfSources("--minimum-cohort"));
        if (options.TestFold is not null && options.TestColumn is not null) throw ClientException.Usage(Messages.TestGivenTwice);
        var files = TypedOptions.Parties(options.Parties, options.Caller);
        var (parameters, settings) = TypedOptions.Settings(options.Settings, options.Model, files.Count);
        RequireEnough(files.Count, parameters.Threshold, options.AllowTwoBanks, options.Caller);
        if (string.IsNullOrEmpty(options.Label)) throw ClientException.Usage(Messages.BankLabelNeeded);
        var test = TypedOptions.TestFold(options.TestFold);
        var port = TypedOptions.Port(options.Port);
        var format = TypedOptions.KeyFormatOf(options.KeyFormat);

        var headers = files.Select(file => new BankHeader(file.Key, file.Value, CsvHeader.Read(file.Value))).ToArray();
        if (options.Keys.Count > 1) throw ClientException.Usage(Messages.BankKeyTwice);
        var key = options.Keys.Count == 1 ? options.Keys[0] : headers[0].Columns[0];
        if (key.Length == 0) throw ClientException.Usage(Messages.KeyNeeded);
        RequireColumns(options, key, headers);
        string[] notFeatures = [key, options.Label, .. options.Exclude, .. options.TestColumn is { } column ? [column] : Array.Empty<string>()];
        var features = RequireSameFeatures(headers, notFeatures);
        return new BankPlan
        {
            Parties = [.. headers.Select(header => new PartyFile(
                header.Party,
                PartyRole.Bank,
                new DataSourceOptions
                {
                    Path = header.Path,
                    KeyColumn = key,
                    LabelColumn = options.Label,
                    FoldColumn = options.TestColumn,
                    CategoricalColumns = [.. options.Categorical.Distinct(StringComparer.Ordinal)],
                    // A column that is no feature anywhere may be in some files only.
                    ExcludedColumns = [.. options.Exclude.Distinct(StringComparer.Ordinal).Where(header.Columns.Contains)],
                    KeyFormat = format,
                },
                options.Descriptions.GetValueOrDefault(header.Party)))],
            Features = features,
            Label = options.Label,
            Key = key,
            KeyWasNamed = options.Keys.Count == 1,
            Model = options.Model,
            Parameters = parameters,
            Settings = settings,
            Test = options.TestColumn is { } testColumn ? new TestRows(Column: testColumn) : test,
            Port = port,
            AllowsTwoBanks = options.AllowTwoBanks,
        };
    }

    /// <summary>Checks model and settings alone, before there are any files.</summary>
    /// <param name="model">Kind of model.</param>
    /// <param name="settings">Settings as <c>name=value</c>.</param>
    /// <param name="banks">Number of banks.</param>
    /// <exception cref="ClientException">The model does not exist, or a setting is unknown, malformed or out of range.</exception>
    public static void CheckSettings(string model, IReadOnlyList<string> settings, int banks)
    {
        ArgumentNullException.ThrowIfNull(settings);
        RequireModel(model);
        var (parameters, _) = TypedOptions.Settings(settings, model, banks);
        RequireEnough(banks, parameters.Threshold, allowsTwo: false, CallerWords.CommandLine);
    }

    /// <summary>The same with some columns read as categories at every bank.</summary>
    /// <param name="categorical">All columns that hold text at some bank, or are named as categories.</param>
    internal BankPlan WithCategorical(IReadOnlyList<string> categorical) =>
        this with { Parties = [.. Parties.Select(party => party with { Source = party.Source with { CategoricalColumns = categorical } })] };

    /// <summary>The test rows as they would be typed, for messages.</summary>
    public string DescribeTest() => Test.Column is { } column
        ? $"--test-column {column}"
        : string.Create(CultureInfo.InvariantCulture, $"--test-fold {Test.Fold}/{Test.Of}");

    private static void RequireModel(string model)
    {
        if (model is not (ExperimentSpec.Trees or ExperimentSpec.Logistic)) throw ClientException.Usage(Messages.BankModelUnknown(model));
    }

    /// <summary>Refuses fewer than three banks, of which each would learn the other's sums by subtraction, unless that is wanted.</summary>
    /// <param name="banks">Number of banks.</param>
    /// <param name="threshold">How many suffice to go on; null for all.</param>
    /// <param name="allowsTwo">Whether two are wanted.</param>
    /// <param name="caller">Who asks.</param>
    internal static void RequireEnough(int banks, int? threshold, bool allowsTwo, CallerWords caller)
    {
        if (allowsTwo) return;
        if (banks < MinimumBanks) throw ClientException.Usage(Messages.TwoBanks(banks, MinimumBanks, caller));
        if (threshold < MinimumBanks) throw ClientException.Usage(Messages.TwoBanksThreshold(threshold.Value, MinimumBanks, caller));
    }

    private static void RequireColumns(SimulationOptions options, string key, BankHeader[] headers)
    {
        (string Option, string Column)[] named =
        [
            ("--key", key),
            ("--label", options.Label!),
            .. options.TestColumn is { } test ? [("--test-column", test)] : Array.Empty<(string, string)>(),
            .. options.Categorical.Select(column => ("--categorical", column)),
        ];
        foreach (var (option, column) in named)
        {
            foreach (var header in headers) header.Require(option, column);
        }
        foreach (var (option, column) in named.Skip(1).Concat(options.Exclude.Select(column => ("--exclude", column))))
        {
            if (column == key) throw ClientException.Usage(options.Keys.Count == 1 ? Messages.ColumnIsKey(option, column) : Messages.BankColumnIsFirst(option, column));
        }
        foreach (var column in options.Exclude.Where(column => !headers.Any(header => header.Columns.Contains(column))))
            throw headers.Select(header => header.WithoutParty("--exclude", column)).FirstOrDefault(error => error is not null) ?? ClientException.Usage(Messages.BankColumnNowhere("--exclude", column));
    }

    private static string[] RequireSameFeatures(BankHeader[] headers, string[] notFeatures)
    {
        string[] features = [.. headers[0].Columns.Except(notFeatures, StringComparer.Ordinal)];
        if (features.Length == 0) throw new ClientException(Messages.BankNoFeatures(headers[0].Path));
        foreach (var header in headers.Skip(1))
        {
            if (features.FirstOrDefault(column => !header.Columns.Contains(column)) is { } missing) throw new ClientException(Messages.BankColumnMissing(header.Path, missing, headers[0].Path));
            if (header.Columns.Except(notFeatures, StringComparer.Ordinal).FirstOrDefault(column => !features.Contains(column, StringComparer.Ordinal)) is { } extra)
                throw new ClientException(Messages.BankColumnExtra(header.Path, extra, headers[0].Path));
        }
        return features;
    }

    private sealed record BankHeader(string Party, string Path, IReadOnlyList<string> Columns)
    {
        public void Require(string option, string column)
        {
            if (Columns.Contains(column, StringComparer.Ordinal)) return;
            throw WithoutParty(option, column) ?? ClientException.Usage(Messages.BankColumnUnknown(Path, option, column, string.Join(", ", Columns)));
        }

        /// <summary>Vertical federations name columns with their party.</summary>
        public ClientException? WithoutParty(string option, string column) => column.StartsWith(Party + ".", StringComparison.Ordinal)
            ? ClientException.Usage(Messages.BankColumnWithParty(option, column, column[(Party.Length + 1)..]))
            : null;
    }
}
