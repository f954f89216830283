using FedLab.Cli.Resources;
using FedLab.Client.Simulations;
using FedLab.Federation.Experiments;
using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>The report of a simulation as tables.</summary>
internal static class ReportTables
{
    private const string Blank = "–";

    /// <summary>Prints the report.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="report">The report.</param>
    public static void Write(IAnsiConsole console, SimulationReport report)
    {
        WriteInstitutions(console, report);
        WriteIdentifiers(console, report);
        WriteQuality(console, report);
        WriteCost(console, report);
        WriteResult(console, report);
    }

    /// <summary>A table in the style of all tables: a title, a rule under the head, numbers to the right.</summary>
    /// <param name="title">The title; may be null.</param>
    /// <param name="columns">Heads; those after the first <paramref name="leftColumns"/> hold numbers.</param>
    /// <param name="leftColumns">How many columns hold text.</param>
    public static Table Create(string? title, IReadOnlyList<string> columns, int leftColumns = 1)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        if (title is not null) table.Title = new TableTitle(Markup.Escape(title), Styles.Heading);
        for (var index = 0; index < columns.Count; index++)
        {
            var column = new TableColumn(new Text(columns[index], Styles.Quiet));
            table.AddColumn(index < leftColumns ? column.LeftAligned() : column.RightAligned());
        }
        return table;
    }

    /// <summary>Adds a row of plain text.</summary>
    /// <param name="table">The table.</param>
    /// <param name="cells">The cells.</param>
    public static void AddRow(Table table, params IEnumerable<string> cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static void WriteInstitutions(IAnsiConsole console, SimulationReport report)
    {
        var table = Create(Messages.ReportInstitutions, [Messages.ReportParty, Messages.ReportRole, Messages.ReportFeatures, Messages.ReportRowsRead, Messages.ReportRowsKept, Messages.ReportRowsAligned], leftColumns: 2);
        foreach (var (name, party) in report.Identifiers)
            AddRow(table, name, RoleName(party.Role), Formats.Count(party.Features), Formats.Count(party.RowsRead), Formats.Count(party.RowsKept), Formats.Count(party.RowsAligned));
        console.Write(table);
        Sentence(console, Messages.ReportAligned(Formats.Count(report.AlignedRows), Formats.Count(report.TrainRows), Formats.Count(report.TestRows)));
    }

    private static void WriteIdentifiers(IAnsiConsole console, SimulationReport report)
    {
        var anything = report.Identifiers.Values.Any(party => party.InvalidCheckCharacters + party.OtherwiseMalformed + party.Duplicates + party.LowerCase + party.Spaces + party.FullWidth > 0);
        if (!anything) return;
        var table = Create(
            Messages.ReportIdentifiers,
            [Messages.ReportParty, Messages.FaultCheckCharacter, Messages.FaultOtherRejected, Messages.FaultDuplicates, Messages.FaultLowerCase, Messages.FaultSpaces, Messages.FaultFullWidth]);
        foreach (var (name, party) in report.Identifiers)
            AddRow(table, [name, .. new[] { party.InvalidCheckCharacters, party.OtherwiseMalformed, party.Duplicates, party.LowerCase, party.Spaces, party.FullWidth }.Select(count => count == 0 ? Blank : Formats.Count(count))]);
        console.Write(table);
        if (report.AlignedByNormalisation > 0) Sentence(console, Messages.ReportNormalised(Formats.Count(report.AlignedByNormalisation), Formats.Count(report.AlignedRows), Formats.Count(report.AlignedRows - report.AlignedByNormalisation)));
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
            ("alignment", Messages.PhaseAlignment),
            ("training", Messages.PhaseTraining),
            ("evaluation", Messages.PhaseEvaluation),
            ("publication", Messages.PhasePublication),
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

    private static void WriteResult(IAnsiConsole console, SimulationReport report)
    {
        console.WriteLine();
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(1, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        var audit = report.Audit.Verified
            ? new Text(Messages.ReportAuditVerified(Formats.Count(report.Audit.Entries)), Styles.Good)
            : new Text(Messages.ReportAuditBroken(report.Audit.Findings), Styles.Bad);
        grid.AddRow(new Text(Messages.ReportModel, Styles.Quiet), new Text("sha256 " + report.Model.Sha256));
        grid.AddRow(new Text(""), new Text(report.Model.Path));
        grid.AddRow(new Text(Messages.ReportAudit, Styles.Quiet), audit);
        grid.AddRow(new Text(""), new Text(report.Audit.Path));
        grid.AddRow(new Text(Messages.ReportFolder, Styles.Quiet), new Text(report.Out));
        console.Write(grid);
    }

    private static void AddMetrics(Table table, string name, ReportMetrics metrics) =>
        AddRow(table, name, Formats.Metric(metrics.Auc), Formats.Metric(metrics.Ks), Formats.Metric(metrics.LogLoss));

    private static void Sentence(IAnsiConsole console, string sentence) => console.Write(new Padder(new Text(sentence), new Padding(1, 0, 0, 1)));

    private static string RoleName(PartyRole role) => role switch
    {
        PartyRole.Active => Messages.RoleActive,
        PartyRole.Required => Messages.RoleRequired,
        PartyRole.Optional => Messages.RoleOptional,
        _ => role.ToString(),
    };
}
