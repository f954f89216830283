using FedLab.Client.Labs;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Client.Simulations;

/// <summary>The model of all banks' rows in one place, in the clear: the same learner with its own sums, which only a simulation can have.</summary>
internal static class BankPool
{
    /// <summary>Trains it and evaluates it as the banks evaluate theirs.</summary>
    /// <param name="data">The files.</param>
    /// <param name="progress">Progress, in trees.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    public static async Task<ReportMetrics?> TrainAsync(BankData data, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        progress.Report(new LabProgress(LabPhase.Comparison));
        var training = Take(data, test: false);
        var test = Take(data, test: true);
        var learner = BankLearner.Of(data.ToSpec("pooled"), Environment.ProcessorCount);
        var made = await learner.TrainAsync(training, new OwnSums(), (done, _) => progress.Report(new LabProgress(LabPhase.Comparison, done, learner.Total)), cancellationToken);
        var evaluated = await SummedMetrics.EvaluateAsync(test.Labels, made.Model.PredictProbabilities(test.Features), new OwnSums(), cancellationToken);
        return evaluated.Metrics is { } metrics ? ReportMetrics.Of(metrics) : null;
    }

    private static BankRows Take(BankData data, bool test)
    {
        var features = new List<Table>(data.Sets.Count);
        var labels = new List<byte>();
        var identities = new List<ulong>();
        for (var bank = 0; bank < data.Sets.Count; bank++)
        {
            var set = data.Sets[bank];
            int[] rows = [.. Enumerable.Range(0, set.RowCount).Where(row => data.IsTest[bank][row] == test)];
            features.Add(FeatureDefinition.Conform(set.Table, data.Features, out _).TakeRows(rows));
            labels.AddRange(rows.Select(row => set.Labels![row]));
            identities.AddRange(rows.Select(row => RowIdentity.Of(set.Keys[row])));
        }
        return new BankRows(new Table([.. data.Features.Select(feature => Join(feature, features))]), [.. labels], [.. identities]);
    }

    private static Column Join(FeatureDefinition feature, List<Table> tables) => feature.Categories is { } categories
        ? new CategoricalColumn(feature.Name, categories, [.. tables.SelectMany(table => ((CategoricalColumn)table[feature.Name]).Codes.ToArray())])
        : new NumericColumn(feature.Name, [.. tables.SelectMany(table => ((NumericColumn)table[feature.Name]).Values.ToArray())]);
}
