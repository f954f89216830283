using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Curve25519;
using FedLab.Lattice;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab bench</c>: the kernels on this machine.</summary>
internal static class BenchCommand
{
    // About two seconds for each vector width.
    private const int CurvePoints = 20_000;
    private const double MicrosecondsPerSecond = 1e6;

    private static readonly int[] Degrees = [2048, 4096, 8192, 16384, 32768];

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    public static Command Create(Screen screen) => new DescribedCommand("bench", Messages.BenchDescription)
    {
        Part("transform", Messages.BenchTransformDescription, screen, Transform),
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

    private static void Transform(Screen screen, bool json, CancellationToken cancellationToken)
    {
        var timings = LatticeBenchmarks.MeasureTransforms(Degrees, cancellationToken);
        if (json)
        {
            screen.WriteJson(JsonOutput.Serialize(new { unit = "microseconds", transforms = timings }));
            return;
        }
        var table = ReportTables.Create(Messages.BenchTransformTitle, [Messages.BenchPath, Messages.BenchDegree, Messages.BenchForward, Messages.BenchInverse]);
        foreach (var timing in timings)
            ReportTables.AddRow(table, timing.Path, timing.Degree.ToString(CultureInfo.InvariantCulture), MedianAndLeast(timing.ForwardMedian, timing.ForwardMinimum), MedianAndLeast(timing.InverseMedian, timing.InverseMinimum));
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

    private static string MedianAndLeast(double median, double least) => $"{Microseconds(median)} ({Microseconds(least)})";

    private static string Microseconds(double value) => value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
