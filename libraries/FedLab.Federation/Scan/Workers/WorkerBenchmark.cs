using System.Diagnostics;
using System.Numerics;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Scan.Workers;

/// <summary>
/// Measures a source's answers to an encrypted scan with and without scan workers, over real connections to them. Used by
/// <c>fedlab bench workers</c>.
/// </summary>
public sealed class WorkerBenchmark : IDisposable
{
    private readonly ScanPlan _plan;
    private readonly ScanSetup _setup;
    private readonly GradientScan _scan;
    private readonly PayloadBuffer _payload;
    private readonly BinnedFeature[] _features;
    private readonly IReadOnlyList<SplitCandidate> _candidates;
    private readonly GradientPair[][] _expected;
    private readonly int _nodes;

    private WorkerBenchmark(ScanPlan plan, ScanSetup setup, GradientScan scan, PayloadBuffer payload, BinnedFeature[] features, IReadOnlyList<SplitCandidate> candidates, GradientPair[][] expected)
    {
        (_plan, _setup, _scan, _payload, _features, _candidates, _expected, _nodes) = (plan, setup, scan, payload, features, candidates, expected, expected.Length);
        Plan = plan.Describe(BitOperations.Log2((uint)_nodes) + 2, [candidates.Count], 1e9);
    }

    /// <summary>Number of candidates.</summary>
    public int Candidates => _candidates.Count;

    /// <summary>The parameters in words.</summary>
    public string Plan { get; }

    /// <summary>Bytes that the transforms of all candidates take.</summary>
    public long TransformBytes => (long)sizeof(double) * _plan.Blocks * _plan.Answers(Candidates) * _setup.Lattice.PolynomialLength;

    /// <summary>Makes a source's features and an encrypted request.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="features">Features of the source.</param>
    /// <param name="bins">Bins of each.</param>
    /// <param name="nodes">Nodes scanned together.</param>
    /// <param name="linkBitsPerSecond">Speed of the line that the plan assumes.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    public static async Task<WorkerBenchmark> PrepareAsync(int rows, int features, int bins, int nodes, double linkBitsPerSecond, CancellationToken cancellationToken)
    {
        var threads = Environment.ProcessorCount;
        var parameters = new TreeParameters { MaxBin = bins };
        var table = ScanBenchmark.Features(rows, features, bins, parameters);
        var local = new LocalCandidateSource("bench", table, parameters, 1, threads);
        local.BeginTree(0);
        var candidates = local.CandidatesOf(0);
        var quantizer = GradientQuantizer.For(rows, 1);
        var gradients = ScanBenchmark.Gradients(rows, quantizer);
        var scanNodes = Enumerable.Range(0, nodes).Select(node => new ScanNode(node, Enumerable.Range(0, rows).Where(row => row % nodes == node).ToArray())).ToArray();
        await local.BeginTreeAsync(gradients, cancellationToken).ConfigureAwait(false);
        var expected = await local.SumAsync(scanNodes, cancellationToken).ConfigureAwait(false);

        var plan = ScanPlan.Find(rows, Math.Max(quantizer.MaximumGradientSum, quantizer.MaximumHessianSum), BitOperations.Log2((uint)nodes) + 2, 1, [candidates.Count], linkBitsPerSecond);
        var scan = new GradientScan(plan, 1, threads);
        scan.BeginTree(gradients);
        using var setup = ScanSetup.Write(scan);
        var payload = await scan.RequestAsync(scanNodes, cancellationToken).ConfigureAwait(false);
        return new WorkerBenchmark(plan, ScanSetup.Read(setup.AsSequence(), rows), scan, payload, table, candidates, [.. expected]);
    }

    /// <summary>Answers the request as often as asked and checks the sums.</summary>
    /// <param name="workers">The workers; null for this process alone.</param>
    /// <param name="threads">Threads of this process.</param>
    /// <param name="memoryLimit">Bytes for kept transforms of this process, where it works alone.</param>
    /// <param name="trees">Trees; the first is not counted, since it pays for connections, the codes and compilation.</param>
    /// <param name="scans">Scans of each tree: the first makes the transforms, the others find those that are kept.</param>
    /// <param name="during">Called at the beginning of the last tree's first scan; may be null.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <returns>Seconds of every counted scan, tree by tree.</returns>
    /// <exception cref="InvalidOperationException">A sum is wrong.</exception>
    public async Task<IReadOnlyList<double[]>> MeasureAsync(IScanWorkers? workers, int threads, long memoryLimit, int trees, int scans, Action? during, CancellationToken cancellationToken)
    {
        var settings = new PartySettings(MemoryLimit: memoryLimit, DegreeOfParallelism: threads);
        var features = FeatureCodes.Of(_features);
        IBlockSummation summation = workers is null
            ? new LocalSummation(_plan, _setup.Lattice, features, settings)
            : new WorkerSummation(_plan, _setup.Lattice, features, settings, workers, TimeProvider.System);
        await using var _ = summation.ConfigureAwait(false);
        var scanner = new CandidateScanner(_setup, summation, settings);
        var seconds = new List<double[]>();
        for (var tree = 0; tree <= trees; tree++)
        {
            scanner.BeginTree(tree, _candidates);
            var times = new double[scans];
            for (var scan = 0; scan < scans; scan++)
            {
                if (tree == trees && scan == 0) during?.Invoke();
                var begin = Stopwatch.GetTimestamp();
                using var answer = await scanner.AnswerAsync(ScanRequest.Read(_plan, _setup.Lattice, _payload.AsSequence()), 0, cancellationToken).ConfigureAwait(false);
                times[scan] = Stopwatch.GetElapsedTime(begin).TotalSeconds;
                Check(scanner, answer, cancellationToken);
            }
            if (tree > 0) seconds.Add(times);
        }
        return seconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _payload.Dispose();
        _scan.Dispose();
    }

    private void Check(CandidateScanner scanner, PayloadBuffer answer, CancellationToken cancellationToken)
    {
        var (sums, _) = _scan.Decrypt("bench", _nodes, _candidates.Count, answer.AsSequence(), cancellationToken);
        for (var node = 0; node < _nodes; node++)
        {
            for (var i = 0; i < _candidates.Count; i++)
            {
                if (sums[node][i] != _expected[node][scanner.ToCatalogueOrder(i)]) throw new InvalidOperationException($"The sum of candidate {scanner.ToCatalogueOrder(i)} in node {node} is wrong.");
            }
        }
    }
}
