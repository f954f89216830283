using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Federation.Experiments;

namespace FedLab.Client.Simulations;

/// <summary>
/// All files of a simulation in one place, which only a simulation has: checked before anything starts, and the source of the
/// bank-only and pooled figures. The rows in common are found here in the clear, by the same rules as in the protocol.
/// </summary>
public sealed class SimulationData
{
    private SimulationData(SimulationPlan plan, IReadOnlyList<DataSet> sets)
    {
        Plan = plan;
        Sets = sets;
        var rows = Join(plan, sets);
        AlignedRows = rows;
        IsTest = TestMask(plan, sets[0], rows[0]);
    }

    /// <summary>The plan.</summary>
    public SimulationPlan Plan { get; }

    /// <summary>The files' content, in the order of the plan's parties.</summary>
    public IReadOnlyList<DataSet> Sets { get; }

    /// <summary>For each party, its row at each position of the common order; −1 where an optional source does not know the key.</summary>
    public IReadOnlyList<int[]> AlignedRows { get; }

    /// <summary>For each position of the common order, whether it is held out.</summary>
    public bool[] IsTest { get; }

    /// <summary>Length of the common order.</summary>
    public int Count => IsTest.Length;

    /// <summary>Labels in the common order.</summary>
    public byte[] Labels
    {
        get
        {
            var labels = Sets[0].Labels!;
            return Array.ConvertAll(AlignedRows[0], row => labels[row]);
        }
    }

    /// <summary>Aligned rows that would have been lost without normalising keys: the active party or a required source has the key in another form.</summary>
    public int AlignedByNormalisation
    {
        get
        {
            var needed = Enumerable.Range(0, Sets.Count).Where(party => Plan.Parties[party].Role != PartyRole.Optional).ToArray();
            return Enumerable.Range(0, Count).Count(position => needed.Any(party => Sets[party].KeyWasNormalised[AlignedRows[party][position]]));
        }
    }

    /// <summary>Reads and checks all files.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Progress, in bytes read.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="DataFormatException">A file cannot be used.</exception>
    /// <exception cref="ClientException">The files do not fit together.</exception>
    public static async Task<SimulationData> ReadAsync(SimulationPlan plan, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var sets = await DataFiles.ReadAsync(plan.Parties, progress, cancellationToken);
        var data = new SimulationData(plan, sets);
        data.Check();
        return data;
    }

    private static int[][] Join(SimulationPlan plan, IReadOnlyList<DataSet> sets)
    {
        var indexes = sets.Skip(1).Select(set => Index(set.Keys)).ToArray();
        var rows = plan.Parties.Select(_ => new List<int>(sets[0].Keys.Count)).ToArray();
        for (var row = 0; row < sets[0].Keys.Count; row++)
        {
            var key = sets[0].Keys[row];
            var found = Array.ConvertAll(indexes, index => index.GetValueOrDefault(key, -1));
            if (found.Where((at, source) => at < 0 && plan.Parties[source + 1].Role == PartyRole.Required).Any()) continue;
            rows[0].Add(row);
            for (var source = 0; source < found.Length; source++) rows[source + 1].Add(found[source]);
        }
        return [.. rows.Select(list => list.ToArray())];
    }

    private static Dictionary<string, int> Index(IReadOnlyList<string> keys)
    {
        var index = new Dictionary<string, int>(keys.Count, StringComparer.Ordinal);
        for (var row = 0; row < keys.Count; row++) index.Add(keys[row], row);
        return index;
    }

    private static bool[] TestMask(SimulationPlan plan, DataSet active, int[] rows)
    {
        if (plan.Test.Column is not { } column) return Array.ConvertAll(rows, row => TestFold.IsInFold(active.Keys[row], plan.Test.Fold, plan.Test.Of));
        return Array.ConvertAll(rows, row => active.Folds![row] switch
        {
            "1" => true,
            "0" => false,
            var value => throw new ClientException(Messages.TestColumnValues(plan.Active.Source.Path, column, value)),
        });
    }

    private void Check()
    {
        if (Count == 0) throw new ClientException(Messages.NothingInCommon(string.Join(", ", Plan.Parties.Where(party => party.Role != PartyRole.Optional).Select(party => party.Source.Path))));
        var test = Plan.DescribeTest();
        if (!IsTest.Contains(true)) throw new ClientException(Messages.NoTestRows(test));
        if (!IsTest.Contains(false)) throw new ClientException(Messages.NoTrainingRows(test));
        var labels = Labels;
        var source = Plan.Active.Source;
        if (labels.Distinct().Count() < 2) throw new ClientException(Messages.OneClassOnly(source.Path, source.LabelColumn!, labels[0]));
        var training = labels.Where((_, position) => !IsTest[position]).ToArray();
        if (training.Distinct().Count() < 2) throw new ClientException(Messages.OneClassTrain(source.Path, source.LabelColumn!, training[0]));
    }
}
