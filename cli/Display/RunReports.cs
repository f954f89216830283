using System.Globalization;
using FedLab.Cli.Resources;
using FedLab.Proto;
using Google.Protobuf;
using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>Runs of a lab, as tables and as JSON.</summary>
internal static class RunReports
{
    /// <summary>Prints a finished run.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="run">The run.</param>
    /// <param name="modelFolder">Where manifest and signatures are; null when it published none.</param>
    /// <param name="time">Clock.</param>
    public static void Write(IAnsiConsole console, RunDescription run, string? modelFolder, TimeProvider time)
    {
        var table = ReportTables.Create(Messages.ReportInstitutions, [Messages.ReportParty, Messages.ReportRole, Messages.RunState, Messages.ReportRowsAligned, Messages.ReportBytes], leftColumns: 3);
        foreach (var party in run.Parties)
        {
            ReportTables.AddRow(
                table,
                party.Name,
                RunText.RoleName(party.Role),
                RunText.Ended(party.Absent),
                party.AlignedRows > 0 ? Formats.Count(party.AlignedRows) : ReportTables.Blank,
                party.Bytes.Count > 0 ? Formats.Bytes(party.Bytes.Values.Sum()) : ReportTables.Blank);
        }
        console.Write(table);
        console.WriteLine();
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(1, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        grid.AddRow(new Text(Messages.RunName, Styles.Quiet), new Text(run.Run));
        grid.AddRow(new Text(Messages.ReportSeconds, Styles.Quiet), new Text(Formats.Seconds(Seconds(run, time))));
        if (modelFolder is not null)
        {
            grid.AddRow(new Text(Messages.ReportModel, Styles.Quiet), new Text("sha256 " + Hex(run.ManifestHash)));
            grid.AddRow(new Text(""), new Text(Messages.RunSigned(run.Parties.Count(party => !party.Absent)), Styles.Good));
            grid.AddRow(new Text(Messages.ReportFolder, Styles.Quiet), new Text(Path.GetFullPath(modelFolder)));
        }
        console.Write(grid);
    }

    /// <summary>Prints a lab's parties and runs.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="lab">The lab.</param>
    /// <param name="runs">Its runs, newest first.</param>
    /// <param name="time">Clock.</param>
    public static void Write(IAnsiConsole console, ListPartiesReply lab, IReadOnlyList<RunDescription> runs, TimeProvider time)
    {
        var parties = ReportTables.Create(Messages.RunLab(lab.Lab), [Messages.ReportParty, Messages.RunState, Messages.RunSince, Messages.RunSoftware], leftColumns: 4);
        foreach (var party in lab.Parties)
            ReportTables.AddRow(parties, party.Name, RunText.Connected(party.Connected), party.SinceUnixMs > 0 ? When(party.SinceUnixMs) : ReportTables.Blank, party.Software);
        console.Write(parties);
        if (runs.Count == 0)
        {
            ReportTables.Sentence(console, Messages.RunNone);
            return;
        }
        var table = ReportTables.Create(Messages.RunRuns, [Messages.RunName, Messages.RunState, Messages.RunLead, Messages.RunProposed, Messages.RunReason, Messages.ReportSeconds], leftColumns: 5);
        foreach (var run in runs) ReportTables.AddRow(table, run.Run, RunText.Name(run.State), run.ProposedBy, When(run.CreatedUnixMs), run.Reason.Length > 0 ? run.Reason : ReportTables.Blank, Formats.Seconds(Seconds(run, time)));
        console.Write(table);
    }

    /// <summary>A run as JSON.</summary>
    /// <param name="run">The run.</param>
    /// <param name="modelFolder">Where manifest and signatures are; null when it published none.</param>
    /// <param name="time">Clock.</param>
    public static string ToJson(RunDescription run, string? modelFolder, TimeProvider time) => JsonOutput.Serialize(ToObject(run, modelFolder, time));

    /// <summary>A lab's parties and runs as JSON.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="runs">Its runs, newest first.</param>
    /// <param name="time">Clock.</param>
    public static string ToJson(ListPartiesReply lab, IReadOnlyList<RunDescription> runs, TimeProvider time) => JsonOutput.Serialize(new
    {
        lab = lab.Lab,
        logKey = lab.LogVkey,
        parties = lab.Parties.Select(party => new { name = party.Name, connected = party.Connected, since = Moment(party.SinceUnixMs), software = party.Software }).ToArray(),
        runs = runs.Select(run => ToObject(run, modelFolder: null, time)).ToArray(),
    });

    private static object ToObject(RunDescription run, string? modelFolder, TimeProvider time) => new
    {
        run = run.Run,
        experiment = run.Experiment,
        state = StateWord(run.State),
        reason = run.Reason,
        attempt = run.Attempt,
        proposedBy = run.ProposedBy,
        created = Moment(run.CreatedUnixMs),
        started = Moment(run.StartedUnixMs),
        ended = Moment(run.EndedUnixMs),
        seconds = Seconds(run, time),
        specSha256 = Hex(run.SpecHash),
        model = run.ManifestHash.IsEmpty ? null : new { sha256 = Hex(run.ManifestHash), path = modelFolder },
        parties = run.Parties.Select(party => new
        {
            name = party.Name,
            role = party.Role,
            connected = party.Connected,
            decision = party.Decision switch { PartyDecision.Approved => "approved", PartyDecision.Refused => "refused", _ => "pending" },
            reason = party.Reason,
            left = party.Absent,
            finished = party.Finished,
            alignedRows = party.AlignedRows,
            seconds = new SortedDictionary<string, double>(party.Seconds.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
            bytes = new SortedDictionary<string, long>(party.Bytes.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
        }).ToArray(),
    };

    /// <summary>Seconds from the proposal to the end, or until now.</summary>
    private static double Seconds(RunDescription run, TimeProvider time)
    {
        var end = run.EndedUnixMs > 0 ? run.EndedUnixMs : time.GetUtcNow().ToUnixTimeMilliseconds();
        return Math.Max(0, end - run.CreatedUnixMs) / 1000.0;
    }

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string When(long unixMilliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Moment(long unixMilliseconds) => unixMilliseconds > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds) : null;

    private static string StateWord(RunState state) => state switch
    {
        RunState.Proposed => "proposed",
        RunState.Approved => "approved",
        RunState.Running => "running",
        RunState.Finished => "finished",
        RunState.Failed => "failed",
        RunState.Stopped => "stopped",
        RunState.Refused => "refused",
        _ => "unknown",
    };
}
