using System.Globalization;
using FedLab.Cli.Resources;
using FedLab.Client.Labs;
using FedLab.Client.Simulations;
using FedLab.Federation.Horizontal;
using FedLab.Learning;
using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>The report of a simulation between banks as tables.</summary>
internal static class BankReportTables
{
    /// <summary>Prints the report.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="report">The report.</param>
    public static void Write(IAnsiConsole console, BankSimulationReport report)
    {
        WriteBanks(console, report);
        ReportTables.WriteKeyFaults(console, report.Banks.Select(bank => (bank.Key, bank.Value.Keys)));
        if (report.Logistic is { } fit) WriteCoefficients(console, fit, report.Settings);
        WriteQuality(console, report);
        WriteGains(console, report);
        WriteAbsent(console, report);
        WriteCost(console, report);
        ReportTables.WriteResult(console, report.Model.Sha256, report.Model.File, report.Audit, report.Out);
    }

    private static void WriteBanks(IAnsiConsole console, BankSimulationReport report)
    {
        var table = ReportTables.Create(Messages.ReportInstitutions, [Messages.ReportParty, Messages.ReportRowsRead, Messages.ReportUsable, Messages.ReportTraining, Messages.ReportTest, Messages.ReportRate]);
        foreach (var (name, bank) in report.Banks)
            ReportTables.AddRow(table, name, Formats.Count(bank.RowsRead), Formats.Count(bank.RowsKept), Formats.Count(bank.TrainRows), Formats.Count(bank.TestRows), Percent((double)bank.Positives / bank.RowsKept));
        console.Write(table);
        var features = report.Features;
        ReportTables.Sentence(console, features.Text == 0
            ? Messages.ReportDictionary(Formats.Count(features.Count), report.Key)
            : Messages.ReportDictionaryText(Formats.Count(features.Count), Formats.Count(features.Text), Formats.Count(features.Categories), report.Key));
    }

    private static void WriteCoefficients(IAnsiConsole console, BankFit fit, IReadOnlyDictionary<string, string> settings)
    {
        var confidence = double.Parse(settings["confidence"], CultureInfo.InvariantCulture);
        var table = ReportTables.Create(
            Messages.ReportCoefficients,
            [Messages.ReportColumn, Messages.ReportEstimate, Messages.ReportStandardError, "z", "p", Messages.ReportLower(Share(confidence)), Messages.ReportUpper],
            dense: true);
        foreach (var coefficient in fit.Coefficients)
        {
            ReportTables.AddRow(
                table,
                coefficient.Name,
                coefficient.State == LogisticColumnState.Estimated ? Formats.Number(coefficient.Estimate) : StateName(coefficient.State),
                Cell(coefficient.StandardError, Formats.Number),
                Cell(coefficient.WaldZ, z => z.ToString("F2", CultureInfo.InvariantCulture)),
                Cell(coefficient.PValue, Formats.Probability),
                Cell(coefficient.Lower, Formats.Number),
                Cell(coefficient.Upper, Formats.Number));
        }
        console.Write(table);
        foreach (var warning in fit.Warnings) ReportTables.Sentence(console, warning);
        var figures = ReportTables.Create(title: null, [Messages.ReportDeviance, Messages.ReportNullDeviance, "AIC", Messages.ReportSums, Messages.ReportSteps, Messages.ReportSolver], leftColumns: 0);
        ReportTables.AddRow(
            figures,
            Formats.Number(fit.Deviance),
            Formats.Number(fit.NullDeviance),
            Cell(fit.AkaikeInformationCriterion, Formats.Number),
            Formats.Count(fit.Rounds),
            Formats.Count(fit.Iterations),
            fit.Solver == LogisticSolver.Newton ? "Newton" : "L-BFGS");
        console.Write(figures);
    }

    private static void WriteQuality(IAnsiConsole console, BankSimulationReport report)
    {
        var table = ReportTables.Create(Messages.ReportQualityOfAll(Formats.Count(report.TestRows)), [Messages.ReportModelKind, "AUC", "KS", Messages.ReportLogLoss]);
        ReportTables.AddMetrics(table, Messages.ModelJointBanks, report.Metrics.Joint);
        if (report.Metrics.Pooled is { } pooled) ReportTables.AddMetrics(table, Messages.ModelPooled, pooled);
        console.Write(table);
    }

    private static void WriteGains(IAnsiConsole console, BankSimulationReport report)
    {
        var table = ReportTables.Create(Messages.ReportGains, [Messages.ReportParty, Messages.ReportTraining, Messages.ReportTest, Messages.ReportAlone, Messages.ReportJoint, Messages.ReportGain]);
        foreach (var (name, bank) in report.Banks)
        {
            table.AddRow(
                new Text(name),
                new Text(Formats.Count(bank.TrainRows)),
                new Text(Formats.Count(bank.TestRows)),
                new Text(Cell(bank.Alone?.Auc, Formats.Metric)),
                new Text(Cell(bank.Joint?.Auc, Formats.Metric)),
                new Text(Cell(bank.Gain, Formats.Change), bank.Gain is > 0 ? Styles.Good : Style.Plain));
        }
        console.Write(table);
        foreach (var (name, bank) in report.Banks.Where(bank => bank.Value.AloneImpossible is not null)) ReportTables.Sentence(console, Messages.ReportNotAlone(name, bank.AloneImpossible!));
    }

    private static void WriteAbsent(IAnsiConsole console, BankSimulationReport report)
    {
        foreach (var (name, bank) in report.Banks)
        {
            if (bank.LeftAfterSums is { } sums) ReportTables.Sentence(console, Messages.ReportBankLeft(name, Formats.Count(sums), Formats.Count(report.Rounds)));
        }
    }

    private static void WriteCost(IAnsiConsole console, BankSimulationReport report)
    {
        var cost = report.Cost;
        var table = ReportTables.Create(Messages.ReportCostOf(cost.Bank), [Messages.ReportPhase, Messages.ReportSeconds, Messages.ReportBytes]);
        (string Name, string Title)[] phases =
        [
            ("keys", PhaseText.Name(LabPhase.Keys)),
            ("training", PhaseText.Name(LabPhase.Training)),
            ("evaluation", PhaseText.Name(LabPhase.Evaluation)),
            ("publication", PhaseText.Name(LabPhase.Publication)),
            ("comparison", Messages.ReportOwnModel),
        ];
        foreach (var (name, title) in phases)
        {
            ReportTables.AddRow(
                table,
                title,
                cost.Seconds.TryGetValue(name, out var seconds) ? Formats.Seconds(seconds) : ReportTables.Blank,
                cost.Bytes.TryGetValue(name, out var bytes) ? Formats.Bytes(bytes) : ReportTables.Blank);
        }
        ReportTables.AddRow(table, Messages.ReportTotal, Formats.Seconds(report.Seconds[PhaseBytes.Total]), Formats.Bytes(cost.Bytes.Values.Sum()));
        console.Write(table);
        var training = ReportTables.Create(
            Messages.ReportTrainingSplit,
            [Messages.ReportLearner, Messages.ReportCryptography, Messages.ReportNetwork, Messages.ReportRatio, Messages.ReportSums, Messages.ReportBytesPerSum],
            leftColumns: 0);
        ReportTables.AddRow(
            training,
            Formats.Seconds(cost.LearnerSeconds),
            Formats.Seconds(cost.CryptographySeconds),
            Formats.Seconds(cost.NetworkSeconds),
            Cell(cost.Ratio, ratio => ratio.ToString("F2", CultureInfo.InvariantCulture)),
            Formats.Count(cost.Sums),
            Formats.Bytes(cost.BytesSentPerSum));
        console.Write(training);
    }

    private static string StateName(LogisticColumnState state) => state switch
    {
        LogisticColumnState.Reference => Messages.StateReference,
        LogisticColumnState.Constant => Messages.StateConstant,
        LogisticColumnState.Collinear => Messages.StateCollinear,
        LogisticColumnState.Separated => Messages.StateSeparated,
        _ => ReportTables.Blank,
    };

    private static string Cell(double? value, Func<double, string> format) => value is { } known ? format(known) : ReportTables.Blank;

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private static string Share(double share) => (100 * share).ToString("0.###", CultureInfo.InvariantCulture) + " %";
}
