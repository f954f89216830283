using FedLab.Cli.Resources;
using FedLab.Client.Labs;
using FedLab.Client.Simulations;
using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>The report of a vertical simulation as tables, and how all tables look.</summary>
internal static class ReportTables
{
    /// <summary>A cell that has nothing to say.</summary>
    public const string Blank = "–";

    /// <summary>Prints the report.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="report">The report.</param>
    public static void Write(IAnsiConsole console, SimulationReport report)
    {
        WriteInstitutions(console, report);
        WriteIdentifiers(console, report);
        WriteQuality(console, report);
        WriteCost(console, report);
        WriteResult(console, report.Model.Sha256, report.Model.Path, report.Audit, report.Out);
    }

    /// <summary>A table in the style of all tables: a title, a rule under the head, numbers to the right.</summary>
    /// <param name="title">The title; may be null.</param>
    /// <param name="columns">Heads; those after the first <paramref name="leftColumns"/> hold numbers.</param>
    /// <param name="leftColumns">How many columns hold text.</param>
    /// <param name="dense">Whether columns stand close together, for tables of many.</param>
    public static Table Create(string? title, IReadOnlyList<string> columns, int leftColumns = 1, bool dense = false)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        if (title is not null) table.Title = new TableTitle(Markup.Escape(title), Styles.Heading);
        for (var index = 0; index < columns.Count; index++)
        {
            var column = new TableColumn(new Text(columns[index], Styles.Quiet));
            // Names may take two lines where a terminal is narrow, numbers may not.
            if (dense) column.PadRight(0).NoWrap = index >= leftColumns;
            table.AddColumn(index < leftColumns ? column.LeftAligned() : column.RightAligned());
        }
        return table;
    }

    /// <summary>Adds a row of plain text.</summary>
    /// <param name="table">The table.</param>
    /// <param name="cells">The cells.</param>
    public static void AddRow(Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    /// <summary>Prints the faults of the institutions' keys, if there are any.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="parties">The faults by institution.</param>
    /// <returns>Whether there were any.</returns>
    public static bool WriteKeyFaults(IAnsiConsole console, IEnumerable<(string Name, ReportKeyFaults Faults)> parties)
    {
        var table = Create(
            Messages.ReportIdentifiers,
            [Messages.ReportParty, Messages.FaultCheckCharacter, Messages.FaultOtherRejected, Messages.FaultDuplicates, Messages.FaultLowerCase, Messages.FaultSpaces, Messages.FaultFullWidth]);
        var anything = false;
        foreach (var (name, faults) in parties)
        {
            int[] counts = [faults.InvalidCheckCharacters, faults.OtherwiseMalformed, faults.Duplicates, faults.LowerCase, faults.Spaces, faults.FullWidth];
            anything |= counts.Any(count => count > 0);
            AddRow(table, [name, .. counts.Select(count => count == 0 ? Blank : Formats.Count(count))]);
        }
        if (anything) console.Write(table);
        return anything;
    }

    /// <summary>Adds a model's quality.</summary>
    /// <param name="table">A table of a name and three metrics.</param>
    /// <param name="name">Name of the model.</param>
    /// <param name="metrics">Its metrics.</param>
    public static void AddMetrics(Table table, string name, ReportMetrics metrics) =>
        AddRow(table, name, Formats.Metric(metrics.Auc), Formats.Metric(metrics.Ks), Formats.Metric(metrics.LogLoss));

    /// <summary>Prints a sentence under a table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="sentence">The sentence.</param>
    public static void Sentence(IAnsiConsole console, string sentence) => console.Write(new Padder(new Text(sentence), new Padding(1, 0, 0, 1)));

    /// <summary>Prints where the result is and whether the audit trail holds.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="modelSha256">The manifest's hash.</param>
    /// <param name="modelPath">The model's folder, or file.</param>
    /// <param name="audit">The audit trail.</param>
    /// <param name="folder">The run's folder.</param>
    public static void WriteResult(IAnsiConsole console, string modelSha256, string modelPath, ReportAudit audit, string folder)
    {
        console.WriteLine();
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(1, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        var verdict = audit.Verified
            ? new Text(Messages.ReportAuditVerified(Formats.Count(audit.Entries)), Styles.Good)
            : new Text(Messages.ReportAuditBroken(audit.Findings), Styles.Bad);
        grid.AddRow(new Text(Messages.ReportModel, Styles.Quiet), new Text("sha256 " + modelSha256));
        grid.AddRow(new Text(""), new Text(modelPath));
        grid.AddRow(new Text(Messages.ReportAudit, Styles.Quiet), verdict);
        grid.AddRow(new Text(""), new Text(audit.Path));
        grid.AddRow(new Text(Messages.ReportFolder, Styles.Quiet), new Text(folder));
        console.Write(grid);
    }

    private static void WriteInstitutions(IAnsiConsole console, SimulationReport report)
    {
        var table = Create(Messages.ReportInstitutions, [Messages.ReportParty, Messages.ReportRole, Messages.ReportFeatures, Messages.ReportRowsRead, Messages.ReportRowsKept, Messages.ReportRowsAligned], leftColumns: 2);
        foreach (var (name, party) in report.Identifiers)
            AddRow(table, name, RunText.Name(party.Role), Formats.Count(party.Features), Formats.Count(party.RowsRead), Formats.Count(party.RowsKept), Formats.Count(party.RowsAligned));
        console.Write(table);
        Sentence(console, Messages.ReportAligned(Formats.Count(report.AlignedRows), Formats.Count(report.TrainRows), Formats.Count(report.TestRows)));
    }

    private static void WriteIdentifiers(IAnsiConsole console, SimulationReport report)
    {
        var written = WriteKeyFaults(console, report.Identifiers.Select(party => (
            party.Key,
            new ReportKeyFaults(party.Value.InvalidCheckCharacters, party.Value.OtherwiseMalformed, party.Value.Duplicates, party.Value.LowerCase, party.Value.Spaces, party.Value.FullWidth))));
        if (written && report.AlignedByNormalisation > 0) Sentence(console, Messages.ReportNormalised(Formats.Count(report.AlignedByNormalisation), Formats.Count(report.AlignedRows), Formats.Count(report.AlignedRows - report.AlignedByNormalisation)));
    }

    private static void WriteQuality(IAnsiConsole console, SimulationReport report)
    {
        var table = Create(Messages.ReportQuality(Formats.Count(report.TestRows)), [Messages.ReportModelKind, "AUC", "KS", Messages.ReportLogLoss]);
        if (report.Metrics.BankOnly is { } alone) AddMetrics(table, Messages.ModelBankOnly(report.Rows.Keys.First()), alone);
        AddMetrics(table, Messages.ModelJoint, report.Metrics.Joint);
        if (report.Metrics.Pooled is { } pooled) AddMetrics(table, Messages.ModelPooled, pooled);
        console.Write(table);
    }

    private static void WriteCost(IAnsiConsole console, SimulationReport report)
    {
        var table = Create(Messages.ReportCost, [Messages.ReportPhase, Messages.ReportSeconds, Messages.ReportBytes]);
        (string Name, string Title)[] phases =
        [
            ("alignment", PhaseText.Name(LabPhase.Alignment)),
            ("training", PhaseText.Name(LabPhase.Training)),
            ("evaluation", PhaseText.Name(LabPhase.Evaluation)),
            ("publication", PhaseText.Name(LabPhase.Publication)),
            (PhaseBytes.Total, Messages.ReportTotal),
        ];
        foreach (var (name, title) in phases)
        {
            AddRow(
                table,
                title,
                report.Seconds.TryGetValue(name, out var seconds) ? Formats.Seconds(seconds) : Blank,
                report.Bytes.TryGetValue(name, out var bytes) ? Formats.Bytes(bytes) : Blank);
        }
        console.Write(table);
        if (report.Seconds.TryGetValue("training", out var training) && report.Bytes.TryGetValue(PhaseBytes.PerTree, out var perTree) && report.Model.Trees > 0)
            Sentence(console, Messages.ReportPerTree(Formats.Seconds(training / report.Model.Trees), Formats.Bytes(perTree)));
    }
}
