using FedLab.Federation.Runs;
using FedLab.Federation.Scan;
using FedLab.Federation.Scan.Workers;
using FedLab.Learning;
using FedLab.Proto;

namespace FedLab.Federation.Tests.Workers;

/// <summary>A scan of many blocks that workers share: the sums are exact, and what travels travels once.</summary>
public sealed class WorkerSumsTests : IDisposable
{
    private const int Rows = 60_000;
    private const int Trees = 2;
    private const int Scans = 2;

    private readonly BinnedFeature[] _features;
    private readonly LocalCandidateSource _owner;
    private readonly TreeGradients _gradients;
    private readonly ScanPlan _plan;
    private readonly GradientScan _scan;

    public WorkerSumsTests()
    {
        var parameters = new TreeParameters { MaxBin = 16 };
        _features = ScanBenchmark.Features(Rows, 3, 16, parameters);
        _owner = new LocalCandidateSource("source", _features, parameters, 1, 1);
        _owner.BeginTree(0);
        var quantizer = GradientQuantizer.For(Rows, 1);
        _plan = ScanPlan.Find(Rows, quantizer.MaximumGradientSum, 4, 1, [_owner.CandidatesOf(0).Count], 1e9);
        _gradients = ScanBenchmark.Gradients(Rows, quantizer);
        _scan = new GradientScan(_plan, 1, 1);
        _scan.BeginTree(_gradients);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Chunks => Math.Min(32, _plan.Blocks);

    public void Dispose() => _scan.Dispose();

    [Fact]
    public async Task A_worker_gets_every_chunks_codes_once_a_run_and_the_candidates_once_a_tree()
    {
        Assert.InRange(_plan.Blocks, 8, int.MaxValue);
        var workers = new MemoryWorkers(1);

        await ScanAsync(workers);

        var orders = workers.Workers[0].Orders;
        Assert.Equal(1, orders[WorkOrder.BodyOneofCase.Setup]);
        Assert.Equal(Chunks, orders[WorkOrder.BodyOneofCase.Chunk]);
        Assert.Equal(Trees, orders[WorkOrder.BodyOneofCase.Tree]);
        Assert.Equal(Chunks * Trees * Scans, orders[WorkOrder.BodyOneofCase.Vectors]);
        Assert.Equal(Trees * Scans, orders[WorkOrder.BodyOneofCase.Collect]);
    }

    [Fact]
    public async Task Two_workers_share_the_chunks_and_each_sends_its_sums_once_a_scan()
    {
        var workers = new MemoryWorkers(2);
        // Neither goes on before the other has begun, so that a machine with much to do does not leave all to one.
        var begun = workers.Workers.ToDictionary(worker => worker, _ => new TaskCompletionSource());
        foreach (var worker in workers.Workers)
        {
            worker.BreaksAt = order =>
            {
                if (order.BodyCase == WorkOrder.BodyOneofCase.Vectors) begun[worker].TrySetResult();
                return false;
            };
            worker.Alter = report =>
            {
                if (report.BodyCase == WorkReport.BodyOneofCase.Done) Task.WhenAll(begun.Values.Select(source => source.Task)).Wait(TimeSpan.FromSeconds(30));
                return report;
            };
        }

        await ScanAsync(workers);

        Assert.All(workers.Workers, worker =>
        {
            Assert.InRange(worker.Orders[WorkOrder.BodyOneofCase.Vectors], 1, (Chunks * Trees * Scans) - 1);
            Assert.InRange(worker.Orders[WorkOrder.BodyOneofCase.Collect], 1, Trees * Scans);
        });
        Assert.Equal(Chunks * Trees * Scans, workers.Workers.Sum(worker => worker.Orders[WorkOrder.BodyOneofCase.Vectors]));
    }

    [Theory]
    [InlineData(WorkOrder.BodyOneofCase.Setup, 1)]
    [InlineData(WorkOrder.BodyOneofCase.Chunk, 2)]
    [InlineData(WorkOrder.BodyOneofCase.Tree, 2)]
    [InlineData(WorkOrder.BodyOneofCase.Vectors, 3)]
    [InlineData(WorkOrder.BodyOneofCase.Data, 5)]
    [InlineData(WorkOrder.BodyOneofCase.Collect, 2)]
    public async Task The_sums_are_exact_wherever_a_worker_is_lost(WorkOrder.BodyOneofCase at, int time)
    {
        var workers = new MemoryWorkers(2);
        var seen = 0;
        workers.Workers[0].BreaksAt = order => order.BodyCase == at && Interlocked.Increment(ref seen) == time;

        await ScanAsync(workers);

        if (seen >= time) Assert.Equal("worker-1", Assert.Single(workers.Gone).Name);
        Assert.Equal(0, workers.TimesAlone);
    }

    [Fact]
    public async Task A_worker_that_comes_back_is_called_again_after_a_rest_and_gets_its_codes_again()
    {
        var time = new SteppingTime();
        var workers = new MemoryWorkers(1);
        var seen = 0;
        workers.Workers[0].BreaksAt = order => order.BodyCase == WorkOrder.BodyOneofCase.Vectors && ++seen == 2;

        await ScanAsync(workers, time);

        Assert.Equal(2, workers.Workers[0].Calls);
        Assert.Equal(2, workers.Seen.Count);
        Assert.Equal(1, workers.TimesAlone);
        Assert.Equal(Chunks * ((Trees * Scans) - 1), workers.Workers[0].Orders[WorkOrder.BodyOneofCase.Vectors] - 2);
    }

    [Fact]
    public void The_ring_of_ten_million_rows_is_the_one_whose_memory_the_operations_page_counts()
    {
        const int rows = 10_000_000;
        var quantizer = GradientQuantizer.For(rows, 1);

        var plan = ScanPlan.Find(rows, Math.Max(quantizer.MaximumGradientSum, quantizer.MaximumHessianSum), 4, 20, [3100], 1e9);

        Assert.Equal((4096, 2, 2442), (plan.Parameters.Degree, plan.Parameters.Primes.Count, plan.Blocks));
    }

    /// <summary>Scans two nodes several times over two trees and compares every sum.</summary>
    private async Task ScanAsync(IScanWorkers workers, TimeProvider? time = null)
    {
        using var written = ScanSetup.Write(_scan);
        var setup = ScanSetup.Read(written.AsSequence(), Rows);
        await using var summation = new WorkerSummation(_plan, setup.Lattice, FeatureCodes.Of(_features), new PartySettings(), workers, time ?? TimeProvider.System);
        var scanner = new CandidateScanner(setup, summation, new PartySettings());
        ScanNode[] nodes = [new(0, Enumerable.Range(0, Rows).ToArray()), new(1, Enumerable.Range(0, Rows).Where(row => row % 7 < 3).ToArray())];
        var candidates = _owner.CandidatesOf(0);
        await _owner.BeginTreeAsync(_gradients, Token);
        var expected = await _owner.SumAsync(nodes, Token);
        for (var tree = 0; tree < Trees; tree++)
        {
            scanner.BeginTree(tree, candidates);
            for (var scan = 0; scan < Scans; scan++)
            {
                using var payload = await _scan.RequestAsync([.. nodes], Token);
                using var answer = await scanner.AnswerAsync(ScanRequest.Read(_plan, setup.Lattice, payload.AsSequence()), tree, Token);
                var (sums, _) = _scan.Decrypt("source", nodes.Length, candidates.Count, answer.AsSequence(), Token);
                for (var node = 0; node < nodes.Length; node++)
                {
                    for (var i = 0; i < candidates.Count; i++) Assert.Equal(expected[node][scanner.ToCatalogueOrder(i)], sums[node][i]);
                }
                if (time is SteppingTime stepping) stepping.Step(TimeSpan.FromSeconds(11));
            }
        }
    }

    private sealed class SteppingTime : TimeProvider
    {
        private long _ahead;

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _ahead);

        public void Step(TimeSpan by) => Interlocked.Add(ref _ahead, (long)(by.TotalSeconds * TimestampFrequency));
    }
}
