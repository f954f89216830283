using FedLab.Client.Resources;
using FedLab.Client.Wording;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Client.Plans;

/// <summary>
/// An experiment for a lab whose institutions hold their data themselves: who takes part and with which settings, and no file of anybody's. The same names, checks
/// and sentences as for a simulation.
/// </summary>
public sealed record ExperimentPlan
{
    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>The institutions: one active, or all banks. Their order decides ties.</summary>
    public required IReadOnlyList<ExperimentParty> Parties { get; init; }

    /// <summary>Kind of model: <see cref="ExperimentSpec.Trees"/> or, between banks, <see cref="ExperimentSpec.Logistic"/>.</summary>
    public string Model { get; init; } = ExperimentSpec.Trees;

    /// <summary>What the model may be used for; null for the specification's own default.</summary>
    public string? Purpose { get; init; }

    /// <summary>Between banks the data dictionary; null otherwise.</summary>
    public IReadOnlyList<FeatureDefinition>? Features { get; init; }

    /// <summary>Which rows are held out.</summary>
    public TestRows Test { get; init; } = new();

    /// <summary>Settings as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Between banks: whether two are enough, although each then learns the other's sums by subtraction; their policies must allow it too.</summary>
    public bool AllowTwoBanks { get; init; }

    /// <summary>Who asks, for what is said of it.</summary>
    public CallerWords Caller { get; init; } = CallerWords.CommandLine;

    /// <summary>Checks everything and gives the specification that the institutions approve.</summary>
    /// <exception cref="ClientException">Something is wrong; the message names it and what to do.</exception>
    public ExperimentSpec ToSpec()
    {
        if (Parties.Count < 2) throw ClientException.Usage(Messages.PartiesTooFew(Parties.Count, Caller));
        var banks = Parties.Any(party => party.Role == PartyRole.Bank);
        if (!banks && Model == ExperimentSpec.Logistic) throw ClientException.Usage(Messages.LogisticNeedsBanks(Caller));
        var (parsed, settings) = TypedOptions.Settings(Settings, Model, banks ? Parties.Count : null);
        if (banks) BankPlan.RequireEnough(Parties.Count, parsed.Threshold, AllowTwoBanks, Caller);
        var spec = new ExperimentSpec { Name = Name, Model = Model, Parties = Parties, Features = Features, Test = Test, Settings = settings };
        if (Purpose is not null) spec = spec with { Purpose = Purpose };
        try
        {
            spec.Validate();
            RunSettings.Parse(spec);
            return spec;
        }
        catch (Exception e) when (e is ProtocolException or LearningException)
        {
            throw ClientException.Usage(e.Message, e);
        }
    }
}
