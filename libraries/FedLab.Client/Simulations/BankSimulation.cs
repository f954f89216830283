using System.Security.Cryptography;
using FedLab.Client.InMemory;
using FedLab.Client.Labs;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Identity;
using FedLab.Learning;

namespace FedLab.Client.Simulations;

/// <summary>
/// A whole federation of banks on this machine.
/// <code>
///   files ─► data dictionary ─► keys, homes ─► run (processes or in memory) ─► model/ ─► pooled model ─► audit/ ─► report.json, run.json
/// </code>
/// </summary>
public static class BankSimulation
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
    public static Task<BankSimulationReport> RunAsync(BankData data, LabWorkspace workspace, SimulationChoices choices, IProgress<LabProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentNullException.ThrowIfNull(time);
        return RunFolderException.GuardAsync(workspace, () => FillAsync(data, workspace, choices, progress, time, cancellationToken));
    }

    private static async Task<BankSimulationReport> FillAsync(BankData data, LabWorkspace workspace, SimulationChoices choices, IProgress<LabProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var plan = data.Plan;
        // Before anything is written: a port in use leaves no folder behind.
        using var port = choices.InMemory ? null : LocalPort.Take(plan.Port);
        using var log = new RunLog(workspace, progress, time);
        log.Report(new LabProgress(LabPhase.Starting));
        var started = time.GetTimestamp();
        var lab = LocalLab.Create(choices.Name, plan, workspace, port?.Number ?? 0, time, isIssued: choices.InMemory);
        var spec = data.ToSpec(choices.Name);
        var outcome = choices.InMemory
            ? await new InMemoryLabRunner(lab, log, time).TrainAsync(spec, plan, data.Sets, cancellationToken)
            : await new ProcessLabRunner(lab, log, time).RunAsync(spec, cancellationToken);
        var manifestBytes = outcome.Manifest ?? throw new ClientException(Messages.RunFailed(outcome.Run));
        var manifest = BankManifest.Parse(manifestBytes);
        // A bank that has left the run has neither model nor report.
        string[] present = [.. plan.Parties.Select(party => party.Name).Where(bank => manifest.Absent?.ContainsKey(bank) != true)];
        ModelFolder.Write(workspace, manifestBytes, outcome.Signatures);
        var model = CreditModel.Parse(ModelFolder.CopyModel(workspace, outcome.Run, present, manifest));
        var reports = present.Select(bank => KeyValuePair.Create(bank, ReadReport(workspace, bank, outcome.Run))).ToDictionary(StringComparer.Ordinal);
        var seconds = new OrderedDictionary<string, double>(StringComparer.Ordinal)
        {
            [PhaseBytes.Total] = Math.Round(outcome.WallSeconds, 3),
            ["lab"] = Math.Round(time.GetElapsedTime(started).TotalSeconds, 3),
        };

        var pooledStarted = time.GetTimestamp();
        var pooled = choices.Baselines ? await BankPool.TrainAsync(data, log, cancellationToken) : null;
        if (choices.Baselines) seconds["pooled"] = Math.Round(time.GetElapsedTime(pooledStarted).TotalSeconds, 3);

        log.Report(new LabProgress(LabPhase.Audit));
        var auditStarted = time.GetTimestamp();
        var audit = await AuditBundleBuilder.BuildAsync(lab, choices.Name, cancellationToken);
        seconds["audit"] = Math.Round(time.GetElapsedTime(auditStarted).TotalSeconds, 3);

        var hash = Convert.ToHexStringLower(SHA256.HashData(manifestBytes));
        var joint = manifest.Metrics ?? throw new ClientException(Messages.NoTestRows(plan.DescribeTest()));
        var report = new BankSimulationReport
        {
            Name = choices.Name,
            Run = outcome.Run,
            InMemory = choices.InMemory,
            Key = plan.Key,
            Features = new ReportFeatures(data.Features.Count, data.Features.Count(feature => feature.IsCategorical), data.Features.Sum(feature => feature.Categories?.Count ?? 0)),
            Banks = BanksOf(data, manifest, reports),
            TrainRows = manifest.TrainingRows,
            TestRows = manifest.TestRows,
            Metrics = new ReportBankComparison(ReportMetrics.Of(joint), pooled),
            Logistic = reports[present[0]].Fit,
            Rounds = manifest.Rounds,
            Cost = CostOf(reports),
            Seconds = seconds,
            Model = new ReportBankModel(hash, workspace.Model, model.Kind, workspace.ModelFile, workspace.OnnxFile, model is TreesModel trees ? trees.Ensemble.Trees.Count : null),
            Audit = audit,
            Settings = manifest.Settings,
            Out = workspace.Root,
        };
        KeyFiles.WriteAtomically(workspace.ReportFile, System.Text.Encoding.UTF8.GetBytes(report.ToJson() + "\n"), ownerOnly: false);
        new RunRecord(RunRecord.CurrentVersion, choices.Name, outcome.Run, hash, plan.MinimumCohort, choices.InMemory, [.. plan.Parties.Select(RecordedParty.Of)]).Write(workspace);
        return report;
    }

    private static BankReport ReadReport(LabWorkspace workspace, string bank, string run)
    {
        var file = Path.Combine(workspace.PartyRun(bank, run), BankReport.FileName);
        return File.Exists(file) ? BankReport.Parse(File.ReadAllBytes(file)) : throw new ClientException(Messages.BankFileMissing(bank, file));
    }

    private static OrderedDictionary<string, ReportBank> BanksOf(BankData data, BankManifest manifest, Dictionary<string, BankReport> reports)
    {
        var all = new OrderedDictionary<string, ReportBank>(StringComparer.Ordinal);
        for (var bank = 0; bank < data.Sets.Count; bank++)
        {
            var (name, set, test) = (data.Plan.Parties[bank].Name, data.Sets[bank], data.IsTest[bank].Count(isTest => isTest));
            var report = reports.GetValueOrDefault(name);
            all.Add(name, new ReportBank
            {
                RowsRead = set.Report.RowsRead,
                RowsKept = set.Report.RowsKept,
                TrainRows = set.RowCount - test,
                TestRows = test,
                Positives = set.Labels!.Count(label => label == 1),
                Keys = FaultsOf(set.Report),
                Alone = report?.Alone is { } alone ? ReportMetrics.Of(alone) : null,
                AloneImpossible = report?.AloneImpossible,
                Joint = report?.Joint is { } joint ? ReportMetrics.Of(joint) : null,
                LeftAfterSums = report is null ? manifest.Absent![name] : null,
            });
        }
        return all;
    }

    private static ReportKeyFaults FaultsOf(DataReport report) => new(
        report.CountOf(RejectionReason.WrongCheckCharacter),
        report.Rejected.Where(rejected => rejected.Reason is not (RejectionReason.WrongCheckCharacter or RejectionReason.Duplicate)).Sum(rejected => rejected.Count),
        report.DuplicatesDropped,
        report.KeysUpperCased,
        report.KeysTrimmed,
        report.KeysWithFullWidthCharacters);

    private static ReportBankCost CostOf(Dictionary<string, BankReport> reports)
    {
        var (bank, report) = reports.MaxBy(pair => pair.Value.LearnerSeconds);
        var (seconds, bytes) = (new OrderedDictionary<string, double>(StringComparer.Ordinal), new OrderedDictionary<string, long>(StringComparer.Ordinal));
        foreach (var phase in PhaseBytes.Sorted(report.Seconds.Keys)) seconds.Add(phase, Math.Round(report.Seconds[phase], 3));
        foreach (var phase in PhaseBytes.Sorted(report.Bytes.Keys)) bytes.Add(phase, report.Bytes[phase]);
        return new ReportBankCost(bank, seconds, bytes, Math.Round(report.LearnerSeconds, 4), Math.Round(report.CryptographySeconds, 4), Math.Round(report.NetworkSeconds, 4), report.Sums, report.BytesSent);
    }
}
