using System.Security.Cryptography;
using FedLab.Client.InMemory;
using FedLab.Client.Labs;
using FedLab.Client.Plans;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Federation.Experiments;
using FedLab.Federation.Publication;

namespace FedLab.Client.Simulations;

/// <summary>What a scoring run gave; the object that <c>--json</c> prints.</summary>
/// <param name="Run">Identifier of the run.</param>
/// <param name="Path">The file with key and probability.</param>
/// <param name="Rows">Rows of the active party's file with a good key.</param>
/// <param name="Scored">Rows with a score.</param>
/// <param name="NotAligned">Rows without one, because a required source does not know them.</param>
/// <param name="Model">SHA-256 of the model's manifest.</param>
/// <param name="Seconds">Seconds from the proposal to the end.</param>
public sealed record ScoringReport(string Run, string Path, int Rows, int Scored, int NotAligned, string Model, double Seconds);

/// <summary>Scores new rows with a published model, through the institutions that made it.</summary>
public static class Scoring
{
    /// <summary>Starts the run's lab again with new files and writes the scores.</summary>
    /// <param name="modelFolder">The folder of the finished run, or its model folder.</param>
    /// <param name="partyFiles">New rows of every party as <c>NAME=FILE</c>.</param>
    /// <param name="output">The file to write; it appears whole or not at all.</param>
    /// <param name="progress">Progress.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Stops everything that was started.</param>
    /// <exception cref="ClientException">An option is wrong or the run failed.</exception>
    /// <exception cref="DataFormatException">A file cannot be used.</exception>
    public static async Task<ScoringReport> RunAsync(string modelFolder, IReadOnlyList<string> partyFiles, string output, IProgress<LabProgress> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentNullException.ThrowIfNull(time);
        var (workspace, record) = RunRecord.Find(modelFolder);
        if (record.Parties.Any(party => party.Role == PartyRole.Bank)) throw ClientException.Usage(Messages.ScoreOfBanks(workspace.ModelFile));
        var files = SimulationPlan.ParsePartyFiles(partyFiles);
        RequireParties(record, files);
        RequireOutput(output);
        RequireModel(workspace, record);

        var parties = record.Parties.Select(party => ToPartyFile(party, files[party.Name])).ToArray();
        // Read here as well, so that a file that cannot be used is named before anything starts.
        var sets = new List<DataSet>(parties.Length);
        progress.Report(new LabProgress(LabPhase.Reading));
        foreach (var party in parties) sets.Add(await DataSetReader.ReadAsync(party.Source, progress: null, cancellationToken));

        using var port = record.InMemory ? null : LocalPort.Take(wanted: null);
        var lab = LocalLab.Reopen(record.Lab, parties, record.MinimumCohort, workspace, port?.Number ?? 0);
        var spec = new ExperimentSpec
        {
            Name = record.Lab,
            Kind = RunKind.Score,
            Parties = [.. parties.Select(party => new ExperimentParty(party.Name, party.Role))],
            ManifestHash = record.ManifestSha256,
        };
        using var log = new RunLog(workspace, progress, time);
        var outcome = record.InMemory
            ? await new InMemoryLabRunner(lab, log, time).ScoreAsync(spec, parties, record, sets, cancellationToken)
            : await new ProcessLabRunner(lab, log, time).RunAsync(spec, cancellationToken);

        var scores = Path.Combine(workspace.Party(parties[0].Name), "runs", outcome.Run, RunReport.ScoresFileName);
        if (!File.Exists(scores)) throw new ClientException(Messages.ScoreFileMissing(scores));
        var content = await File.ReadAllBytesAsync(scores, cancellationToken);
        await AtomicFile.WriteAsync(Path.GetFullPath(output), content, cancellationToken);
        var rows = sets[0].RowCount;
        var scored = (int)outcome.AlignedRows;
        return new ScoringReport(outcome.Run, Path.GetFullPath(output), rows, scored, rows - scored, record.ManifestSha256, Math.Round(outcome.WallSeconds, 3));
    }

    private static void RequireParties(RunRecord record, IReadOnlyDictionary<string, string> files)
    {
        var names = record.Parties.Select(party => party.Name).ToArray();
        if (files.Keys.FirstOrDefault(name => !names.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw ClientException.Usage(Messages.ScoreUnknownParty(unknown, string.Join(", ", names)));
        if (names.Where(name => !files.ContainsKey(name)).ToArray() is { Length: > 0 } missing)
            throw ClientException.Usage(Messages.ScoreNoNewFile(string.Join(", ", missing)));
    }

    private static void RequireOutput(string output)
    {
        if (Directory.Exists(output)) throw ClientException.Usage(Messages.ScoreOutFolder(output));
        if (Path.GetDirectoryName(Path.GetFullPath(output)) is { } parent && !Directory.Exists(parent)) throw ClientException.Usage(Messages.ScoreOutParent(output));
    }

    private static void RequireModel(LabWorkspace workspace, RunRecord record)
    {
        if (!File.Exists(workspace.ManifestFile)) throw new ClientException(Messages.ModelFolder(workspace.Root, Manifest.FileName));
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(workspace.ManifestFile)));
        if (hash != record.ManifestSha256) throw new ClientException(Messages.ScoreModelChanged(workspace.Model, record.ManifestSha256, hash));
    }

    /// <summary>New rows need neither label nor fold; where the columns are there, they are no features.</summary>
    private static PartyFile ToPartyFile(RecordedParty party, string path)
    {
        var header = CsvHeader.Read(path);
        string[] outcomes = [.. new[] { party.Label, party.Fold }.OfType<string>()];
        return new PartyFile(party.Name, party.Role, new DataSourceOptions
        {
            Path = path,
            KeyColumn = party.Key,
            CategoricalColumns = party.Categorical,
            ExcludedColumns = [.. party.Exclude.Concat(outcomes).Where(header.Contains).Distinct(StringComparer.Ordinal)],
            KeyFormat = party.KeyFormat,
        });
    }
}
