namespace FedLab.Learning;

/// <summary>Work on consecutive blocks, shared between threads in contiguous parts.</summary>
internal static class BlockLoop
{
    /// <param name="blocks">Number of blocks, perhaps 0.</param>
    /// <param name="degreeOfParallelism">Greatest number of threads, at least 1.</param>
    /// <param name="part">Does the blocks from the first to below the last.</param>
    /// <param name="ct">Ends the work between parts.</param>
    public static void Run(int blocks, int degreeOfParallelism, Action<int, int> part, CancellationToken ct)
    {
        var parts = Math.Min(blocks, degreeOfParallelism);
        if (parts <= 1)
        {
            ct.ThrowIfCancellationRequested();
            part(0, blocks);
            return;
        }

        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts, CancellationToken = ct }, i =>
            part((int)((long)blocks * i / parts), (int)((long)blocks * (i + 1) / parts)));
    }
}
