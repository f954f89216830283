using System.Diagnostics.CodeAnalysis;
using FedLab.Federation.Runs;
using FedLab.Lattice;
using Grpc.Core;

namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// Adds up with the help of the institution's scan workers. Work is shared by blocks of rows: sums over blocks add up exactly modulo each
/// prime, and a worker needs only its blocks' codes, ciphertexts and transforms. (Shares by features would show which candidates
/// belong to one feature, since the answers of a group leave together, or repeat the transforms.)
/// <code>
///   request ─► chunks of blocks on a board ─┬─► worker 1: takes a chunk, adds it to its share, takes the next … ─► sums of its share ─┐
///   (<see cref="ChunkBoard"/>)              ├─► worker 2 …                                                                            ├─ Σ ─► sums of all blocks
///                                           └─► none left: this process                                                               ─┘
///   a worker is lost ─► the chunks of its share go back to the board
/// </code>
/// A share counts when its sums have arrived whole, so the sums are the same however often the work moved. This process keeps no
/// transform.
/// </summary>
internal sealed class WorkerSummation : IBlockSummation
{
    /// <summary>Chunks of a run: so many that a lost worker's share spreads over the others, so few that what each costs by itself does not count.</summary>
    private const int Chunks = 32;

    private const int ChunksPerWorker = 4;

    /// <summary>Shares whose sums may arrive at the same time: each takes the memory of a whole scan's sums.</summary>
    private const int SharesAtOnce = 2;

    /// <summary>An address at which nobody answered is not tried again before.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly WorkerRows _rows;
    private readonly IScanWorkers _workers;
    private readonly PartySettings _settings;
    private readonly TimeProvider _time;
    private readonly ShareSums _total;
    private readonly Dictionary<string, WorkerLink> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<WorkerLink>> _opening = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _failed = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _collecting = new(SharesAtOnce);
    private readonly SemaphoreSlim _adding = new(1);
    private readonly CancellationTokenSource _over = new();
    private BlockRange[] _chunks = [];
    private string?[] _owners = [];
    private TreeCandidates _candidates = TreeCandidates.None;

    /// <summary>Prepares the sums of a run.</summary>
    /// <param name="plan">The scan.</param>
    /// <param name="lattice">Its ring.</param>
    /// <param name="features">Own features over the training rows of the common order.</param>
    /// <param name="settings">Threads.</param>
    /// <param name="workers">The workers.</param>
    /// <param name="time">Clock.</param>
    public WorkerSummation(ScanPlan plan, LatticeContext lattice, IReadOnlyList<FeatureCodes> features, PartySettings settings, IScanWorkers workers, TimeProvider time)
    {
        _rows = new WorkerRows(plan, lattice, features);
        (_settings, _workers, _time) = (settings, workers, time);
        _total = new ShareSums(plan, lattice);
    }

    /// <inheritdoc/>
    public void BeginTree(TreeCandidates candidates) => _candidates = candidates;

    /// <inheritdoc/>
    public async ValueTask<IBareSums> SumAsync(ScanRequest request, CancellationToken cancellationToken)
    {
        var found = await _workers.FindAsync(cancellationToken).ConfigureAwait(false);
        Divide(found);
        _total.Reset(_candidates, request.Nodes);
        if (_candidates.Count == 0) return new Lent(_total);
        using var board = new ChunkBoard(_owners);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var scan = new Scan(request, board, new ParallelOptions { MaxDegreeOfParallelism = _settings.DegreeOfParallelism, CancellationToken = end.Token }, end);
        await Task.WhenAll(found.Select(worker => ServeAsync(worker, scan))).ConfigureAwait(false);
        if (!board.IsComplete)
        {
            _workers.NoneLeft();
            await Task.Run(() => ComputeHere(scan), cancellationToken).ConfigureAwait(false);
        }
        return new Lent(_total);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_opening.Values.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var opening in _opening.Values.Where(opening => opening.IsCompletedSuccessfully)) await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        foreach (var link in _links.Values) await link.DisposeAsync().ConfigureAwait(false);
        _total.Dispose();
        _collecting.Dispose();
        _adding.Dispose();
        _over.Dispose();
    }

    /// <summary>Makes the chunks before the first scan; what a worker had that is gone belongs to nobody.</summary>
    private void Divide(IReadOnlyList<ScanWorker> found)
    {
        if (_chunks.Length == 0)
        {
            var blocks = _rows.Plan.Blocks;
            var chunks = Math.Min(blocks, Math.Max(Chunks, ChunksPerWorker * found.Count));
            var starts = Enumerable.Range(0, chunks + 1).Select(chunk => (int)((long)blocks * chunk / chunks)).ToArray();
            _chunks = [.. starts.Zip(starts.Skip(1), (start, end) => new BlockRange(start, end - start))];
            _owners = new string?[chunks];
        }
        for (var chunk = 0; chunk < _owners.Length; chunk++)
        {
            if (found.All(worker => worker.Name != _owners[chunk])) _owners[chunk] = null;
        }
    }

    /// <summary>Lets a worker take chunks until all are complete or it is lost.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong with a worker is the loss of that worker; a request that is wrong is found again by whoever computes it next.")]
    private async Task ServeAsync(ScanWorker worker, Scan scan)
    {
        var share = new Share();
        WorkerLink? link = null;
        try
        {
            link = await LinkAsync(worker, scan).ConfigureAwait(false);
            if (link is not null) await ShareOutAsync(link, share, scan).ConfigureAwait(false);
        }
        catch (Exception e) when (!share.IsBeingAdded)
        {
            scan.End.Token.ThrowIfCancellationRequested();
            if (scan.Board.IsComplete && link is null && e is OperationCanceledException) return; // the call is still on its way and serves the next scan
            Lose(worker.Name, link, e);
            link = null;
        }
        catch
        {
            // The total holds a part of this share: the scan cannot be saved.
            await scan.End.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            if (link is null) scan.Board.Leave(worker.Name, share.Chunks);
        }
    }

    private async Task ShareOutAsync(WorkerLink link, Share share, Scan scan)
    {
        using var end = scan.End.Token.Register(link.End);
        while (true)
        {
            var changed = scan.Board.Changed;
            if (scan.Board.IsComplete) return;
            if (link.Working < WorkerProtocol.ChunksAhead && scan.Board.TryTake(link.Name, out var chunk))
            {
                share.Chunks.Add(chunk);
                await link.SendAsync(chunk, _chunks[chunk], _candidates, scan.Request).ConfigureAwait(false);
            }
            else if (link.Working > 0)
            {
                await link.DoneAsync().ConfigureAwait(false);
            }
            else if (share.Chunks.Count > 0)
            {
                await AddAsync(link, share, scan).ConfigureAwait(false);
            }
            else
            {
                await changed.WaitAsync(scan.End.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes the sums of a share whole, then adds them.</summary>
    private async Task AddAsync(WorkerLink link, Share share, Scan scan)
    {
        await _collecting.WaitAsync(scan.End.Token).ConfigureAwait(false);
        try
        {
            using var sums = await link.CollectAsync(WorkerProtocol.SumsLength(_rows.Plan, _rows.Lattice, scan.Request.Nodes, _candidates)).ConfigureAwait(false);
            await _adding.WaitAsync(scan.End.Token).ConfigureAwait(false);
            try
            {
                share.IsBeingAdded = true;
                await Task.Run(() => _total.Add(sums.AsSequence(), scan.Options), scan.End.Token).ConfigureAwait(false);
                share.IsBeingAdded = false;
            }
            finally
            {
                _adding.Release();
            }
        }
        finally
        {
            _collecting.Release();
        }
        scan.Board.Complete(share.Chunks);
        share.Chunks.Clear();
    }

    /// <summary>The call to a worker: the one from the scan before, or a new one; null where nobody answered a moment ago.</summary>
    private async Task<WorkerLink?> LinkAsync(ScanWorker worker, Scan scan)
    {
        WorkerLink? former;
        lock (_gate)
        {
            if (_links.TryGetValue(worker.Name, out former) && !former.IsOver) return former;
            if (_failed.TryGetValue(worker.Name, out var since) && _time.GetElapsedTime(since) < Rest) return null;
            _links.Remove(worker.Name);
        }
        if (former is not null) await former.DisposeAsync().ConfigureAwait(false);
        Task<WorkerLink>? opening;
        lock (_gate)
        {
            if (!_opening.TryGetValue(worker.Name, out opening)) _opening.Add(worker.Name, opening = WorkerLink.OpenAsync(worker, _rows, _workers.Patience, _time, _over.Token));
        }
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(scan.End.Token, scan.Board.Completed);
        WorkerLink? link = null;
        try
        {
            link = await opening.WaitAsync(wait.Token).ConfigureAwait(false);
        }
        finally
        {
            // A call that comes to stand, or fails, just as the wait for it is given up stays for the next scan: there it is used, or told of.
            if (link is not null || !wait.IsCancellationRequested)
            {
                lock (_gate) _opening.Remove(worker.Name);
            }
        }
        lock (_gate)
        {
            _links.Add(worker.Name, link);
            _failed.Remove(worker.Name);
        }
        _workers.Found(worker.Name);
        return link;
    }

    private void Lose(string worker, WorkerLink? link, Exception reason)
    {
        link?.End();
        lock (_gate)
        {
            var isKnown = link is null && _failed.ContainsKey(worker);
            _failed[worker] = _time.GetTimestamp();
            if (isKnown) return; // told before, and not seen since
        }
        // What the worker said, or the network of it, explains more than that a write was given up.
        if (link?.Failure is { } failure && reason is OperationCanceledException) reason = failure;
        _workers.Lost(worker, link is { IsSilent: true } ? LabMessages.WorkerSilent(_workers.Patience) : reason is RpcException { Status.Detail: { Length: > 0 } detail } ? detail : reason.Message);
    }

    private void ComputeHere(Scan scan)
    {
        while (scan.Board.TryTake(worker: "", out var chunk))
        {
            var blocks = new CandidateBlocks(_rows.Plan, _rows.Lattice, _rows.Of(_chunks[chunk]), new TransformMemory(limit: 0));
            blocks.BeginTree(_candidates);
            using var ciphertexts = scan.Request.Expand(_chunks[chunk].First, _chunks[chunk].Count, scan.Options);
            _total.Add(blocks, ciphertexts, () => { }, scan.Options);
            scan.Board.Complete([chunk]);
        }
    }

    /// <summary>A scan under way.</summary>
    private sealed record Scan(ScanRequest Request, ChunkBoard Board, ParallelOptions Options, CancellationTokenSource End);

    /// <summary>What a worker holds whose sums have not been added.</summary>
    private sealed class Share
    {
        public List<int> Chunks { get; } = [];

        public bool IsBeingAdded { get; set; }
    }

    /// <summary>Sums whose memory stays with the summation.</summary>
    private sealed class Lent(ShareSums sums) : IBareSums
    {
        public FirstSums First(int mask) => sums.First(mask);

        public SumsLease Of(int group, int firstMask, int masks) => sums.Of(group, firstMask, masks);

        public void Dispose()
        {
            // The next scan begins anew in the same memory.
        }
    }
}
