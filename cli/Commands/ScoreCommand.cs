using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Simulations;
using Spectre.Console;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab score</c>: new rows through the institutions of a finished run, or with a published model file alone.</summary>
internal static class ScoreCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var model = Options.One("--model", "FILE|DIR", Messages.ScoreModelOption);
        var data = Options.One("--data", "FILE", Messages.ScoreDataOption);
        var key = Options.One("--key", "COLUMN", Messages.ScoreKeyOption);
        var party = Options.Many("--party", "NAME=FILE", Messages.ScorePartyOption);
        var output = Options.One("--out", "FILE", Messages.ScoreOutOption);
        output.Aliases.Add("--output");
        var json = Options.Json();
        var command = new DescribedCommand("score", Messages.ScoreDescription)
        {
            Usage = "--model FILE --data FILE | --model DIR --party NAME=FILE … --out FILE",
            Examples =
            [
                new Example("fedlab score --model model.json --data new.csv --key uscc --out scores.csv", Messages.ScoreExample2),
                new Example("fedlab score --model fedlab-runs/demo-20260101-120000 --party bank-a=new.csv --party public-credit=credit.csv --party supply-chain=chain.csv --out scores.csv", Messages.ScoreExample1),
            ],
            Options = { model, data, key, party, output, json },
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var folder = result.GetValue(model) ?? throw ClientException.Usage(Messages.ScoreModelMissing);
            var asJson = result.GetValue(json);
            if (result.GetValue(data) is { } newRows)
            {
                if (result.GetValue(party) is { Length: > 0 }) throw ClientException.Usage(Messages.ScoreDataAndParty);
                List<string> warnings = [];
                var alone = await screen.Progress(asJson).ShowAsync(progress => ModelScoring.RunAsync(folder, newRows, result.GetValue(key), result.GetValue(output), progress, warnings.Add, time, cancellationToken));
                foreach (var warning in warnings) screen.WriteRemark(warning);
                if (asJson) screen.WriteJson(JsonOutput.Serialize(alone));
                else Write(screen.Output, alone);
                return ExitCodes.Success;
            }

            // Only a model that scores alone is a file.
            if (File.Exists(folder)) throw ClientException.Usage(Messages.ScoreDataMissing(folder));
            if (result.GetValue(key) is not null) throw ClientException.Usage(Messages.ScoreKeyWithoutData);
            var file = result.GetValue(output) ?? throw ClientException.Usage(Messages.ScoreOutMissing);
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

    private static void Write(IAnsiConsole console, ModelScoringReport report)
    {
        var table = ReportTables.Create(title: null, [Messages.ScoreRows, Messages.ScoreScored, Messages.ScoreLeftOut, Messages.ScoreUnknownValues, Messages.ScoreSeconds], leftColumns: 0);
        ReportTables.AddRow(table, Formats.Count(report.Rows), Formats.Count(report.Scored), Formats.Count(report.LeftOut), Formats.Count(report.UnknownValues), Formats.Seconds(report.Seconds));
        console.Write(table);
        console.Profile.Out.Writer.WriteLine(" " + Messages.ScoreDone(report.Path));
    }
}
