using System.Diagnostics;
using System.Numerics;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>What a scan costs.</summary>
/// <param name="Rows">Rows of the vector.</param>
/// <param name="Candidates">Candidates of the source.</param>
/// <param name="Nodes">Nodes scanned together.</param>
/// <param name="Plan">The parameters in words.</param>
/// <param name="Seconds">Wall seconds by step: encrypt, read, answer, decrypt (medians), and histogram, the plaintext's.</param>
/// <param name="BytesUp">Bytes of the request.</param>
/// <param name="BytesDown">Bytes of the answer.</param>
public sealed record ScanTimings(int Rows, int Candidates, int Nodes, string Plan, IReadOnlyDictionary<string, double> Seconds, long BytesUp, long BytesDown)
{
    /// <summary>Nanoseconds of the encrypted scan for each row, candidate and node: both parties together.</summary>
    public double EncryptedNanoseconds => 1e9 * (Seconds["encrypt"] + Seconds["read"] + Seconds["answer"] + Seconds["decrypt"]) / PairCount;

    /// <summary>Nanoseconds of the plaintext histogram for each row, candidate and node.</summary>
    public double HistogramNanoseconds => 1e9 * Seconds["histogram"] / PairCount;

    private double PairCount => (double)Rows * Candidates * Nodes;
}

/// <summary>Measures the encrypted scan beside the plaintext histogram, without a network. Used by <c>fedlab bench scan</c>.</summary>
public static class ScanBenchmark
{
    private const int Repetitions = 5;

    /// <summary>Measures one shape.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="features">Features of the source, each with all its bins.</param>
    /// <param name="bins">Bins of a feature.</param>
    /// <param name="nodes">Nodes scanned together.</param>
    /// <param name="degreeOfParallelism">Threads.</param>
    /// <param name="linkBitsPerSecond">Speed of the line that the plan assumes.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public static ScanTimings Measure(int rows, int features, int bins, int nodes, int degreeOfParallelism, double linkBitsPerSecond, CancellationToken cancellationToken)
    {
        var parameters = new TreeParameters { MaxBin = bins };
        var table = Features(rows, features, bins, parameters);
        var local = new LocalCandidateSource("bench", table, parameters, 1, degreeOfParallelism);
        local.BeginTree(0);
        var candidates = local.CandidatesOf(0);
        var quantizer = GradientQuantizer.For(rows, 1);
        var plan = ScanPlan.Find(rows, Math.Max(quantizer.MaximumGradientSum, quantizer.MaximumHessianSum), BitOperations.Log2((uint)nodes) + 2, 1, [candidates.Count], linkBitsPerSecond);
        var gradients = Gradients(rows, quantizer);
        var scanNodes = Enumerable.Range(0, nodes).Select(node => new ScanNode(node, Enumerable.Range(0, rows).Where(row => row % nodes == node).ToArray())).ToArray();

        using var scan = new GradientScan(plan, 1, degreeOfParallelism);
        scan.BeginTree(gradients);
        ScanSetup setup;
        using (var payload = ScanSetup.Write(scan)) setup = ScanSetup.Read(payload.AsSequence(), rows);
        var settings = new PartySettings(DegreeOfParallelism: degreeOfParallelism);
        var summation = new LocalSummation(plan, setup.Lattice, FeatureCodes.Of(table), settings);
        var scanner = new CandidateScanner(setup, summation, settings);
        scanner.BeginTree(0, candidates);

        var samples = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        long up = 0, down = 0;
        for (var repetition = 0; repetition < Repetitions + 1; repetition++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PayloadBuffer? request = null, answer = null;
            ScanRequest? read = null;
            Time("encrypt", () => request = scan.RequestAsync([.. scanNodes], cancellationToken).GetAwaiter().GetResult());
            Time("read", () => read = ScanRequest.Read(plan, setup.Lattice, request!.AsSequence()));
            Time("answer", () => answer = scanner.AnswerAsync(read!, 0, cancellationToken).GetAwaiter().GetResult());
            Time("decrypt", () => scan.Decrypt("bench", nodes, candidates.Count, answer!.AsSequence(), cancellationToken));
            Time("histogram", () =>
            {
                local.BeginTreeAsync(gradients, cancellationToken).AsTask().GetAwaiter().GetResult();
                local.SumAsync(scanNodes, cancellationToken).AsTask().GetAwaiter().GetResult();
            });
            (up, down) = (request!.Length, answer!.Length);
            request.Dispose();
            answer.Dispose();
            // The first round pays for compilation and for the transforms that are kept.
            if (repetition == 0) samples.Clear();
        }
        summation.DisposeAsync().AsTask().GetAwaiter().GetResult();
        var medians = samples.ToDictionary(pair => pair.Key, pair => pair.Value.Order().ElementAt(pair.Value.Count / 2), StringComparer.Ordinal);
        return new ScanTimings(rows, candidates.Count, nodes, plan.Describe(BitOperations.Log2((uint)nodes) + 2, [candidates.Count], linkBitsPerSecond), medians, up, down);

        void Time(string step, Action action)
        {
            var begin = Stopwatch.GetTimestamp();
            action();
            if (!samples.TryGetValue(step, out var list)) samples.Add(step, list = []);
            list.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
    }

    /// <summary>Features whose values fill every bin evenly.</summary>
    internal static BinnedFeature[] Features(int rows, int features, int bins, TreeParameters parameters)
    {
        var everyRow = Enumerable.Range(0, rows).ToArray();
        return [.. Enumerable.Range(0, features).Select(feature =>
        {
            // Values that fill every bin evenly, in another order for each feature.
            var column = new NumericColumn($"f{feature}", [.. everyRow.Select(row => (double)((row * 2_654_435_761L + feature * 40_503L) % 1_000_003 % (bins * 7)))]);
            return FeatureBinner.Fit(column, everyRow, parameters).Encode(column);
        })];
    }

    /// <summary>Gradients of a model that is not a constant.</summary>
    internal static TreeGradients Gradients(int rows, GradientQuantizer quantizer)
    {
        var gradients = new long[rows];
        var hessians = new long[rows];
        for (var row = 0; row < rows; row++)
        {
            var probability = 0.05 + 0.9 * (row * 7919L % 1000) / 1000;
            gradients[row] = quantizer.Quantize(row % 5 == 0 ? probability - 1 : probability);
            hessians[row] = quantizer.Quantize(probability * (1 - probability));
        }
        return new TreeGradients(0, gradients, hessians, quantizer);
    }
}
