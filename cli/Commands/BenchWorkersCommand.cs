using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client.Processes;
using FedLab.Federation.Scan.Workers;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab bench workers</c>: one and two scan workers as processes of their own, each with one thread, and the loss of one in a scan.</summary>
internal static class BenchWorkersCommand
{
    private const int Bins = 32;
    private const int Trees = 2;

    // As often as the scans that it is compared with.
    private const int Kills = Trees;

    // A line within a data centre, for which the plan puts one candidate into an answer.
    private const double LinkBitsPerSecond = 1e9;

    // Rows, features, nodes, and whether the workers keep transforms: the first scan of a tree beside later ones.
    private static readonly (int Rows, int Features, int Nodes, bool KeepsTransforms)[] Shapes = [(250_000, 10, 1, false), (2_000_000, 10, 1, false), (2_000_000, 5, 4, false), (500_000, 5, 4, true)];

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    public static Command Create(Screen screen)
    {
        var json = Options.Json();
        var command = new DescribedCommand("workers", Messages.BenchWorkersDescription) { Usage = "", Examples = [new Example("fedlab bench workers", Messages.BenchWorkersDescription)] };
        command.Add(json);
        command.SetAction(async (result, cancellationToken) =>
        {
            await MeasureAsync(screen, result.GetValue(json), cancellationToken);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task MeasureAsync(Screen screen, bool json, CancellationToken cancellationToken)
    {
        var home = Directory.CreateTempSubdirectory("fedlab-workers-").FullName;
        try
        {
            var figures = new List<Figures>();
            foreach (var (rows, features, nodes, keeps) in Shapes)
            {
                using var bench = await WorkerBenchmark.PrepareAsync(rows, features, Bins, nodes, LinkBitsPerSecond, cancellationToken);
                figures.Add(await MeasureAsync(bench, home, rows, nodes, keeps, cancellationToken));
            }
            if (json) screen.WriteJson(JsonOutput.Serialize(new { unit = "seconds", scans = figures }));
            else Show(screen, figures);
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    private static async Task<Figures> MeasureAsync(WorkerBenchmark bench, string home, int rows, int nodes, bool keeps, CancellationToken cancellationToken)
    {
        var keys = Path.Combine(home, "keys");
        WorkerCredential.Create(keys, TimeProvider.System);
        var memory = keeps ? (int)(bench.TransformBytes >> 20) + 1 : 0;
        using var first = await ScanWorkerProcess.StartAsync(home, threads: 1, memory, cancellationToken);
        using var second = await ScanWorkerProcess.StartAsync(home, threads: 1, memory, cancellationToken);
        var alone = await bench.MeasureAsync(null, threads: 1, (long)memory << 20, Trees, keeps ? 2 : 1, during: null, cancellationToken);
        var one = await WithAsync([first], null);
        var two = await WithAsync([first, second], null);
        // Killed in the middle of its work. What it kept is lost with it, so this is about scans that make their transforms.
        if (keeps) return new Figures(rows, bench.Candidates, nodes, keeps, Best(alone), Best(one), Best(two), Loss: null);
        var loss = double.PositiveInfinity;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var victim = await ScanWorkerProcess.StartAsync(home, threads: 1, memory, cancellationToken);
            var scans = await WithAsync([first, victim], () => _ = Task.Delay(TimeSpan.FromSeconds(Best(two) / 2), cancellationToken).ContinueWith(_ => victim.Kill(), cancellationToken, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default));
            loss = Math.Min(loss, scans[^1][0]);
        }
        return new Figures(rows, bench.Candidates, nodes, keeps, Best(alone), Best(one), Best(two), loss);

        async Task<IReadOnlyList<double[]>> WithAsync(ScanWorkerProcess[] workers, Action? during)
        {
            using var pool = new ScanWorkerPool([.. workers.Select(worker => worker.Address)], WorkerCredential.Load(keys));
            return await bench.MeasureAsync(pool, threads: Environment.ProcessorCount, memoryLimit: 0, Trees, keeps ? 2 : 1, during, cancellationToken);
        }
    }

    /// <summary>The least of the trees: what other programs on the machine took does not count.</summary>
    private static double Best(IReadOnlyList<double[]> trees) => trees.Min(scans => scans[^1]);

    private static void Show(Screen screen, List<Figures> figures)
    {
        var table = ReportTables.Create(
            Messages.BenchWorkersTitle,
            [Messages.BenchRows, Messages.BenchCandidates, Messages.BenchNodes, Messages.BenchTransforms, Messages.BenchAlone, Messages.BenchOneWorker, Messages.BenchTwoWorkers, Messages.BenchWorkersRatio, Messages.BenchThroughput, Messages.BenchLoss, Messages.BenchShare],
            leftColumns: 0);
        table.Columns[0].NoWrap = true; // a number of seven digits stays whole where the terminal is narrow
        foreach (var one in figures)
        {
            ReportTables.AddRow(
                table,
                Formats.Count(one.Rows),
                Formats.Count(one.Candidates),
                Formats.Count(one.Nodes),
                one.KeepsTransforms ? Messages.BenchKept : Messages.BenchMade,
                Seconds(one.Alone),
                Seconds(one.OneWorker),
                Seconds(one.TwoWorkers),
                one.Ratio.ToString("F2", CultureInfo.InvariantCulture),
                Formats.Count((long)(one.PairsPerSecond / 1e6)),
                one.Loss is { } loss ? Seconds(loss) : "",
                one.Loss is null ? "" : Seconds(one.LossBound));
        }
        screen.Output.Write(table);
    }

    private static string Seconds(double value) => value.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>Seconds of one shape.</summary>
    /// <param name="Rows">Rows.</param>
    /// <param name="Candidates">Candidates.</param>
    /// <param name="Nodes">Nodes scanned together.</param>
    /// <param name="KeepsTransforms">Whether the transforms were kept from an earlier scan.</param>
    /// <param name="Alone">This process with one thread.</param>
    /// <param name="OneWorker">One worker.</param>
    /// <param name="TwoWorkers">Two.</param>
    /// <param name="Loss">Two, of which one is killed in the middle; null where that was not measured.</param>
    private sealed record Figures(int Rows, int Candidates, int Nodes, bool KeepsTransforms, double Alone, double OneWorker, double TwoWorkers, double? Loss)
    {
        /// <summary>How much faster two are.</summary>
        public double Ratio => OneWorker / TwoWorkers;

        /// <summary>Rows times candidates times nodes a second, with two.</summary>
        public double PairsPerSecond => (double)Rows * Candidates * Nodes / TwoWorkers;

        /// <summary>What the loss may cost: the scan of two and the share of one.</summary>
        public double LossBound => TwoWorkers + (OneWorker / 2);
    }
}
