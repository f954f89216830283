using System.Globalization;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Wording;
using FedLab.Data;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>
/// An experiment while it is defined: who takes part in which role, what is learnt, and with which settings. Nothing leaves the notebook before
/// <see cref="LaunchAsync"/>; the settings, checks and sentences are those of the <c>fedlab</c> command.
/// </summary>
public sealed class Experiment : IRichDisplay
{
    private readonly LabFacts _lab;
    private readonly Func<ExperimentSpec, CancellationToken, Task<LabRun>> _launch;
    private readonly List<ExperimentParty> _parties = [];
    private readonly OrderedDictionary<string, string> _settings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _categories = new(StringComparer.Ordinal);
    private IReadOnlyList<FeatureDefinition>? _features;
    private string _model = ExperimentSpec.Trees;
    private TestRows _test = new();
    private string? _purpose;
    private string? _label;
    private bool _allowsTwoBanks;

    internal Experiment(LabFacts lab, string name, Func<ExperimentSpec, CancellationToken, Task<LabRun>> launch) => (_lab, Name, _launch) = (lab, name, launch);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Takes a specification over under another name.</summary>
    /// <param name="spec">The specification.</param>
    internal Experiment From(ExperimentSpec spec)
    {
        (_features, _model, _test, _purpose) = (spec.Features, spec.Model, spec.Test, spec.Purpose);
        _parties.AddRange(spec.Parties);
        foreach (var (setting, value) in spec.Settings) _settings[setting] = value;
        return this;
    }

    /// <summary>The institution that holds the label, and leads the training.</summary>
    /// <param name="institution">Its name.</param>
    /// <param name="label">The label's column, which is checked against what the institution has published; null to leave that to it.</param>
    /// <exception cref="ClientException">The lab has no such institution, there is an active one already, or it has published another label.</exception>
    public Experiment Active(string institution, string? label = null)
    {
        if (_parties.FirstOrDefault(party => party.Role == PartyRole.Active) is { } active) throw ClientException.Usage(LabMessages.ActiveTwice(active.Name));
        var found = Add(institution, PartyRole.Active, first: true);
        string[] labels = [.. found.Features.Where(feature => feature.Kind == FeatureKind.Label).Select(feature => feature.Name)];
        if (label is not null && labels.Length > 0 && !labels.Contains(label, StringComparer.Ordinal)) throw ClientException.Usage(LabMessages.LabelUnknown(institution, label, string.Join(", ", labels)));
        _label = label ?? (labels.Length == 1 ? labels[0] : null);
        return this;
    }

    /// <summary>Data sources without which a row is dropped.</summary>
    /// <param name="institutions">Their names, in the order that decides ties.</param>
    /// <exception cref="ClientException">The lab has no such institution, or it takes part already.</exception>
    public Experiment With(params IReadOnlyList<string> institutions)
    {
        ArgumentNullException.ThrowIfNull(institutions);
        foreach (var institution in institutions) Add(institution, PartyRole.Required);
        return this;
    }

    /// <summary>Data sources whose features are missing for the rows that they do not know.</summary>
    /// <param name="institutions">Their names, in the order that decides ties.</param>
    /// <exception cref="ClientException">The lab has no such institution, or it takes part already.</exception>
    public Experiment WithOptional(params IReadOnlyList<string> institutions)
    {
        ArgumentNullException.ThrowIfNull(institutions);
        foreach (var institution in institutions) Add(institution, PartyRole.Optional);
        return this;
    }

    /// <summary>Banks with the same features of different customers.</summary>
    /// <param name="institutions">Their names; none for all institutions of the lab.</param>
    /// <exception cref="ClientException">The lab has no such institution, or it takes part already.</exception>
    public Experiment Banks(params IReadOnlyList<string> institutions)
    {
        ArgumentNullException.ThrowIfNull(institutions);
        foreach (var institution in institutions.Count > 0 ? institutions : [.. _lab.Institutions.Select(one => one.Name)]) Add(institution, PartyRole.Bank);
        return this;
    }

    /// <summary>Between banks: the features by name, from the data dictionary of the lab's folder or the banks' catalogues; none for all of them.</summary>
    /// <param name="names">Names of the features, in the order of the model's columns.</param>
    /// <exception cref="ClientException">A feature is unknown, or holds text whose categories nobody has named.</exception>
    public Experiment Features(params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        _features = [.. (names.Count > 0 ? names : KnownFeatures()).Select(Define)];
        return _features.Count > 0 ? this : throw ClientException.Usage(LabMessages.FeaturesNeeded);
    }

    /// <summary>Between banks: the texts that a feature of text may hold, where no data dictionary says so; before the feature is named.</summary>
    /// <param name="feature">Name of the feature.</param>
    /// <param name="texts">Its categories, in the order of the model.</param>
    public Experiment Categories(string feature, params IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(feature);
        ArgumentNullException.ThrowIfNull(texts);
        _categories[feature] = [.. texts];
        return this;
    }

    /// <summary>Between banks: the data dictionary that they agreed on, text features with their categories.</summary>
    /// <param name="features">The features, in the order of the model's columns.</param>
    public Experiment Dictionary(params IReadOnlyList<FeatureDefinition> features)
    {
        _features = features;
        return this;
    }

    /// <summary>Learns gradient-boosted trees.</summary>
    /// <param name="settings">Changes the default settings, such as <c>t => t with { Trees = 50, MaxDepth = 3 }</c>.</param>
    public Experiment Trees(Func<TreeParameters, TreeParameters>? settings = null)
    {
        _model = ExperimentSpec.Trees;
        var usual = new TreeParameters();
        return Take(usual.ToSettings(), (settings?.Invoke(usual) ?? usual).ToSettings());
    }

    /// <summary>Learns a logistic regression; between banks only.</summary>
    /// <param name="settings">Changes the default settings, such as <c>l => l with { Ridge = 1 }</c>.</param>
    public Experiment Logistic(Func<LogisticParameters, LogisticParameters>? settings = null)
    {
        _model = ExperimentSpec.Logistic;
        var usual = new LogisticParameters();
        return Take(usual.ToSettings(), (settings?.Invoke(usual) ?? usual).ToSettings());
    }

    /// <summary>Sets one setting by the name that it has on the command line.</summary>
    /// <param name="name">Name of the setting, such as <c>trees</c>.</param>
    /// <param name="value">Its value.</param>
    public Experiment Set(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        _settings[name] = value;
        return this;
    }

    /// <summary>Sets one setting by the name that it has on the command line.</summary>
    /// <param name="name">Name of the setting, such as <c>trees</c>.</param>
    /// <param name="value">Its value.</param>
    public Experiment Set(string name, double value) => Set(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Holds out the rows whose key's hash falls into a fold.</summary>
    /// <param name="fold">The fold, from 0.</param>
    /// <param name="of">Number of folds.</param>
    public Experiment Test(int fold, int of)
    {
        _test = new TestRows(fold, of);
        return this;
    }

    /// <summary>Holds out the rows that a column marks with 1: of the active institution, between banks of each.</summary>
    /// <param name="column">Name of the column, which the institution's own configuration must name as its fold.</param>
    public Experiment TestWhere(string column)
    {
        _test = new TestRows(Column: column);
        return this;
    }

    /// <summary>What the model may be used for; every institution's policy decides by it.</summary>
    /// <param name="purpose">The purpose, such as <c>credit-risk</c>.</param>
    public Experiment For(string purpose)
    {
        _purpose = purpose;
        return this;
    }

    /// <summary>Between two banks: goes on although each learns the other's sums by subtraction; both policies must allow it too.</summary>
    public Experiment AllowTwoBanks()
    {
        _allowsTwoBanks = true;
        return this;
    }

    /// <summary>Checks everything and gives the specification that the institutions would be asked to approve.</summary>
    /// <exception cref="ClientException">Something is wrong; the message names it and what to do.</exception>
    public ExperimentSpec ToSpec()
    {
        var banks = _parties.Any(party => party.Role == PartyRole.Bank);
        if (_parties.Count == 0 || (!banks && !_parties.Any(party => party.Role == PartyRole.Active))) throw ClientException.Usage(LabMessages.ActiveMissing);
        if (!banks && _features is not null) throw ClientException.Usage(LabMessages.FeaturesOfBanks);
        if (banks && _features is null) Features((IReadOnlyList<string>)[]);
        return new ExperimentPlan
        {
            Name = Name,
            Parties = [.. _parties],
            Model = _model,
            Purpose = _purpose,
            Features = _features,
            Test = _test,
            Settings = [.. _settings.Select(setting => $"{setting.Key}={setting.Value}")],
            AllowTwoBanks = _allowsTwoBanks,
            Caller = CallerWords.Notebook,
        }.ToSpec();
    }

    /// <summary>Lists what would be proposed, and proposes nothing.</summary>
    /// <exception cref="ClientException">Something is wrong; the message names it and what to do.</exception>
    public ExperimentCheck Check() => new(ToSpec(), _label);

    /// <summary>Writes the specification as <c>fedlab run</c> reads it.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="cancellationToken">Ends the writing and leaves nothing; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">Something is wrong with the experiment.</exception>
    public Task SaveAsync(string path, CancellationToken cancellationToken = default) => AtomicFile.WriteAsync(path, ToSpec().ToBytes(), Interruption.Or(cancellationToken));

    /// <summary>Proposes the experiment to its institutions. The run goes on without this notebook.</summary>
    /// <param name="cancellationToken">Ends the call before the proposal; the cell's interrupt by default.</param>
    /// <returns>The run; <see cref="LabRun.WaitAsync"/> shows how far it is.</returns>
    /// <exception cref="ClientException">Something is wrong with the experiment, or the coordinator cannot be reached or refuses.</exception>
    public async Task<LabRun> LaunchAsync(CancellationToken cancellationToken = default) => await _launch(ToSpec(), Interruption.Or(cancellationToken));

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => Check().ToMimeBundle();

    private Institution Add(string institution, PartyRole role, bool first = false)
    {
        ArgumentNullException.ThrowIfNull(institution);
        var found = _lab.Institutions.FirstOrDefault(one => one.Name == institution)
            ?? throw ClientException.Usage(LabMessages.InstitutionUnknown(institution, _lab.Name, string.Join(", ", _lab.Institutions.Select(one => one.Name))));
        if (_parties.Any(party => party.Name == institution)) throw ClientException.Usage(LabMessages.PartyTwice(institution));
        if (_parties.Any(party => (party.Role == PartyRole.Bank) != (role == PartyRole.Bank))) throw ClientException.Usage(LabMessages.RolesMixed(Name));
        _parties.Insert(first ? 0 : _parties.Count, new ExperimentParty(institution, role));
        return found;
    }

    /// <summary>Takes over what differs from the defaults, as somebody types it who names only what is to be otherwise.</summary>
    private Experiment Take(IReadOnlyDictionary<string, string> usual, IReadOnlyDictionary<string, string> wanted)
    {
        foreach (var (name, value) in wanted)
        {
            if (value == usual[name]) _settings.Remove(name);
            else _settings[name] = value;
        }
        return this;
    }

    private IReadOnlyList<string> KnownFeatures()
    {
        if (_lab.Prepared?.Features is { } prepared) return [.. prepared.Select(feature => feature.Name)];
        var catalogues = CataloguesOfBanks();
        return catalogues.Length == 0 ? [] : [.. catalogues[0].Where(feature => catalogues.All(others => others.Any(other => other.Name == feature.Name))).Select(feature => feature.Name)];
    }

    private FeatureDefinition Define(string name)
    {
        var texts = _categories.GetValueOrDefault(name);
        if (texts is null && _lab.Prepared?.Features?.FirstOrDefault(feature => feature.Name == name) is { } prepared) return prepared;
        CatalogueFeature?[] published = [.. CataloguesOfBanks().Select(features => features.FirstOrDefault(feature => feature.Name == name))];
        if (published.Length == 0 || published.Contains(null)) throw ClientException.Usage(LabMessages.FeatureUnknown(name));
        return texts is null && published.Any(feature => feature!.Kind == FeatureKind.Text) ? throw ClientException.Usage(LabMessages.CategoriesNeeded(name)) : new FeatureDefinition(name, texts);
    }

    private CatalogueFeature[][] CataloguesOfBanks() =>
        [.. _lab.Institutions.Where(one => _parties.Count == 0 || _parties.Any(party => party.Name == one.Name)).Select(one => one.Features.Where(feature => feature.Kind != FeatureKind.Label).ToArray())];
}

/// <summary>What the definition of an experiment needs to know of its lab.</summary>
/// <param name="Name">The lab's name.</param>
/// <param name="Institutions">Its institutions and what they have published.</param>
/// <param name="Prepared">The experiment that it was made for; null where there is none.</param>
internal sealed record LabFacts(string Name, IReadOnlyList<Institution> Institutions, ExperimentSpec? Prepared);

/// <summary>What an experiment would propose, checked.</summary>
public sealed class ExperimentCheck : IRichDisplay
{
    private readonly string? _label;

    internal ExperimentCheck(ExperimentSpec spec, string? label) => (Spec, _label) = (spec, label);

    /// <summary>The specification that the institutions would be asked to approve.</summary>
    public ExperimentSpec Spec { get; }

    /// <summary>All settings of the learner, those that were not set with their defaults.</summary>
    public IReadOnlyDictionary<string, string> Settings => RunSettings.Parse(Spec).ToSettings();

    /// <summary>SHA-256 of the specification's canonical bytes, which the institutions' approvals name, hexadecimal.</summary>
    public string Sha256 => Convert.ToHexStringLower(Spec.Hash());

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        var page = new Page().Title(LabMessages.ExperimentTitle(Spec.Name)).Facts([
            (LabMessages.Model, Spec.Model == ExperimentSpec.Logistic ? LabMessages.Logistic : LabMessages.Trees),
            (LabMessages.FeatureLabel, _label),
            (LabMessages.Purpose, Spec.Purpose),
            (LabMessages.TestRowsTitle, Spec.Test.Column is { } column ? LabMessages.TestColumn(column) : LabMessages.TestFold(Spec.Test.Fold, Spec.Test.Of)),
            (LabMessages.FeaturesCount, Spec.Features is { } features ? string.Join(", ", features.Select(feature => feature.Name)) : null),
            (LabMessages.SpecHash, Sha256),
        ]);
        page.Table([LabMessages.Institution, LabMessages.Role], Spec.Parties.Select(party => (IReadOnlyList<string?>)[party.Name, RunText.Name(party.Role)]), leftColumns: 2);
        page.Table(
            [LabMessages.Setting, LabMessages.Value],
            Settings.Select(setting => (IReadOnlyList<string?>)[setting.Key, Spec.Settings.ContainsKey(setting.Key) ? setting.Value : $"{setting.Value} ({LabMessages.Default})"]));
        return page.ToBundle();
    }
}
