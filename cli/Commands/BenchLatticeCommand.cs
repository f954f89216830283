using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FedLab.Cli.Benchmarks;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Lattice;
using Spectre.Console;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab bench lattice</c> and <c>fedlab bench transform</c>: the lattice operations on this machine, by BenchmarkDotNet.</summary>
internal static class BenchLatticeCommand
{
    private const string Blank = "–";

    private static readonly int[] TransformDegrees = [2048, 4096, 8192, 16384, 32768];

    // As many primes of 50 bits as the 128-bit table has room for, but for one at 4096.
    private static readonly (int Degree, int Primes)[] Rings = [(4096, 2), (8192, 4), (16384, 8)];

    private static readonly LatticeOperation[] Threaded = [LatticeOperation.EncryptPublicKey, LatticeOperation.MultiplyRelinearise, LatticeOperation.Rotate];

    /// <summary>Makes <c>lattice</c>.</summary>
    /// <param name="screen">Where to write.</param>
    public static Command CreateLattice(Screen screen)
    {
        var degrees = Options.Many("--degree", "N", Messages.BenchDegreeOption);
        var oracle = new Option<bool>("--oracle") { Description = Messages.BenchOracleOption };
        var quick = new Option<bool>("--quick") { Description = Messages.BenchQuickOption };
        var json = Options.Json();
        var command = new DescribedCommand("lattice", Messages.BenchLatticeDescription)
        {
            Usage = "",
            Examples =
            [
                new Example("fedlab bench lattice", Messages.BenchLatticeExample),
                new Example("fedlab bench lattice --degree 8192 --oracle", Messages.BenchOracleExample),
                new Example("fedlab bench lattice --quick --json", Messages.BenchQuickExample),
            ],
        };
        command.Add(degrees);
        command.Add(oracle);
        command.Add(quick);
        command.Add(json);
        command.SetAction((result, cancellationToken) => Task.Run(
            () => LatticeAsync(screen, Choose(result.GetValue(degrees)!), result.GetValue(oracle), result.GetValue(quick), result.GetValue(json), cancellationToken),
            cancellationToken));
        return command;
    }

    /// <summary>Makes <c>transform</c>.</summary>
    /// <param name="screen">Where to write.</param>
    public static Command CreateTransform(Screen screen)
    {
        var json = Options.Json();
        var command = new DescribedCommand("transform", Messages.BenchTransformDescription) { Usage = "", Examples = [new Example("fedlab bench transform", Messages.BenchTransformDescription)] };
        command.Add(json);
        command.SetAction((result, cancellationToken) => Task.Run(() => TransformAsync(screen, result.GetValue(json), cancellationToken), cancellationToken));
        return command;
    }

    private static (int Degree, int Primes)[] Choose(string[] degrees)
    {
        if (degrees.Length == 0) return Rings;
        var chosen = degrees.Select(text => Rings.SingleOrDefault(ring => ring.Degree.ToString(CultureInfo.InvariantCulture) == text)).ToHashSet();
        if (chosen.Contains(default)) throw ClientException.Usage(Messages.BenchDegreeUnknown(string.Join(' ', degrees), string.Join(", ", Rings.Select(ring => ring.Degree))));
        return [.. chosen.Order()];
    }

    private static async Task<int> TransformAsync(Screen screen, bool json, CancellationToken cancellationToken)
    {
        var transforms = TransformDegrees.SelectMany(TransformBenchmark.Create).ToArray();
        var progress = screen.Measurements();
        using var measurer = new Measurer(quick: false);
        await measurer.WarmUpAsync([.. transforms.SelectMany(transform => new Action[] { transform.Forward, transform.Inverse })], cancellationToken);
        var timings = new List<(TransformBenchmark Transform, Measurement Forward, Measurement Inverse)>();
        foreach (var transform in transforms)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress.Report(timings.Count, transforms.Length, $"{transform.Path}, N = {transform.Degree}");
            timings.Add((transform, measurer.Measure(transform.Forward), measurer.Measure(transform.Inverse)));
        }
        progress.Clear();
        if (json)
        {
            screen.WriteJson(JsonOutput.Serialize(new
            {
                unit = "microseconds",
                transforms = timings.Select(timing => new
                {
                    timing.Transform.Degree,
                    timing.Transform.Path,
                    forwardMedian = timing.Forward.Median,
                    forwardMinimum = timing.Forward.Minimum,
                    inverseMedian = timing.Inverse.Median,
                    inverseMinimum = timing.Inverse.Minimum,
                }),
            }));
            return ExitCodes.Success;
        }
        var table = ReportTables.Create(Messages.BenchTransformTitle, [Messages.BenchPath, Messages.BenchDegree, Messages.BenchForward, Messages.BenchInverse]);
        foreach (var (transform, forward, inverse) in timings)
            ReportTables.AddRow(table, transform.Path, Number(transform.Degree), MedianAndLeast(forward), MedianAndLeast(inverse));
        screen.Output.Write(table);
        return ExitCodes.Success;
    }

    private static async Task<int> LatticeAsync(Screen screen, (int Degree, int Primes)[] rings, bool withOracle, bool quick, bool json, CancellationToken cancellationToken)
    {
        using var seal = withOracle ? SealProcess.Start() : null;
        using var measurer = new Measurer(quick);
        var progress = screen.Measurements();
        var threads = Math.Min(2, Environment.ProcessorCount);
        var report = new LatticeReport("microseconds", VersionCommand.VectorWidth, threads, [], []);
        var total = rings.Sum(ring => Enum.GetValues<LatticeOperation>().Length + (threads > 1 ? Threaded.Length : 0));
        var done = 0;
        foreach (var (degree, primes) in rings)
        {
            progress.Report(done, total, Messages.BenchPreparing(degree));
            using var benchmark = new LatticeBenchmark(degree, primes);
            seal?.Open(benchmark.Parameters, benchmark.ScaleBits);
            if (report.Rings.Count == 0) await measurer.WarmUpAsync([.. benchmark.Operations.Values], cancellationToken);
            var timings = new List<OperationReport>();
            foreach (var operation in Enum.GetValues<LatticeOperation>())
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Report(done++, total, $"N = {degree}: {Name(operation)}");
                if (!benchmark.Operations.TryGetValue(operation, out var run)) continue;
                var measured = measurer.Measure(run);
                (double Minimum, double Median)? other = seal is not null && SealProcess.Knows(operation) ? seal.Time(operation, SealTime(quick)) : null;
                timings.Add(OperationReport.Create(operation, measured, PublishedSeal.Find(degree, primes, operation), other));
            }
            seal?.Close();
            report.Rings.Add(new RingReport(degree, primes, LatticeBenchmark.PrimeBits, timings));
            if (threads < 2) continue;
            using var second = benchmark.Independent();
            foreach (var operation in Threaded)
            {
                progress.Report(done++, total, $"N = {degree}, {Messages.BenchThreads(threads)}: {Name(operation)}");
                var (window, repetitions) = quick ? (25, 6) : (60, 15);
                var (own, spinning) = ThreadThroughput.Measure([benchmark.Operations[operation], second.Operations[operation]], TimeSpan.FromMilliseconds(window), repetitions, cancellationToken);
                report.Throughput.Add(new ThroughputReport(degree, primes, Key(operation), own.One, own.All, own.Ratio, spinning.Ratio));
            }
        }
        progress.Clear();
        if (json) screen.WriteJson(JsonOutput.Serialize(report));
        else Write(screen.Output, report, withOracle);
        return ExitCodes.Success;
    }

    private static TimeSpan SealTime(bool quick) => TimeSpan.FromMilliseconds(quick ? 60 : 300);

    private static void Write(IAnsiConsole console, LatticeReport report, bool withOracle)
    {
        foreach (var ring in report.Rings)
        {
            string[] columns =
            [
                Messages.BenchOperation, Messages.BenchMedian, Messages.BenchLeast, Messages.BenchAllocated,
                "SEAL", "SEAL+HEXL", .. withOracle ? new[] { "node-seal" } : [],
            ];
            var table = ReportTables.Create(Messages.BenchLatticeTitle(ring.Degree, ring.Primes, ring.PrimeBits), columns);
            foreach (var timing in ring.Operations)
            {
                ReportTables.AddRow(
                    table,
                    [
                        Name(Enum.Parse<LatticeOperation>(timing.Operation, ignoreCase: true)),
                        Microseconds(timing.Median),
                        Microseconds(timing.Minimum),
                        $"{Formats.Count(timing.AllocatedBytes)} B",
                        Reference(timing.SealScalar),
                        Reference(timing.SealHexl),
                        .. withOracle ? new[] { Reference(timing.NodeSeal) } : [],
                    ]);
            }
            console.Write(table);
        }
        if (report.Throughput.Count > 0)
        {
            var table = ReportTables.Create(
                Messages.BenchThroughputTitle,
                [Messages.BenchOperation, Messages.BenchDegree, Messages.BenchThreads(1), Messages.BenchThreads(report.ThreadsCompared), Messages.BenchRatio, Messages.BenchCeiling]);
            foreach (var throughput in report.Throughput)
                ReportTables.AddRow(table, Name(Enum.Parse<LatticeOperation>(throughput.Operation, ignoreCase: true)), Number(throughput.Degree), Rate(throughput.OneThread), Rate(throughput.AllThreads), Ratio(throughput.Ratio), Ratio(throughput.Ceiling));
            console.Write(table);
            Note(console, Messages.BenchNoteCeiling);
        }
        foreach (var note in new[] { Messages.BenchNoteReference, withOracle ? Messages.BenchNoteOracle : null, Messages.BenchNoteShares })
        {
            if (note is not null) Note(console, note);
        }
    }

    private static void Note(IAnsiConsole console, string note) => console.Write(new Padder(new Text(note, Styles.Quiet), new Padding(1, 0, 0, 0)));

    private static string Reference(ReferenceReport? reference) => reference is null ? Blank : $"{Microseconds(reference.Minimum)} {Ratio(reference.Ratio) + "×",6}";

    private static string Name(LatticeOperation operation) => operation switch
    {
        LatticeOperation.ForwardTransform => Messages.OperationForwardTransform,
        LatticeOperation.InverseTransform => Messages.OperationInverseTransform,
        LatticeOperation.Encode => Messages.OperationEncode,
        LatticeOperation.EncryptPublicKey => Messages.OperationEncryptPublicKey,
        LatticeOperation.EncryptSecretKey => Messages.OperationEncryptSecretKey,
        LatticeOperation.Decrypt => Messages.OperationDecrypt,
        LatticeOperation.Decode => Messages.OperationDecode,
        LatticeOperation.Add => Messages.OperationAdd,
        LatticeOperation.MultiplyPlaintext => Messages.OperationMultiplyPlaintext,
        LatticeOperation.Multiply => Messages.OperationMultiply,
        LatticeOperation.MultiplyRelinearise => Messages.OperationMultiplyRelinearise,
        LatticeOperation.Rescale => Messages.OperationRescale,
        LatticeOperation.Rotate => Messages.OperationRotate,
        LatticeOperation.ExtractSum => Messages.OperationExtractSum,
        LatticeOperation.PublicKeyShare => Messages.OperationPublicKeyShare,
        LatticeOperation.RelinearisationFirstShare => Messages.OperationRelinearisationFirstShare,
        LatticeOperation.RelinearisationBothShares => Messages.OperationRelinearisationBothShares,
        LatticeOperation.GaloisKeyShare => Messages.OperationGaloisKeyShare,
        LatticeOperation.SwitchToPublicKeyShare => Messages.OperationSwitchToPublicKeyShare,
        LatticeOperation.DecryptionShare => Messages.OperationDecryptionShare,
        LatticeOperation.SampleDecryptionShare => Messages.OperationSampleDecryptionShare,
        LatticeOperation.ThresholdSummand => Messages.OperationThresholdSummand,
        _ => operation.ToString(),
    };

    private static string Key(LatticeOperation operation) => JsonNamingPolicy.CamelCase.ConvertName(operation.ToString());

    private static string MedianAndLeast(Measurement measurement) => $"{Microseconds(measurement.Median)} ({Microseconds(measurement.Minimum)})";

    private static string Microseconds(double value) => value.ToString(value < 10 ? "F2" : value < 1000 ? "F1" : "N0", CultureInfo.InvariantCulture);

    private static string Rate(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The object of <c>--json</c>.</summary>
    private sealed record LatticeReport(string Unit, string Vectors, int ThreadsCompared, List<RingReport> Rings, List<ThroughputReport> Throughput);

    private sealed record RingReport(int Degree, int Primes, int PrimeBits, IReadOnlyList<OperationReport> Operations);

    /// <summary>An operation and what it is held against; a ratio above 1 says how many times as fast FedLab is, least time by least time.</summary>
    private sealed record OperationReport(
        string Operation,
        double Minimum,
        double Median,
        long AllocatedBytes,
        ReferenceReport? SealScalar,
        ReferenceReport? SealHexl,
        ReferenceReport? NodeSeal)
    {
        public static OperationReport Create(LatticeOperation operation, Measurement measured, PublishedTime? published, (double Minimum, double Median)? nodeSeal) => new(
            Key(operation),
            measured.Minimum,
            measured.Median,
            measured.AllocatedBytes,
            published is null ? null : new ReferenceReport(published.Scalar, null, published.Scalar / measured.Minimum),
            published is null ? null : new ReferenceReport(published.Hexl, null, published.Hexl / measured.Minimum),
            nodeSeal is { } other ? new ReferenceReport(other.Minimum, other.Median, other.Minimum / measured.Minimum) : null);
    }

    private sealed record ReferenceReport(double Minimum, double? Median, double Ratio);

    /// <summary>Operations a second; the ceiling is the ratio of arithmetic in registers, measured in turn with them.</summary>
    private sealed record ThroughputReport(int Degree, int Primes, string Operation, double OneThread, double AllThreads, double Ratio, double Ceiling);
}
