using System.Numerics;
using System.Security.Cryptography;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Simulations;
using FedLab.Client.Wording;
using FedLab.Data;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Notebook.Data;
using FedLab.Notebook.Display;
using FedLab.Notebook.Plots;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>A split that one's own institution owns.</summary>
/// <param name="Rule">The condition under which a row goes left.</param>
/// <param name="Uses">How many nodes of the model use it; null at a data source, which does not know the trees.</param>
/// <param name="Tree">Number of the first tree that uses it, from 0; null at a data source.</param>
/// <param name="Node">The node of that tree; null at a data source.</param>
/// <param name="Gain">Gain of the split as XGBoost computes it, over all nodes that use it; null at a data source, and where it was not kept.</param>
/// <param name="Cover">Sum of the Hessians of the rows that reach it, XGBoost's cover; between banks of the rows of all of them. Null as the gain is.</param>
/// <param name="Rows">Training rows that reach it; null as the gain is, and between banks, whose sums hold no numbers of rows.</param>
public sealed record OwnSplit(SplitRule Rule, int? Uses = null, int? Tree = null, int? Node = null, double? Gain = null, double? Cover = null, int? Rows = null);

/// <summary>
/// What one institution holds of a run, read from its own home: a data source its thresholds, the active institution its own ones and the trees, a bank the whole
/// model. No coordinator and no other institution has it, and nothing here asks them.
/// </summary>
public sealed class OwnResult : IRichDisplay
{
    private const int MaximumFileBytes = 1 << 30;

    private readonly RunResult _result;
    private readonly OwnHome _home;

    private OwnResult(RunResult result, OwnHome home, PartyRole role) => (_result, _home, Role) = (result, home, role);

    /// <summary>Name of the institution.</summary>
    public string Institution => _home.Name;

    /// <summary>Its role.</summary>
    public PartyRole Role { get; }

    /// <summary>Its share of a model between an institution and its data sources; null otherwise.</summary>
    public PartyShare? Share { get; private init; }

    /// <summary>Its own figures of a run between an institution and its data sources; null otherwise.</summary>
    public RunReport? Report { get; private init; }

    /// <summary>Its own figures of a run between banks; null otherwise.</summary>
    public BankReport? BankReport { get; private init; }

    /// <summary>The model that scores alone; banks only, null otherwise.</summary>
    public CreditModel? Model { get; private init; }

    /// <summary>Path of the model that scores alone, for <c>fedlab score</c>; banks only, null otherwise.</summary>
    public string? ModelPath { get; private init; }

    /// <summary>The splits that the institution owns, in the order of their record numbers; between banks all of the model's.</summary>
    public IReadOnlyList<OwnSplit> Splits => (Share?.Ensemble, Model) switch
    {
        ({ } ensemble, _) => SplitsOf(ensemble, Share!.Records, KnownSplits),
        (_, TreesModel trees) => SplitsOf(trees.Ensemble, trees.Rules, KnownSplits),
        _ => [.. (Share?.Records ?? []).Select(rule => new OwnSplit(rule))],
    };

    private IReadOnlyList<SplitReport>? KnownSplits => Report?.Splits ?? BankReport?.Splits;

    /// <summary>The coefficients of a logistic regression, the intercept first; empty for trees.</summary>
    public IReadOnlyList<LogisticCoefficient> Coefficients => BankReport?.Fit?.Coefficients ?? [];

    /// <summary>How often the model splits on each of the own features, most often first; a data source counts its own splits.</summary>
    public IReadOnlyDictionary<string, int> FeatureUse => Ranked(Splits.Select(split => (split.Rule.Feature, split.Uses ?? 1)));

    /// <summary>
    /// How much each of the own features brings the model: the gain of its splits, the greatest first. Empty at a data source, which does not know it, and where it
    /// was not kept.
    /// </summary>
    public IReadOnlyDictionary<string, double> FeatureGain
    {
        get
        {
            var splits = Splits;
            return Ranked(splits.All(split => split.Gain is not null) ? splits.Select(split => (split.Rule.Feature, split.Gain!.Value)) : []);
        }
    }

    /// <summary>
    /// How much each other institution's features bring the model: the gain of all splits that it owns, the greatest first, 0 where it owns none. Which of its
    /// features they split, and where, it alone knows. Empty but at the active institution.
    /// </summary>
    public IReadOnlyDictionary<string, double> GainOfOthers => Ranked(
        Report?.Splits is { } splits ? _result.Spec.Sources.Select(source => (source.Name, splits.Where(split => split.Party == source.Name).Sum(split => split.Gain))) : []);

    /// <summary>
    /// The gain of each own feature, and of each other institution's features as one, the greatest first: for <c>Plot.FeatureImportance(own.Importance)</c>. Between
    /// banks the features are everybody's, and no institution is named.
    /// </summary>
    public IReadOnlyList<(string Feature, double Importance, string Party)> Importance =>
    [
        .. FeatureGain.Select(feature => (feature.Key, feature.Value, BankReport is null ? Institution : ""))
            .Concat(GainOfOthers.Select(other => (LabMessages.AllItsFeatures, other.Value, other.Key)))
            .OrderByDescending(item => item.Value),
    ];

    /// <summary>
    /// Mean log loss after each tree or step, as far as the institution knows it: the active one that of the training rows, a bank that of its own rows with trees and
    /// of all banks' rows with a regression. Empty at a data source; NaN for a round whose figure was lost with a program that was killed.
    /// </summary>
    public IReadOnlyList<double> LossByRound => Report?.LossByRound is { } losses ? [.. losses.Select(loss => loss ?? double.NaN)] : BankReport?.LossByRound ?? [];

    /// <summary>With early stopping the mean log loss of the validation rows after each tree; empty otherwise.</summary>
    public IReadOnlyList<double> ValidationLossByRound => Report?.ValidationLossByRound ?? [];

    /// <summary>Payload bytes by step that this institution sent and received.</summary>
    public IReadOnlyDictionary<string, long> BytesByStep => Report?.BytesByStep ?? BankReport?.BytesByStep ?? new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>
    /// The scores that this institution holds, with its own labels where it has them: of the test rows of a training run, or of the rows of a scoring run. The
    /// active institution has them in its home; a bank computes those of its own test rows with the model.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The institution has no scores of the run.</exception>
    /// <exception cref="DataFormatException">Its rows cannot be read.</exception>
    public async Task<OwnScores> ScoresAsync(CancellationToken cancellationToken = default)
    {
        var token = Interruption.Or(cancellationToken);
        if (Model is not null) return await ScoreTestRowsAsync(Model, token);
        var path = _home.FileOf(_result.Run, RunReport.ScoresFileName) ?? throw ClientException.Usage(LabMessages.NoScores(Institution, _result.Run));
        var scores = await DataSetReader.ReadAsync(new DataSourceOptions { Path = path, KeyColumn = OwnScores.KeyName, KeyFormat = KeyFormat.Text }, progress: null, token);
        var probabilities = ((NumericColumn)scores.Table[OwnScores.ProbabilityName]).Values.ToArray();
        var rows = await DataSetReader.ReadAsync(_home.Source(), progress: null, token);
        if (rows.Labels is not { } labels) return new OwnScores(_result.Run, scores.Keys, probabilities, labels: null);
        var known = new Dictionary<string, byte>(rows.RowCount, StringComparer.Ordinal);
        for (var row = 0; row < rows.RowCount; row++) known[rows.Keys[row]] = labels[row];
        // The rows may have changed since the run; those that are gone have no label.
        byte?[] found = [.. scores.Keys.Select(key => known.TryGetValue(key, out var label) ? label : (byte?)null)];
        return found.Contains(null) ? new OwnScores(_result.Run, scores.Keys, probabilities, labels: null) : new OwnScores(_result.Run, scores.Keys, probabilities, [.. found.Select(label => label!.Value)]);
    }

    /// <summary>
    /// What the active institution would have without the others: trees of its own features and all its own rows outside the test set, trained here with the run's
    /// settings, and their scores of the run's test rows.
    /// </summary>
    /// <param name="cancellationToken">Ends the training; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The institution has no labels or no scores of the run; a bank's comparison is in <see cref="BankReport"/>.</exception>
    /// <exception cref="LearningException">Its rows alone do not allow training.</exception>
    public async Task<OwnScores> AloneAsync(CancellationToken cancellationToken = default)
    {
        var token = Interruption.Or(cancellationToken);
        if (Share?.Ensemble is null) throw ClientException.Usage(LabMessages.NoScores(Institution, _result.Run));
        var joint = await ScoresAsync(token);
        var set = await DataSetReader.ReadAsync(_home.Source(), progress: null, token);
        var labels = set.Labels ?? throw ClientException.Usage(LabMessages.NoScores(Institution, _result.Run));
        var rowOf = Enumerable.Range(0, set.RowCount).ToDictionary(row => set.Keys[row], StringComparer.Ordinal);
        int[] test = [.. joint.Keys.Where(rowOf.ContainsKey).Select(key => rowOf[key])];
        int[] training = [.. Enumerable.Range(0, set.RowCount).Where(row => !IsTest(set, row))];
        var trained = await Task.Run(
            () => PooledTrainer.FitAsync(
                [new PooledParty(Institution, set.Table, MinimumCohort: 1)], labels, [.. set.Keys.Select(RowIdentity.Of)], training, test, TreeParameters.Parse(_result.Settings), Environment.ProcessorCount, token),
            token);
        return new OwnScores(_result.Run, [.. test.Select(row => set.Keys[row])], trained.TestProbabilities, [.. test.Select(row => labels[row])]);
    }

    /// <summary>Scores a file of new rows with the model, here and alone; banks only.</summary>
    /// <param name="path">CSV, plain or gzipped, with the model's features among the columns.</param>
    /// <param name="key">The column that names the rows; null for the first.</param>
    /// <param name="output">The file to write; null for one beside the data.</param>
    /// <param name="cancellationToken">Ends the scoring and leaves nothing; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The institution holds no model that scores alone, or the file lacks a column.</exception>
    /// <exception cref="DataFormatException">The file cannot be read.</exception>
    public async Task<ModelScoringReport> ScoreAsync(string path, string? key = null, string? output = null, CancellationToken cancellationToken = default)
    {
        var model = ModelPath ?? throw ClientException.Usage(LabMessages.NoOwnModel(Institution));
        return await ModelScoring.RunAsync(model, path, key, output, new Progress<LabProgress>(), Remark.Show, TimeProvider.System, Interruption.Or(cancellationToken));
    }

    /// <summary>The model's probabilities of the rows of a table; banks only.</summary>
    /// <param name="table">A table with at least the model's features.</param>
    /// <exception cref="ClientException">The institution holds no model that scores alone.</exception>
    /// <exception cref="LearningException">A column is missing, or holds text where the model has numbers, or the reverse.</exception>
    public double[] Score(Table table) => (Model ?? throw ClientException.Usage(LabMessages.NoOwnModel(Institution))).PredictProbabilities(table);

    /// <summary>The frame with the model's probability of each row as a further column; banks only.</summary>
    /// <param name="frame">A frame with at least the model's features.</param>
    /// <exception cref="ClientException">The institution holds no model that scores alone.</exception>
    /// <exception cref="LearningException">A column is missing, or holds text where the model has numbers, or the reverse.</exception>
    public DataFrame Score(DataFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var model = Model ?? throw ClientException.Usage(LabMessages.NoOwnModel(Institution));
        return new DataFrame([.. frame.Columns, DataFrameColumn.Create(OwnScores.ProbabilityName, Score(frame.Select(model.Features.Select(feature => feature.Name)).ToTable()))]);
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        var page = new Page().Title(LabMessages.OwnTitle(Institution, _result.Run)).Facts([
            (LabMessages.Role, RunText.Name(Role)),
            (LabMessages.OwnRows, Report is { } report ? Formats.Count(report.OwnAlignedRows) : null),
            (LabMessages.TrainingRows, BankReport is { } bank ? Formats.Count(bank.TrainingRows) : null),
            (LabMessages.TestRowsCount, BankReport is { } tests ? Formats.Count(tests.TestRows) : null),
        ]);
        if (BankReport is { } own)
        {
            page.Table(
                ["", "AUC", "KS", LabMessages.Loss],
                [MetricRow(LabMessages.Joint, own.Joint), MetricRow(LabMessages.Alone, own.Alone)]);
        }
        if (Coefficients.Count > 0)
        {
            page.Title(LabMessages.Coefficients).Table(
                [LabMessages.Feature, LabMessages.Estimate, LabMessages.StandardError, LabMessages.PValue],
                Coefficients.Select(one => (IReadOnlyList<string?>)[
                    one.Name,
                    one.State == LogisticColumnState.Estimated ? Formats.Number(one.Estimate) : null,
                    one.StandardError is { } error ? Formats.Number(error) : null,
                    one.PValue is { } p ? Formats.Probability(p) : null]));
        }
        if (Splits.Count > 0) WriteSplits(page.Title(LabMessages.Splits));
        var importance = Importance;
        if (importance.Sum(item => item.Importance) is > 0 and var whole)
        {
            // Between banks there is no column of institutions.
            string[] names = BankReport is null ? [LabMessages.Feature, LabMessages.Institution] : [LabMessages.Feature];
            page.Title(LabMessages.ImportanceByGain).Table(
                [.. names, LabMessages.Gain, LabMessages.Share],
                importance.Select(item => (IReadOnlyList<string?>)[item.Feature, .. names.Skip(1).Select(_ => item.Party), Formats.Number(item.Importance), PlotMessages.Percent(item.Importance / whole)]),
                leftColumns: names.Length);
        }
        return page.ToBundle();
    }

    /// <summary>Reads what a home holds of a run.</summary>
    /// <param name="result">The result.</param>
    /// <param name="folder">The home folder.</param>
    internal static OwnResult Read(RunResult result, string folder)
    {
        var home = OwnHome.Open(folder);
        var role = result.Spec.Parties.FirstOrDefault(party => party.Name == home.Name)?.Role ?? throw ClientException.Usage(LabMessages.HomeHasNoRun(folder, result.Run));
        var reportFile = home.FileOf(result.Run, RunReport.FileName) ?? throw ClientException.Usage(LabMessages.HomeHasNoRun(folder, result.Run));
        try
        {
            if (result.BankManifest is { } banks)
            {
                var path = home.FileOf(result.Run, BankReport.ModelFileName) ?? throw ClientException.Usage(LabMessages.HomeHasNoRun(folder, result.Run));
                var model = ReadChecked(path, home.Name, banks.ModelHash);
                return new OwnResult(result, home, role) { BankReport = BankReport.Parse(ReadLimited(reportFile)), Model = CreditModel.Parse(model), ModelPath = path };
            }
            var report = RunReport.Parse(ReadLimited(reportFile));
            if (result.Manifest is not { } manifest) return new OwnResult(result, home, role) { Report = report };
            var share = home.FileOf(result.Run, PartyShare.FileName) ?? throw ClientException.Usage(LabMessages.HomeHasNoRun(folder, result.Run));
            var expected = manifest.Parties.First(party => party.Name == home.Name).ShareHash;
            return new OwnResult(result, home, role) { Report = report, Share = PartyShare.Parse(ReadChecked(share, home.Name, expected)) };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException or LearningException)
        {
            throw new ClientException(LabMessages.ShareUnreadable(Path.Combine(home.Folder, "runs", result.Run), e.Message), e);
        }
    }

    private async Task<OwnScores> ScoreTestRowsAsync(CreditModel model, CancellationToken cancellationToken)
    {
        var set = await DataSetReader.ReadAsync(_home.Source(), progress: null, cancellationToken);
        int[] rows = [.. Enumerable.Range(0, set.RowCount).Where(row => IsTest(set, row))];
        var probabilities = await Task.Run(() => model.PredictProbabilities(set.Table.TakeRows(rows)), cancellationToken);
        return new OwnScores(_result.Run, [.. rows.Select(row => set.Keys[row])], probabilities, set.Labels is { } labels ? [.. rows.Select(row => labels[row])] : null);
    }

    private bool IsTest(DataSet set, int row) =>
        _result.Spec.Test is { Column: null } fold ? TestFold.IsInFold(set.Keys[row], fold.Fold, fold.Of) : set.Folds?[row] == "1";

    /// <summary>Rules and how often they are used; where it is known, what they gain and how many rows they part.</summary>
    private void WriteSplits(Page page)
    {
        var rules = Splits
            .GroupBy(split => RunText.Name(split.Rule), StringComparer.Ordinal)
            .Select(rule => (
                Name: rule.Key,
                Uses: rule.Sum(split => split.Uses ?? 1),
                Gain: Sum(rule, split => split.Gain),
                Parted: BankReport is null ? Sum(rule, split => split.Rows) : Sum(rule, split => split.Cover)))
            .ToArray();
        if (Array.Exists(rules, rule => rule.Gain is null))
        {
            page.Table([LabMessages.Rule, LabMessages.Used], rules.OrderByDescending(rule => rule.Uses).Select(rule => (IReadOnlyList<string?>)[rule.Name, Formats.Count(rule.Uses)]));
            return;
        }
        page.Table(
            [LabMessages.Rule, LabMessages.Used, LabMessages.Gain, BankReport is null ? LabMessages.RowsReached : LabMessages.Cover],
            rules.OrderByDescending(rule => rule.Gain).Select(rule => (IReadOnlyList<string?>)[
                rule.Name,
                Formats.Count(rule.Uses),
                Formats.Number(rule.Gain ?? 0),
                rule.Parted is not { } parted ? null : BankReport is null ? Formats.Count((long)parted) : Formats.Number(parted)]));
    }

    /// <summary>The sum, or null when a part of it is not known.</summary>
    private static double? Sum<T>(IEnumerable<T> parts, Func<T, double?> value) =>
        parts.Aggregate((double?)0, (sum, part) => sum + value(part));

    /// <summary>The sums by name, the greatest first.</summary>
    private static OrderedDictionary<string, T> Ranked<T>(IEnumerable<(string Name, T Value)> parts)
        where T : INumber<T>
    {
        var ranked = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        var sums = parts.GroupBy(part => part.Name, part => part.Value, StringComparer.Ordinal).Select(group => (Name: group.Key, Sum: group.Aggregate((sum, value) => sum + value)));
        foreach (var (name, sum) in sums.OrderByDescending(item => item.Sum).ThenBy(item => item.Name, StringComparer.Ordinal)) ranked.Add(name, sum);
        return ranked;
    }

    private static OwnSplit[] SplitsOf(TreeEnsemble ensemble, IReadOnlyList<SplitRule> rules, IReadOnlyList<SplitReport>? known)
    {
        var places = ensemble.Trees.SelectMany((tree, number) => tree.Nodes.Select((node, place) => (Node: node, Tree: number, Place: place))).Where(place => place.Node.Source == 0).ToLookup(place => place.Node.Record);
        var figures = (known ?? []).ToLookup(split => (split.Tree, split.Node));
        return
        [
            .. rules.Select((rule, record) =>
            {
                var used = places[record].ToArray();
                SplitReport?[] splits = [.. used.Select(place => figures[(place.Tree, place.Place)].FirstOrDefault())];
                return new OwnSplit(
                    rule,
                    used.Length,
                    used.Length > 0 ? used[0].Tree : null,
                    used.Length > 0 ? used[0].Place : null,
                    Sum(splits, split => split?.Gain),
                    Sum(splits, split => split?.Cover),
                    (int?)Sum(splits, split => split?.Rows));
            }),
        ];
    }

    private static IReadOnlyList<string?> MetricRow(string name, BinaryMetrics? metrics) =>
        metrics is null ? [name, null, null, null] : [name, Formats.Metric(metrics.AreaUnderRocCurve), Formats.Metric(metrics.KolmogorovSmirnov), Formats.Metric(metrics.LogLoss)];

    private static byte[] ReadChecked(string path, string party, string expected)
    {
        var bytes = ReadLimited(path);
        var found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        return found == expected ? bytes : throw new ClientException(LabMessages.ShareDiffers(path, party, expected, found));
    }

    private static byte[] ReadLimited(string path) =>
        new FileInfo(path).Length <= MaximumFileBytes ? File.ReadAllBytes(path) : throw new IOException(new FileInfo(path).Length.ToString(System.Globalization.CultureInfo.InvariantCulture) + " B");
}
