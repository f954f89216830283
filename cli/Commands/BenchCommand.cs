using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Curve25519;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Scan;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab bench</c>: the kernels on this machine.</summary>
internal static class BenchCommand
{
    // About two seconds for each vector width.
    private const int CurvePoints = 20_000;
    private const double MicrosecondsPerSecond = 1e6;

    private const int Bins = 32;
    private const double LinkBitsPerSecond = 100e6;

    // One node and a whole level on default_credit, a level on give_me_some_credit (training rows, features of the source).
    private static readonly (int Rows, int Features, int Nodes)[] Shapes = [(23_934, 10, 1), (23_934, 10, 4), (119_982, 5, 4)];

    // A Newton round of 25 features, the last level of a tree of 10 features, a round of bin counts; three banks and ten.
    private static readonly (int Banks, int Values)[] SumShapes = [(3, 378), (3, 2_640), (3, 20_490), (10, 378)];

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    public static Command Create(Screen screen) => new DescribedCommand("bench", Messages.BenchDescription)
    {
        BenchLatticeCommand.CreateLattice(screen),
        BenchLatticeCommand.CreateTransform(screen),
        Part("scan", Messages.BenchScanDescription, screen, Scan),
        BenchWorkersCommand.Create(screen),
        Part("sums", Messages.BenchSumsDescription, screen, Sums),
        Part("curve", Messages.BenchCurveDescription, screen, Curve),
    };

    private static DescribedCommand Part(string name, string description, Screen screen, Action<Screen, bool, CancellationToken> measure)
    {
        var json = Options.Json();
        var command = new DescribedCommand(name, description) { Usage = "", Examples = [new Example($"fedlab bench {name}", description)] };
        command.Add(json);
        command.SetAction((result, cancellationToken) => Task.Run(
            () =>
            {
                measure(screen, result.GetValue(json), cancellationToken);
                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Scan(Screen screen, bool json, CancellationToken cancellationToken)
    {
        var threads = Environment.ProcessorCount;
        var timings = Shapes.Select(shape => ScanBenchmark.Measure(shape.Rows, shape.Features, Bins, shape.Nodes, threads, LinkBitsPerSecond, cancellationToken)).ToArray();
        if (json)
        {
            screen.WriteJson(JsonOutput.Serialize(new { unit = "nanoseconds for each row, candidate and node", threads, scans = timings }));
            return;
        }
        var table = ReportTables.Create(
            Messages.BenchScanTitle(threads),
            [Messages.BenchRows, Messages.BenchCandidates, Messages.BenchNodes, Messages.BenchEncrypted, Messages.BenchHistogram, Messages.BenchSecondsOf, Messages.BenchUp, Messages.BenchDown],
            leftColumns: 0);
        foreach (var timing in timings)
        {
            ReportTables.AddRow(
                table,
                Formats.Count(timing.Rows),
                Formats.Count(timing.Candidates),
                Formats.Count(timing.Nodes),
                timing.EncryptedNanoseconds.ToString("F2", CultureInfo.InvariantCulture),
                timing.HistogramNanoseconds.ToString("F3", CultureInfo.InvariantCulture),
                $"{Formats.Seconds(timing.Seconds["encrypt"])} / {Formats.Seconds(timing.Seconds["read"] + timing.Seconds["answer"])} / {Formats.Seconds(timing.Seconds["decrypt"])}",
                Formats.Bytes(timing.BytesUp),
                Formats.Bytes(timing.BytesDown));
        }
        screen.Output.Write(table);
        foreach (var timing in timings) screen.Output.Profile.Out.Writer.WriteLine(" " + timing.Plan);
    }

    private static void Sums(Screen screen, bool json, CancellationToken cancellationToken)
    {
        var timings = SumShapes.Select(shape => SumBenchmark.Measure(shape.Banks, shape.Values, cancellationToken)).ToArray();
        if (json)
        {
            screen.WriteJson(JsonOutput.Serialize(new { unit = "microseconds", sums = timings }));
            return;
        }
        var table = ReportTables.Create(
            Messages.BenchSumsTitle,
            [Messages.BenchBanks, Messages.BenchValues, Messages.BenchSumEncrypt, Messages.BenchSumAdd, Messages.BenchSumShare, Messages.BenchSumRead, Messages.BenchSent],
            leftColumns: 0);
        foreach (var timing in timings)
        {
            ReportTables.AddRow(
                table,
                Formats.Count(timing.Banks),
                Formats.Count(timing.Values),
                Microseconds(timing.EncryptMicroseconds),
                Microseconds(timing.AddMicroseconds),
                Microseconds(timing.ShareMicroseconds),
                Microseconds(timing.ReadMicroseconds),
                Formats.Bytes(timing.BytesSent));
        }
        screen.Output.Write(table);
    }

    private static void Curve(Screen screen, bool json, CancellationToken cancellationToken)
    {
        var rates = CurveBenchmarks.Measure(CurvePoints, cancellationToken);
        if (json)
        {
            screen.WriteJson(JsonOutput.Serialize(new { unit = "microseconds", points = CurvePoints, rates }));
            return;
        }
        var table = ReportTables.Create(Messages.BenchCurveTitle, [Messages.BenchPath, Messages.BenchMultiply, Messages.BenchHash, Messages.BenchPerSecond]);
        foreach (var rate in rates)
            ReportTables.AddRow(table, rate.Path, Microseconds(rate.MicrosecondsPerMultiplication), Microseconds(rate.MicrosecondsPerHash), Formats.Count((long)(MicrosecondsPerSecond / (rate.MicrosecondsPerMultiplication + rate.MicrosecondsPerHash))));
        screen.Output.Write(table);
    }

    private static string Microseconds(double value) => value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
