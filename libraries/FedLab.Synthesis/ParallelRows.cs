namespace FedLab.Synthesis;

/// <summary>Makes rows on several threads and writes them in order, holding only a few blocks of rows at a time.</summary>
internal static class ParallelRows
{
    /// <summary>Positions a block covers: some hundred KiB of text, enough to pay for handing a block over.</summary>
    private const int BlockLength = 2048;

    /// <summary>Blocks in memory for each thread, so that a slow block does not leave the others idle.</summary>
    private const int BlocksPerThread = 4;

    /// <summary>Appends the row (or nothing, or two rows) of one position.</summary>
    public delegate void RowWriter<in TState>(TState state, int position, ByteRowBuffer rows);

    public static async Task WriteAsync<TState>(
        Stream stream, int positions, int degreeOfParallelism, Func<TState> createState, RowWriter<TState> writeRow,
        CancellationToken cancellationToken)
        where TState : class
    {
        var threads = degreeOfParallelism > 0 ? degreeOfParallelism : Environment.ProcessorCount;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var buffers = new ByteRowBuffer[threads * BlocksPerThread];
        var states = new TState[buffers.Length];
        for (var i = 0; i < buffers.Length; i++) (buffers[i], states[i]) = (new ByteRowBuffer(), createState());

        for (var start = 0L; start < positions; start += (long)buffers.Length * BlockLength)
        {
            var first = start;
            Parallel.For(0, buffers.Length, parallel, block =>
            {
                buffers[block].Clear();
                var from = first + (long)block * BlockLength;
                var to = Math.Min(positions, from + BlockLength);
                for (var position = from; position < to; position++) writeRow(states[block], (int)position, buffers[block]);
            });
            foreach (var buffer in buffers) await stream.WriteAsync(buffer.Written, cancellationToken).ConfigureAwait(false);
        }
    }
}
