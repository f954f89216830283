using FedLab.Lattice;

namespace FedLab.Federation.Scan.Workers;

/// <summary>A run's own codes and plan as its workers need them.</summary>
/// <param name="Plan">The scan.</param>
/// <param name="Lattice">Its ring.</param>
/// <param name="Features">Own features over all rows.</param>
internal sealed record WorkerRows(ScanPlan Plan, LatticeContext Lattice, IReadOnlyList<FeatureCodes> Features)
{
    /// <summary>The features over the rows of a chunk.</summary>
    public FeatureCodes[] Of(BlockRange chunk) =>
        [.. Features.Select(feature => feature with { Codes = feature.Codes.Slice(chunk.First * Plan.RowsPerBlock, WorkerProtocol.Rows(Plan, chunk.First, chunk.Count)) })];
}

/// <summary>Consecutive blocks of rows.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many.</param>
internal readonly record struct BlockRange(int First, int Count);
