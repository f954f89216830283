using FedLab.Lattice;

namespace FedLab.Federation.Scan.Workers;

/// <summary>What a participant and its scan workers agree on.</summary>
public static class WorkerProtocol
{
    /// <summary>Version of the contract in <c>proto/worker.proto</c>; another one is refused.</summary>
    public const int Version = 1;

    /// <summary>Largest message of the contract in bytes: a piece of data and its frame, or the setup.</summary>
    public const int MaximumMessageBytes = 1 << 20;

    /// <summary>A worker that computes says so at least so often.</summary>
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>Chunks on their way to a worker or in its work: one is computed while the next one travels.</summary>
    internal const int ChunksAhead = 2;

    /// <summary>Largest list of a tree's candidates in bytes.</summary>
    internal const long MaximumTreeBytes = 1L << 28;

    /// <summary>Rows of a range of blocks; only the last block of a scan is not full.</summary>
    internal static int Rows(ScanPlan plan, int firstBlock, int blocks) =>
        (int)(Math.Min(plan.Rows, (long)(firstBlock + blocks) * plan.RowsPerBlock) - ((long)firstBlock * plan.RowsPerBlock));

    /// <summary>Bytes of the sums of a share.</summary>
    internal static long SumsLength(ScanPlan plan, LatticeContext lattice, int nodes, TreeCandidates candidates)
    {
        var masks = plan.Masks(nodes).ToArray();
        return masks.Sum(mask => (long)sizeof(long) * FirstSums.Length(plan, lattice, 2 * mask, candidates.Count))
            + ((long)candidates.Groups * masks.Length * ProductAccumulator.SerializedSize(lattice, messages: 0));
    }
}
