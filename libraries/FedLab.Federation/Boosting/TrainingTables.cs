using FedLab.Federation.Alignment;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Boosting;

/// <summary>A party's features in the common order: binned for training, raw for the evaluation.</summary>
/// <param name="Training">The binned features over the training rows; the bins were fitted on these rows alone.</param>
/// <param name="Test">The raw features over the test rows.</param>
internal sealed record TrainingTables(IReadOnlyList<BinnedFeature> Training, Table Test)
{
    public static TrainingTables Make(PartyRunContext context, AlignmentResult alignment, TreeParameters parameters, CancellationToken cancellationToken)
    {
        var rows = alignment.OwnRows.AsMemory();
        var columns = context.Data.Features.Columns;
        var features = new BinnedFeature[columns.Count];
        var everyRow = Enumerable.Range(0, alignment.TrainingRows).ToArray();
        Parallel.For(0, columns.Count, new ParallelOptions { MaxDegreeOfParallelism = context.Settings.DegreeOfParallelism, CancellationToken = cancellationToken }, i =>
        {
            var column = columns[i].TakeRows(rows.Span[..alignment.TrainingRows]);
            features[i] = FeatureBinner.Fit(column, everyRow, parameters).Encode(column);
        });
        return new TrainingTables(features, context.Data.Features.TakeRows(rows.Span[alignment.TrainingRows..]));
    }
}
