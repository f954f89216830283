using System.Globalization;

namespace FedLab.Notebook.Labs;

/// <summary>
/// What a new local lab is made of: a synthetic population where no files are named, or one's own files. The names are those of the options of <c>fedlab up</c>,
/// which makes the lab and checks them.
/// </summary>
public sealed record LabSetup
{
    /// <summary>Several banks with the same features, instead of data sources around a bank.</summary>
    public bool Horizontal { get; init; }

    /// <summary>Name of the lab and of the experiment that it is made for; null for the usual one.</summary>
    public string? Name { get; init; }

    /// <summary>Size of the synthetic population, in enterprises, between banks in rows; null for the usual size.</summary>
    public int? Rows { get; init; }

    /// <summary>Seed of the synthetic population; null for the usual one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Own files by institution, in the order that decides ties: <c>.csv</c> or <c>.csv.gz</c>. None for a synthetic population.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new OrderedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The key column of the own files, for one institution only as <c>institution.column</c>.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The label of the own files: <c>institution.column</c>, between banks <c>column</c>.</summary>
    public string? Label { get; init; }

    /// <summary>Institutions without which a row stays.</summary>
    public IReadOnlyList<string> Optional { get; init; } = [];

    /// <summary>Numeric codes that are categories: <c>institution.column</c>, between banks <c>column</c>.</summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>Columns that are left out: <c>institution.column</c>, between banks <c>column</c>.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The column that marks test rows with 1: <c>institution.column</c>, between banks <c>column</c>; null for every fifth row by its key's hash.</summary>
    public string? TestColumn { get; init; }

    /// <summary>Kind of model of the prepared experiment: <c>trees</c> or, between banks, <c>logistic</c>; null for trees.</summary>
    public string? Model { get; init; }

    /// <summary>Settings of the prepared experiment by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new OrderedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Smallest number of rows on either side of a source's split; null for the usual one.</summary>
    public int? MinimumCohort { get; init; }

    /// <summary>Between banks: whether two are enough, although each then learns the other's sums by subtraction.</summary>
    public bool AllowTwoBanks { get; init; }

    /// <summary>Port of the coordinator; null for a free one.</summary>
    public int? Port { get; init; }

    /// <summary>The same as arguments of <c>fedlab up</c>.</summary>
    internal IReadOnlyList<string> ToArguments()
    {
        List<string> arguments = [];
        if (Horizontal) Add("--federation", "horizontal");
        Add("--name", Name);
        Add("--rows", Rows?.ToString(CultureInfo.InvariantCulture));
        Add("--seed", Seed?.ToString(CultureInfo.InvariantCulture));
        foreach (var (party, file) in Files) Add("--party", $"{party}={file}");
        foreach (var key in Keys) Add("--key", key);
        Add("--label", Label);
        foreach (var name in Optional) Add("--optional", name);
        foreach (var name in Categorical) Add("--categorical", name);
        foreach (var name in Exclude) Add("--exclude", name);
        Add("--test-column", TestColumn);
        Add("--model", Model);
        foreach (var (name, value) in Settings) Add("--set", $"{name}={value}");
        Add("--minimum-cohort", MinimumCohort?.ToString(CultureInfo.InvariantCulture));
        if (AllowTwoBanks) arguments.Add("--allow-two-banks");
        Add("--port", Port?.ToString(CultureInfo.InvariantCulture));
        return arguments;

        // One word, so that a value that begins with a dash stays a value.
        void Add(string option, string? value)
        {
            if (value is not null) arguments.Add($"{option}={value}");
        }
    }
}
