using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Simulations;
using Spectre.Console;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab score</c>: new rows through the institutions of a finished run.</summary>
internal static class ScoreCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var model = Options.One("--model", "DIR", Messages.ScoreModelOption);
        var party = Options.Many("--party", "NAME=FILE", Messages.ScorePartyOption);
        var output = Options.One("--out", "FILE", Messages.ScoreOutOption);
        var json = Options.Json();
        var command = new DescribedCommand("score", Messages.ScoreDescription)
        {
            Usage = "--model DIR --party NAME=FILE … --out FILE",
            Examples = [new Example("fedlab score --model fedlab-runs/demo-20260101-120000 --party bank-a=new.csv --party public-credit=credit.csv --party supply-chain=chain.csv --out scores.csv", Messages.ScoreExample1)],
            Options = { model, party, output, json },
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var folder = result.GetValue(model) ?? throw ClientException.Usage(Messages.ScoreModelMissing);
            var file = result.GetValue(output) ?? throw ClientException.Usage(Messages.ScoreOutMissing);
            var asJson = result.GetValue(json);
            var report = await screen.Progress(asJson).ShowAsync(progress => Scoring.RunAsync(folder, result.GetValue(party) ?? [], file, progress, time, cancellationToken));
            if (asJson) screen.WriteJson(JsonOutput.Serialize(report));
            else Write(screen.Output, report);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Write(IAnsiConsole console, ScoringReport report)
    {
        var table = ReportTables.Create(title: null, [Messages.ScoreRows, Messages.ScoreScored, Messages.ScoreNotAligned, Messages.ScoreSeconds], leftColumns: 0);
        ReportTables.AddRow(table, Formats.Count(report.Rows), Formats.Count(report.Scored), Formats.Count(report.NotAligned), Formats.Seconds(report.Seconds));
        console.Write(table);
        console.Profile.Out.Writer.WriteLine(" " + Messages.ScoreDone(report.Path));
    }
}
