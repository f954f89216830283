using FedLab.Client.Wording;

namespace FedLab.Client.Plans;

/// <summary>
/// A simulation as it was typed: nothing is checked yet. <see cref="SimulationPlan.Create"/> or, between banks, <see cref="BankPlan.Create"/>
/// makes a plan of it. Between banks columns are named without a party: they are the same at every bank.
/// </summary>
public sealed record SimulationOptions
{
    /// <summary>Each party as <c>NAME=FILE</c>, in the order that decides ties.</summary>
    public IReadOnlyList<string> Parties { get; init; } = [];

    /// <summary>The key column: <c>COLUMN</c> for all parties, <c>PARTY.COLUMN</c> for one.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The label as <c>PARTY.COLUMN</c>; its party is the active one. Between banks <c>COLUMN</c>, the same at every bank.</summary>
    public string? Label { get; init; }

    /// <summary>Kind of model.</summary>
    public string Model { get; init; } = "trees";

    /// <summary>Settings as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Test rows by the key's hash, as <c>F/K</c>; null for 0/5.</summary>
    public string? TestFold { get; init; }

    /// <summary>Test rows by a column of the active party, as <c>PARTY.COLUMN</c>.</summary>
    public string? TestColumn { get; init; }

    /// <summary>Names of the sources without which a row stays.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];

    /// <summary>Numeric codes that are categories, as <c>PARTY.COLUMN</c>.</summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>Columns that are left out, as <c>PARTY.COLUMN</c>.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Format of the keys: auto, text or uscc.</summary>
    public string KeyFormat { get; init; } = "auto";

    /// <summary>Smallest number of rows on either side of a source's split; null for the participants' default.</summary>
    public string? MinimumCohort { get; init; }

    /// <summary>Between banks: whether two are enough, although each then learns the other's sums by subtraction.</summary>
    public bool AllowTwoBanks { get; init; }

    /// <summary>What the catalogues say of the parties, by name.</summary>
    public IReadOnlyDictionary<string, PartyDescription> Descriptions { get; init; } = new Dictionary<string, PartyDescription>();

    /// <summary>Folder for everything that the simulation leaves; null for a new one under <c>fedlab-runs</c>.</summary>
    public string? Out { get; init; }

    /// <summary>Port of the coordinator; null for a free one.</summary>
    public string? Port { get; init; }

    /// <summary>Who asks, for what is said of it.</summary>
    public CallerWords Caller { get; init; } = CallerWords.CommandLine;
}
