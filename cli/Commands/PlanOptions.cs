using System.CommandLine;
using FedLab.Cli.Resources;
using FedLab.Client.Plans;

namespace FedLab.Cli.Commands;

/// <summary>The options that say whose files make a federation, and what is learnt from them.</summary>
internal sealed class PlanOptions
{
    /// <summary><c>--federation</c>.</summary>
    public Option<string?> Federation { get; } = Options.One("--federation", "vertical|horizontal", Messages.FederationOption);

    /// <summary><c>--party</c>.</summary>
    public Option<string[]> Party { get; } = Options.Many("--party", "NAME=FILE", Messages.PartyOption);

    /// <summary><c>--key</c>.</summary>
    public Option<string[]> Key { get; } = Options.Many("--key", "COLUMN", Messages.KeyOption);

    /// <summary><c>--label</c>.</summary>
    public Option<string?> Label { get; } = Options.One("--label", "[PARTY.]COLUMN", Messages.LabelOption);

    /// <summary><c>--model</c>.</summary>
    public Option<string?> Model { get; } = Options.One("--model", "trees|logistic", Messages.ModelOption);

    /// <summary><c>--set</c>.</summary>
    public Option<string[]> Set { get; } = Options.Many("--set", "NAME=VALUE", Messages.SetOption);

    private Option<string?> TestFold { get; } = Options.One("--test-fold", "F/K", Messages.TestFoldOption);

    private Option<string?> TestColumn { get; } = Options.One("--test-column", "[PARTY.]COLUMN", Messages.TestColumnOption);

    private Option<string[]> Optional { get; } = Options.Many("--optional", "NAME", Messages.OptionalOption);

    private Option<string[]> Categorical { get; } = Options.Many("--categorical", "[PARTY.]COLUMN", Messages.CategoricalOption);

    private Option<string[]> Exclude { get; } = Options.Many("--exclude", "[PARTY.]COLUMN", Messages.ExcludeOption);

    private Option<string?> KeyFormat { get; } = Options.One("--key-format", "auto|text|uscc", Messages.KeyFormatOption);

    private Option<string?> Cohort { get; } = Options.One("--minimum-cohort", "N", Messages.MinimumCohortOption);

    private Option<bool> TwoBanks { get; } = new("--allow-two-banks") { Description = Messages.AllowTwoBanksOption };

    /// <summary>All of them, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [Federation, Party, Key, Label, Model, Set, TestFold, TestColumn, Optional, Categorical, Exclude, KeyFormat, Cohort, TwoBanks];

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        foreach (var option in All) command.Add(option);
    }

    /// <summary>What was typed.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="port">Port of the coordinator, as typed.</param>
    /// <param name="caller">Who asks; somebody at a terminal by default.</param>
    public SimulationOptions Read(ParseResult result, string? port, CallerWords? caller = null) => new()
    {
        Parties = result.GetValue(Party) ?? [],
        Keys = result.GetValue(Key) ?? [],
        Label = result.GetValue(Label),
        Model = result.GetValue(Model) ?? "trees",
        Settings = result.GetValue(Set) ?? [],
        TestFold = result.GetValue(TestFold),
        TestColumn = result.GetValue(TestColumn),
        Optional = result.GetValue(Optional) ?? [],
        Categorical = result.GetValue(Categorical) ?? [],
        Exclude = result.GetValue(Exclude) ?? [],
        KeyFormat = result.GetValue(KeyFormat) ?? "auto",
        MinimumCohort = result.GetValue(Cohort),
        AllowTwoBanks = result.GetValue(TwoBanks),
        Port = port,
        Caller = caller ?? CallerWords.CommandLine,
    };
}
