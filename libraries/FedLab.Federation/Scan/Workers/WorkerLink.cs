using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Core;

namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// The participant's side of one call to a worker: sends orders, and knows what the worker has. It counts as lost when the call ends,
/// when it says something that was not asked for, or when it is silent for longer than patience allows while it has work.
/// </summary>
internal sealed class WorkerLink : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<WorkOrder, WorkReport> _call;
    private readonly CancellationTokenSource _over = new();
    private readonly WorkerRows _rows;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly HashSet<int> _chunks = [];
    private readonly Channel<PayloadBuffer?> _results = Channel.CreateUnbounded<PayloadBuffer?>();
    private readonly Lock _gate = new();
    private Task _reading = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private TreeCandidates _candidates = TreeCandidates.None;
    private long _lastHeard;
    private int _working;
    private long _sumsAwaited;

    private WorkerLink(string name, CallInvoker invoker, WorkerRows rows, TimeSpan patience, TimeProvider time)
    {
        (Name, _rows, _patience, _time) = (name, rows, patience, time);
        _call = new ScanWorkers.ScanWorkersClient(invoker).Work(new CallOptions(cancellationToken: _over.Token));
    }

    /// <summary>The worker's address.</summary>
    public string Name { get; }

    /// <summary>Whether the call has ended.</summary>
    public bool IsOver => _over.IsCancellationRequested;

    /// <summary>Whether it was given up because it was silent.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Why the worker's reports ended; null while they go on.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Chunks that were sent and are not done.</summary>
    public int Working
    {
        get
        {
            lock (_gate) return _working;
        }
    }

    /// <summary>Calls a worker and waits until it is ready.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="rows">What all chunks have in common.</param>
    /// <param name="patience">Silence after which it counts as lost.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<WorkerLink> OpenAsync(ScanWorker worker, WorkerRows rows, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var link = new WorkerLink(worker.Name, worker.Invoker, rows, patience, time);
        try
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var cancelled = wait.Token.Register(link._over.Cancel);
            wait.CancelAfter(patience);
            await link.GreetAsync().ConfigureAwait(false);
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        link._reading = link.ReadAsync();
        link._watching = link.WatchAsync();
        return link;
    }

    /// <summary>Sends a chunk's part of a request, and before it what the worker lacks: the chunk's codes, the tree's candidates.</summary>
    /// <param name="number">Number of the chunk.</param>
    /// <param name="chunk">Its blocks.</param>
    /// <param name="candidates">The candidates of the tree.</param>
    /// <param name="request">The encrypted vectors.</param>
    public async Task SendAsync(int number, BlockRange chunk, TreeCandidates candidates, ScanRequest request)
    {
        lock (_gate)
        {
            if (_working++ == 0) _lastHeard = _time.GetTimestamp();
        }
        if (_chunks.Add(number))
        {
            using var codes = new PayloadBuffer();
            foreach (var feature in _rows.Of(chunk)) codes.Write(feature.Codes.Span);
            await OrderAsync(new WorkOrder { Chunk = new WorkChunk { Chunk = number, FirstBlock = chunk.First, Blocks = chunk.Count } }, codes.AsSequence()).ConfigureAwait(false);
        }
        if (_candidates != candidates)
        {
            using var tree = new PayloadBuffer();
            candidates.Write(new MessageWriter(tree));
            await OrderAsync(new WorkOrder { Tree = new WorkTree { Length = tree.Length } }, tree.AsSequence()).ConfigureAwait(false);
            _candidates = candidates;
        }
        await OrderAsync(new WorkOrder { Vectors = new WorkVectors { Chunk = number, Nodes = request.Nodes } }, [.. request.Vectors.Range(chunk.First, chunk.Count)]).ConfigureAwait(false);
    }

    /// <summary>Waits until a chunk is done.</summary>
    public async Task DoneAsync()
    {
        if (await NextAsync().ConfigureAwait(false) is not { } sums) return;
        sums.Dispose();
        throw ProtocolErrors.WorkerReportInvalid(Name);
    }

    /// <summary>Takes the sums of the share; the caller disposes them.</summary>
    /// <param name="length">Their bytes.</param>
    public async Task<PayloadBuffer> CollectAsync(long length)
    {
        lock (_gate)
        {
            (_sumsAwaited, _lastHeard) = (length, _time.GetTimestamp());
            _working++;
        }
        await OrderAsync(new WorkOrder { Collect = new WorkCollect() }).ConfigureAwait(false);
        return await NextAsync().ConfigureAwait(false) ?? throw ProtocolErrors.WorkerReportInvalid(Name);
    }

    /// <summary>Ends the call.</summary>
    public void End() => _over.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_reading, _watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _call.Dispose();
        while (_results.Reader.TryRead(out var left)) left?.Dispose();
        _over.Dispose();
    }

    private async Task GreetAsync()
    {
        var plan = new PayloadBuffer();
        _rows.Plan.Write(new MessageWriter(plan));
        using (plan)
        {
            var setup = new WorkSetup { Version = WorkerProtocol.Version, Rows = _rows.Plan.Rows, Plan = ByteString.CopyFrom(plan.ToArray()) };
            setup.CodeCounts.AddRange(_rows.Features.Select(feature => feature.Count));
            await _call.RequestStream.WriteAsync(new WorkOrder { Setup = setup }).ConfigureAwait(false);
        }
        if (!await _call.ResponseStream.MoveNext(_over.Token).ConfigureAwait(false) || _call.ResponseStream.Current.Ready is null) throw ProtocolErrors.WorkerReportInvalid(Name);
    }

    private async Task OrderAsync(WorkOrder order, params ReadOnlySequence<byte>[] content)
    {
        await _call.RequestStream.WriteAsync(order, _over.Token).ConfigureAwait(false);
        foreach (var part in content)
        {
            foreach (var piece in part)
            {
                await _call.RequestStream.WriteAsync(new WorkOrder { Data = UnsafeByteOperations.UnsafeWrap(piece) }, _over.Token).ConfigureAwait(false);
                // It takes what it is sent: a slow line is not silence.
                lock (_gate) _lastHeard = _time.GetTimestamp();
            }
        }
    }

    private async Task<PayloadBuffer?> NextAsync()
    {
        try
        {
            return await _results.Reader.ReadAsync(_over.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (Failure is not null && e is OperationCanceledException or ChannelClosedException)
        {
            // The reader knows why; it says so before it lets anybody go.
            ExceptionDispatchInfo.Throw(Failure);
            throw;
        }
        finally
        {
            lock (_gate) _working--;
        }
    }

    private async Task ReadAsync()
    {
        PayloadBuffer? sums = null;
        try
        {
            while (await _call.ResponseStream.MoveNext(_over.Token).ConfigureAwait(false))
            {
                lock (_gate) _lastHeard = _time.GetTimestamp();
                var report = _call.ResponseStream.Current;
                switch (report.BodyCase)
                {
                    case WorkReport.BodyOneofCase.Working:
                        break;
                    case WorkReport.BodyOneofCase.Done:
                        _results.Writer.TryWrite(null);
                        break;
                    case WorkReport.BodyOneofCase.Sums when sums is null && report.Sums.Length == _sumsAwaited:
                        sums = new PayloadBuffer();
                        break;
                    case WorkReport.BodyOneofCase.Data when sums is not null && report.Data.Length <= _sumsAwaited - sums.Length:
                        sums.Write(report.Data.Span);
                        break;
                    default:
                        throw ProtocolErrors.WorkerReportInvalid(Name);
                }
                if (sums is not null && sums.Length == _sumsAwaited)
                {
                    _results.Writer.TryWrite(sums);
                    sums = null;
                }
            }
            throw ProtocolErrors.WorkerReportInvalid(Name);
        }
        catch (Exception e)
        {
            Failure = e;
            throw;
        }
        finally
        {
            sums?.Dispose();
            _results.Writer.TryComplete();
            await _over.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(_patience / 4, _time);
        while (await timer.WaitForNextTickAsync(_over.Token).ConfigureAwait(false))
        {
            lock (_gate)
            {
                if (_working == 0 || _time.GetElapsedTime(_lastHeard) < _patience) continue;
                IsSilent = true;
            }
            await _over.CancelAsync().ConfigureAwait(false);
        }
    }
}
