using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Learning;

namespace FedLab.Client.Simulations;

/// <summary>
/// All banks' files in one place, which only a simulation has: the data dictionary is made of them, which banks otherwise agree on
/// before, and the pooled model is trained on them.
/// </summary>
public sealed class BankData
{
    private BankData(BankPlan plan, IReadOnlyList<DataSet> sets)
    {
        Plan = plan;
        Sets = sets;
        Features = [.. plan.Features.Select(name => Define(name, sets))];
        IsTest = [.. sets.Select((set, bank) => TestMask(plan, set, plan.Parties[bank].Source.Path))];
    }

    /// <summary>The plan, with all columns of text named as categories.</summary>
    public BankPlan Plan { get; }

    /// <summary>The files' content, in the order of the plan's banks.</summary>
    public IReadOnlyList<DataSet> Sets { get; }

    /// <summary>The data dictionary: the first file's columns in its order, texts with all categories of all files in ordinal order.</summary>
    public IReadOnlyList<FeatureDefinition> Features { get; }

    /// <summary>For each bank and row, whether it is held out.</summary>
    public IReadOnlyList<bool[]> IsTest { get; }

    /// <summary>Reads and checks all files.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Progress, in bytes read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DataFormatException">A file cannot be used.</exception>
    /// <exception cref="ClientException">The files do not fit together.</exception>
    /// <exception cref="ProtocolException">A feature has too many categories, or none.</exception>
    public static async Task<BankData> ReadAsync(BankPlan plan, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var sets = (await DataFiles.ReadAsync(plan.Parties, progress, cancellationToken)).ToArray();
        string[] categorical = [.. plan.Features.Where(name => sets.Any(set => set.Table[name] is CategoricalColumn))];
        plan = plan.WithCategorical(categorical);
        for (var bank = 0; bank < sets.Length; bank++)
        {
            // What is text at one bank is text at all, even where it looks like numbers.
            if (categorical.All(name => sets[bank].Table[name] is CategoricalColumn)) continue;
            sets[bank] = await DataSetReader.ReadAsync(plan.Parties[bank].Source, progress: null, cancellationToken);
        }
        var data = new BankData(plan, sets);
        data.Check();
        return data;
    }

    /// <summary>The specification that the banks approve.</summary>
    /// <param name="name">Name of the experiment.</param>
    public ExperimentSpec ToSpec(string name) => new()
    {
        Name = name,
        Model = Plan.Model,
        Parties = [.. Plan.Parties.Select(party => new ExperimentParty(party.Name, party.Role))],
        Features = Features,
        Test = Plan.Test,
        Settings = Plan.Settings,
    };

    private static FeatureDefinition Define(string name, IReadOnlyList<DataSet> sets) => sets[0].Table[name] is not CategoricalColumn
        ? new FeatureDefinition(name)
        : new FeatureDefinition(name, [.. sets.SelectMany(set => ((CategoricalColumn)set.Table[name]).Categories).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    private static bool[] TestMask(BankPlan plan, DataSet set, string path) => plan.Test.Column is not { } column
        ? [.. set.Keys.Select(key => TestFold.IsInFold(key, plan.Test.Fold, plan.Test.Of))]
        : Array.ConvertAll(set.Folds!, fold => fold switch
        {
            "1" => true,
            "0" => false,
            _ => throw new ClientException(Messages.TestColumnValues(path, column, fold)),
        });

    private void Check()
    {
        if (!Plan.KeyWasNamed)
        {
            // Rows were left out for a column that nobody called a key.
            for (var bank = 0; bank < Sets.Count; bank++)
            {
                var report = Sets[bank].Report;
                if (report.RowsKept < report.RowsRead) throw ClientException.Usage(Messages.BankFirstColumnNoKey(Plan.Parties[bank].Source.Path, Plan.Key, report.RowsRead - report.RowsKept, report.RowsRead));
            }
        }
        var test = Plan.DescribeTest();
        var labels = Sets.SelectMany((set, bank) => set.Labels!.Zip(IsTest[bank], (label, isTest) => (label, isTest))).ToLookup(row => row.isTest, row => row.label);
        if (!labels[true].Any()) throw new ClientException(Messages.NoTestRows(test));
        if (!labels[false].Any()) throw new ClientException(Messages.NoTrainingRows(test));
        if (labels[false].Distinct().Count() < 2) throw new ClientException(Messages.BankTrainOneClass(test, Plan.Label, labels[false].First()));
        if (labels[true].Distinct().Count() < 2) throw new ClientException(Messages.BankTestOneClass(test, Plan.Label, labels[true].First()));
        // The parties would refuse it later; here nothing has been written yet.
        _ = ExperimentSpec.Parse(ToSpec("simulation").ToBytes());
    }
}
