using FedLab.Client.Labs;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Client.Simulations;

/// <summary>The models that the joint one is compared with, trained in the clear on the same rows with the same settings.</summary>
/// <param name="BankOnly">The active party's own columns alone.</param>
/// <param name="Pooled">All columns in one place.</param>
internal sealed record Baselines(ReportMetrics? BankOnly, ReportMetrics? Pooled)
{
    /// <summary>Trains both.</summary>
    /// <param name="data">The files.</param>
    /// <param name="progress">Progress, in models.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    public static async Task<Baselines> TrainAsync(SimulationData data, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        var labels = data.Labels;
        var identities = Array.ConvertAll(data.AlignedRows[0], row => RowIdentity.Of(data.Sets[0].Keys[row]));
        int[] training = [.. Enumerable.Range(0, data.Count).Where(position => !data.IsTest[position])];
        int[] test = [.. Enumerable.Range(0, data.Count).Where(position => data.IsTest[position])];
        // A party's minimum cohort is part of the model; the active party has none towards itself, as in the protocol.
        PooledParty[] parties = [.. data.Plan.Parties.Select((party, index) => new PooledParty(party.Name, data.Sets[index].Table.TakeRows(data.AlignedRows[index]), data.Plan.MinimumCohort))];

        progress.Report(new LabProgress(LabPhase.Comparison, 0, 2));
        var bankOnly = await FitAsync([parties[0]]);
        progress.Report(new LabProgress(LabPhase.Comparison, 1, 2));
        var pooled = await FitAsync(parties);
        progress.Report(new LabProgress(LabPhase.Comparison, 2, 2));
        return new Baselines(bankOnly, pooled);

        async Task<ReportMetrics?> FitAsync(IReadOnlyList<PooledParty> used)
        {
            var result = await PooledTrainer.FitAsync(used, labels, identities, training, test, data.Plan.Parameters, Environment.ProcessorCount, cancellationToken);
            return result.Metrics is { } metrics ? ReportMetrics.Of(metrics) : null;
        }
    }
}
