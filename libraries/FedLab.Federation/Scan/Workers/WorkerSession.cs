using System.Threading.Channels;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// The worker's side of one call of <see cref="ScanWorkers"/>: reads orders and what follows them, and executes them one after another
/// while the next one arrives. Nothing of an order is trusted.
/// </summary>
internal sealed class WorkerSession : IDisposable
{
    private const string MessageName = "A scan worker's order";

    private readonly IServerStreamWriter<WorkReport> _reports;
    private readonly TransformMemory _memory;
    private readonly int _threads;
    private readonly ScanPlan _plan;
    private readonly LatticeContext _lattice;
    private readonly int[] _codeCounts;
    private readonly ShareSums _share;
    private readonly Dictionary<int, CandidateBlocks> _chunks = [];

    // Of the reader, which is ahead of the work.
    private readonly Dictionary<int, int> _announced = [];
    private int _blocksAnnounced;
    private readonly SemaphoreSlim _writing = new(1);
    private TreeCandidates _candidates = TreeCandidates.None;
    private int _shareNodes;
    private long _advances;

    private WorkerSession(WorkSetup setup, IServerStreamWriter<WorkReport> reports, TransformMemory memory, int threads)
    {
        if (setup.Version != WorkerProtocol.Version) throw new RpcException(new Status(StatusCode.FailedPrecondition, LabMessages.OtherWorkerVersion(setup.Version, WorkerProtocol.Version)));
        (_reports, _memory, _threads) = (reports, memory, threads);
        var reader = new MessageReader(new(setup.Plan.Memory), MessageName);
        _plan = ScanPlan.Read(ref reader, setup.Rows);
        reader.End();
        _codeCounts = [.. setup.CodeCounts];
        if (_codeCounts.Any(count => count is < 1 or > 256)) throw ProtocolErrors.WorkerOrderInvalid();
        _lattice = new LatticeContext(_plan.Parameters);
        _share = new ShareSums(_plan, _lattice);
    }

    /// <summary>Serves a call to its end.</summary>
    /// <exception cref="ProtocolException">An order is malformed or out of turn.</exception>
    public static async Task ServeAsync(IAsyncStreamReader<WorkOrder> orders, IServerStreamWriter<WorkReport> reports, TransformMemory memory, int threads, CancellationToken cancellationToken)
    {
        if (!await orders.MoveNext(cancellationToken).ConfigureAwait(false)) return;
        using var session = new WorkerSession(orders.Current.Setup ?? throw ProtocolErrors.WorkerOrderInvalid(), reports, memory, threads);
        await session.ReportAsync(new WorkReport { Ready = new WorkReady { Threads = threads } }, cancellationToken).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = Channel.CreateBounded<Func<CancellationToken, Task>>(1);
        Task[] tasks = [session.ReadAsync(orders, work.Writer, stop.Token), WorkAsync(work.Reader, stop.Token), session.BeatAsync(stop.Token)];
        try
        {
            // Reading ends with the call; then the work that is left ends. Either failure ends both.
            await await Task.WhenAny(tasks[0], tasks[1]).ConfigureAwait(false);
            await tasks[1].ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var chunk in _chunks.Values) chunk.BeginTree(TreeCandidates.None);
        _share.Dispose();
        _writing.Dispose();
    }

    private static async Task WorkAsync(ChannelReader<Func<CancellationToken, Task>> work, CancellationToken cancellationToken)
    {
        await foreach (var item in work.ReadAllAsync(cancellationToken).ConfigureAwait(false)) await item(cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAsync(IAsyncStreamReader<WorkOrder> orders, ChannelWriter<Func<CancellationToken, Task>> work, CancellationToken cancellationToken)
    {
        while (await orders.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            var order = orders.Current;
            var length = Announced(order);
            var content = new PayloadBuffer();
            try
            {
                while (content.Length < length)
                {
                    if (!await orders.MoveNext(cancellationToken).ConfigureAwait(false)) throw ProtocolErrors.WorkerOrderInvalid();
                    var piece = orders.Current;
                    if (piece.BodyCase != WorkOrder.BodyOneofCase.Data || piece.Data.Length > length - content.Length) throw ProtocolErrors.WorkerOrderInvalid();
                    System.Buffers.BuffersExtensions.Write(content, piece.Data.Span);
                }
                await work.WriteAsync(token => ExecuteAsync(order, content, token), cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                content.Dispose();
                throw;
            }
        }
        work.Complete();
    }

    /// <summary>Bytes that follow an order, after a check of what it says.</summary>
    private long Announced(WorkOrder order)
    {
        switch (order.BodyCase)
        {
            case WorkOrder.BodyOneofCase.Chunk:
                var (first, blocks) = (order.Chunk.FirstBlock, order.Chunk.Blocks);
                // No more blocks than there are, all chunks together: the memory that a session can ask for is that of its scan.
                if (first < 0 || blocks < 1 || blocks > _plan.Blocks - first || blocks > _plan.Blocks - _blocksAnnounced || !_announced.TryAdd(order.Chunk.Chunk, blocks)) throw ProtocolErrors.WorkerOrderInvalid();
                _blocksAnnounced += blocks;
                return (long)_codeCounts.Length * WorkerProtocol.Rows(_plan, first, blocks);
            case WorkOrder.BodyOneofCase.Tree when order.Tree.Length is >= 0 and <= WorkerProtocol.MaximumTreeBytes:
                return order.Tree.Length;
            case WorkOrder.BodyOneofCase.Vectors when order.Vectors.Nodes is >= 1 and <= ScanRequest.MaximumNodes && _announced.TryGetValue(order.Vectors.Chunk, out var held):
                return EncryptedBlocks.Size(_plan, _lattice, order.Vectors.Nodes, held);
            case WorkOrder.BodyOneofCase.Collect:
                return 0;
            default:
                throw ProtocolErrors.WorkerOrderInvalid();
        }
    }

    private async Task ExecuteAsync(WorkOrder order, PayloadBuffer content, CancellationToken cancellationToken)
    {
        using (content)
        {
            switch (order.BodyCase)
            {
                case WorkOrder.BodyOneofCase.Chunk:
                    Take(order.Chunk, content);
                    break;
                case WorkOrder.BodyOneofCase.Tree:
                    BeginTree(content);
                    break;
                case WorkOrder.BodyOneofCase.Vectors:
                    await Task.Run(() => AddToShare(order.Vectors, content, cancellationToken), cancellationToken).ConfigureAwait(false);
                    await ReportAsync(new WorkReport { Done = new ChunkDone { Chunk = order.Vectors.Chunk } }, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    await SendSumsAsync(cancellationToken).ConfigureAwait(false);
                    break;
            }
        }
    }

    private void Take(WorkChunk chunk, PayloadBuffer content)
    {
        var rows = WorkerProtocol.Rows(_plan, chunk.FirstBlock, chunk.Blocks);
        var reader = new MessageReader(content.AsSequence(), MessageName);
        var features = new FeatureCodes[_codeCounts.Length];
        for (var feature = 0; feature < features.Length; feature++)
        {
            var codes = new byte[rows];
            System.Buffers.BuffersExtensions.CopyTo(reader.Slice(rows), codes);
            if (codes.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)(_codeCounts[feature] - 1))) throw ProtocolErrors.WorkerOrderInvalid();
            features[feature] = new FeatureCodes(codes, _codeCounts[feature]);
        }
        var blocks = new CandidateBlocks(_plan, _lattice, features, _memory);
        blocks.BeginTree(_candidates);
        _chunks.Add(chunk.Chunk, blocks);
    }

    private void BeginTree(PayloadBuffer content)
    {
        if (_shareNodes > 0) throw ProtocolErrors.WorkerOrderInvalid();
        var reader = new MessageReader(content.AsSequence(), MessageName);
        _candidates = TreeCandidates.Read(ref reader, _plan, _codeCounts);
        foreach (var chunk in _chunks.Values) chunk.BeginTree(_candidates);
    }

    private void AddToShare(WorkVectors vectors, PayloadBuffer content, CancellationToken cancellationToken)
    {
        if (_candidates.Count == 0 || (_shareNodes > 0 && _shareNodes != vectors.Nodes)) throw ProtocolErrors.WorkerOrderInvalid();
        if (_shareNodes == 0)
        {
            _share.Reset(_candidates, vectors.Nodes);
            _shareNodes = vectors.Nodes;
        }
        var blocks = _chunks[vectors.Chunk];
        var options = new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellationToken };
        using var ciphertexts = new EncryptedBlocks(_plan, _lattice, vectors.Nodes, blocks.Blocks, content.AsSequence()).Expand(0, blocks.Blocks, options);
        _share.Add(blocks, ciphertexts, () => Interlocked.Increment(ref _advances), options);
    }

    private async Task SendSumsAsync(CancellationToken cancellationToken)
    {
        if (_shareNodes == 0) throw ProtocolErrors.WorkerOrderInvalid();
        using var sums = new PayloadBuffer();
        await Task.Run(() => _share.Write(sums), cancellationToken).ConfigureAwait(false);
        _shareNodes = 0;
        await ReportAsync(new WorkReport { Sums = new WorkSums { Length = sums.Length } }, cancellationToken).ConfigureAwait(false);
        foreach (var piece in sums.Segments()) await ReportAsync(new WorkReport { Data = UnsafeByteOperations.UnsafeWrap(piece) }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells that the work advances, so that a long chunk is told from a worker that hangs.</summary>
    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(WorkerProtocol.Beat);
        var told = 0L;
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            var now = Interlocked.Read(ref _advances);
            if (now != told) await ReportAsync(new WorkReport { Working = new Working() }, cancellationToken).ConfigureAwait(false);
            told = now;
        }
    }

    private async Task ReportAsync(WorkReport report, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _reports.WriteAsync(report, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
