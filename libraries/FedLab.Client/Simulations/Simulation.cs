using System.Security.Cryptography;
using FedLab.Client.InMemory;
using FedLab.Client.Labs;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Federation.Identity;
using FedLab.Federation.Publication;

namespace FedLab.Client.Simulations;

/// <summary>How a simulation runs.</summary>
/// <param name="Name">Name of the experiment and of the lab.</param>
/// <param name="InMemory">All roles in this process instead of one process each.</param>
/// <param name="Baselines">Whether models are trained for comparison: bank-only and pooled ones, between banks the pooled one.</param>
public sealed record SimulationChoices(string Name, bool InMemory, bool Baselines);

/// <summary>
/// A whole vertical federation on this machine.
/// <code>
///   files ─► read, check ─► keys, homes ─► run (processes or in memory) ─► model/ ─► comparison ─► audit/ ─► report.json, run.json
/// </code>
/// </summary>
public static class Simulation
{
    /// <summary>Runs a simulation.</summary>
    /// <param name="data">The files, read and checked.</param>
    /// <param name="workspace">The folder that is filled.</param>
    /// <param name="choices">How it runs.</param>
    /// <param name="progress">Progress.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Stops everything that was started.</param>
    /// <returns>The report; it is also in <see cref="LabWorkspace.ReportFile"/>.</returns>
    /// <exception cref="RunFolderException">Something failed; the cause is the inner exception.</exception>
    public static Task<SimulationReport> RunAsync(SimulationData data, LabWorkspace workspace, SimulationChoices choices, IProgress<LabProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentNullException.ThrowIfNull(time);
        return RunFolderException.GuardAsync(workspace, () => FillAsync(data, workspace, choices, progress, time, cancellationToken));
    }

    private static async Task<SimulationReport> FillAsync(SimulationData data, LabWorkspace workspace, SimulationChoices choices, IProgress<LabProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var plan = data.Plan;
        // Before anything is written: a port in use leaves no folder behind.
        using var port = choices.InMemory ? null : LocalPort.Take(plan.Port);
        using var log = new RunLog(workspace, progress, time);
        log.Report(new LabProgress(LabPhase.Starting));
        var started = time.GetTimestamp();
        var lab = LocalLab.Create(choices.Name, plan, workspace, port?.Number ?? 0, time, isIssued: choices.InMemory);
        var spec = plan.ToSpec(choices.Name);
        var outcome = choices.InMemory
            ? await new InMemoryLabRunner(lab, log, time).TrainAsync(spec, plan, data.Sets, cancellationToken)
            : await new ProcessLabRunner(lab, log, time).RunAsync(spec, cancellationToken);
        var manifestBytes = outcome.Manifest ?? throw new ClientException(Messages.RunFailed(outcome.Run));
        var manifest = Manifest.Parse(manifestBytes);
        ModelFolder.Write(workspace, manifestBytes, outcome.Signatures);
        var labSeconds = time.GetElapsedTime(started).TotalSeconds;

        var comparisonStarted = time.GetTimestamp();
        var baselines = choices.Baselines ? await Baselines.TrainAsync(data, log, cancellationToken) : null;
        var comparisonSeconds = time.GetElapsedTime(comparisonStarted).TotalSeconds;

        log.Report(new LabProgress(LabPhase.Audit));
        var auditStarted = time.GetTimestamp();
        var audit = await AuditBundleBuilder.BuildAsync(lab, choices.Name, cancellationToken);
        var seconds = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var phase in PhaseBytes.Sorted(outcome.Seconds.Keys)) seconds.Add(phase, Math.Round(outcome.Seconds[phase], 3));
        seconds[PhaseBytes.Total] = Math.Round(outcome.WallSeconds, 3);
        seconds["lab"] = Math.Round(labSeconds, 3);
        if (baselines is not null) seconds["comparison"] = Math.Round(comparisonSeconds, 3);
        seconds["audit"] = Math.Round(time.GetElapsedTime(auditStarted).TotalSeconds, 3);

        var hash = Convert.ToHexStringLower(SHA256.HashData(manifestBytes));
        var joint = manifest.Metrics ?? throw new ClientException(Messages.NoTestRows(plan.DescribeTest()));
        var report = new SimulationReport
        {
            Name = choices.Name,
            Run = outcome.Run,
            InMemory = choices.InMemory,
            Rows = plan.Parties.Select((party, index) => (party.Name, data.Sets[index].Report.RowsRead)).ToOrderedDictionary(),
            AlignedRows = manifest.AlignedRows,
            AlignedByNormalisation = data.AlignedByNormalisation,
            TrainRows = manifest.TrainingRows,
            TestRows = manifest.TestRows,
            Metrics = new ReportComparison(ReportMetrics.Of(joint), baselines?.BankOnly, baselines?.Pooled),
            Seconds = seconds,
            Bytes = PhaseBytes.Arrange(outcome.Bytes, manifest.Trees),
            Model = new ReportModel(hash, workspace.Model, manifest.Trees),
            Audit = audit,
            Identifiers = plan.Parties.Select((party, index) => (party.Name, IdentifiersOf(data, index))).ToOrderedDictionary(),
            Settings = manifest.Settings,
            Out = workspace.Root,
        };
        KeyFiles.WriteAtomically(workspace.ReportFile, System.Text.Encoding.UTF8.GetBytes(report.ToJson() + "\n"), ownerOnly: false);
        new RunRecord(
            RunRecord.CurrentVersion,
            choices.Name,
            outcome.Run,
            hash,
            plan.MinimumCohort,
            choices.InMemory,
            [.. plan.Parties.Select(RecordedParty.Of)]).Write(workspace);
        return report;
    }

    private static ReportIdentifiers IdentifiersOf(SimulationData data, int party)
    {
        var report = data.Sets[party].Report;
        var malformed = report.Rejected.Where(rejected => rejected.Reason is not (RejectionReason.WrongCheckCharacter or RejectionReason.Duplicate)).Sum(rejected => rejected.Count);
        return new ReportIdentifiers(
            data.Plan.Parties[party].Role,
            report.RowsRead,
            report.RowsKept,
            data.AlignedRows[party].Count(row => row >= 0),
            data.Sets[party].Table.Columns.Count,
            report.CountOf(RejectionReason.WrongCheckCharacter),
            malformed,
            report.DuplicatesDropped,
            report.KeysUpperCased,
            report.KeysTrimmed,
            report.KeysWithFullWidthCharacters);
    }

    private static OrderedDictionary<string, T> ToOrderedDictionary<T>(this IEnumerable<(string Name, T Value)> pairs)
    {
        var dictionary = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value) in pairs) dictionary.Add(name, value);
        return dictionary;
    }
}
