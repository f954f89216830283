using System.Security.Cryptography;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Simulations;
using FedLab.Client.Wording;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Publication;
using FedLab.Learning;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>
/// What a finished run has published, checked against the institutions' signatures: figures, manifest, seconds and bytes. What an institution alone holds of the
/// model is <see cref="Own"/>, read from its own home and never asked of the coordinator.
/// </summary>
public sealed class RunResult : IRichDisplay
{
    private readonly LabRun _run;

    internal RunResult(LabRun run, ExperimentSpec spec, byte[]? manifest, IReadOnlyDictionary<string, byte[]>? signatures)
    {
        (_run, Spec, ManifestBytes) = (run, spec, manifest ?? ReadOnlyMemory<byte>.Empty);
        SignedBy = [.. signatures?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>()];
        if (manifest is null) return;
        ManifestHash = Convert.ToHexStringLower(SHA256.HashData(manifest));
        if (spec.IsHorizontal) BankManifest = BankManifest.Parse(manifest);
        else Manifest = Manifest.Parse(manifest);
    }

    /// <summary>Name of the run.</summary>
    public string Run => _run.Name;

    /// <summary>Name of the experiment.</summary>
    public string Experiment => _run.Experiment;

    /// <summary>What the institutions approved.</summary>
    public ExperimentSpec Spec { get; }

    /// <summary>The manifest of a model between an institution and its data sources; null for banks and for scoring.</summary>
    public Manifest? Manifest { get; }

    /// <summary>The manifest of a model between banks; null otherwise.</summary>
    public BankManifest? BankManifest { get; }

    /// <summary>The manifest's bytes, which the institutions signed; empty for scoring.</summary>
    public ReadOnlyMemory<byte> ManifestBytes { get; }

    /// <summary>SHA-256 of these bytes, hexadecimal; null for scoring.</summary>
    public string? ManifestHash { get; }

    /// <summary>The institutions whose signature over the manifest holds.</summary>
    public IReadOnlyList<string> SignedBy { get; }

    /// <summary>Figures on the test rows; null when there were none of both classes, and for scoring.</summary>
    public BinaryMetrics? Metrics => Manifest?.Metrics ?? BankManifest?.Metrics;

    /// <summary>All settings of the learner, defaults included.</summary>
    public IReadOnlyDictionary<string, string> Settings => Manifest?.Settings ?? BankManifest?.Settings ?? new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Seconds by phase at the institution that leads the run, in the order of the run.</summary>
    public IReadOnlyDictionary<string, double> Seconds
    {
        get
        {
            var leader = _run.Description.Parties.FirstOrDefault(party => party.Name == Spec.Leader);
            var seconds = new OrderedDictionary<string, double>(StringComparer.Ordinal);
            if (leader is null) return seconds;
            foreach (var phase in PhaseBytes.Sorted(leader.Seconds.Keys)) seconds.Add(phase, leader.Seconds[phase]);
            return seconds;
        }
    }

    /// <summary>Payload bytes by phase over the whole network, every message once, in the order of the run.</summary>
    public IReadOnlyDictionary<string, long> Bytes
    {
        get
        {
            var counted = PhaseBytes.OverNetwork(_run.Description.Parties.Select(party => party.Bytes.ToDictionary(StringComparer.Ordinal)));
            var bytes = new OrderedDictionary<string, long>(StringComparer.Ordinal);
            foreach (var phase in PhaseBytes.Sorted(counted.Keys)) bytes.Add(phase, counted[phase]);
            return bytes;
        }
    }

    /// <summary>Seconds from the proposal to the end.</summary>
    public double TotalSeconds => _run.Seconds;

    /// <summary>Payload bytes of the whole run, every message once.</summary>
    // Of all phases together: a message may be in one phase where it is sent and in the next where it arrives, and halves are not whole.
    public long TotalBytes => _run.Description.Parties.Sum(party => party.Bytes.Values.Sum()) / 2;

    /// <summary>The run.</summary>
    internal LabRun Source => _run;

    /// <summary>What one institution alone holds of the run: splits or coefficients, its own figures, its scores.</summary>
    /// <param name="home">The institution's home folder, or in a lab of this machine its name.</param>
    /// <exception cref="ClientException">It is not the home of an institution of this run, or what it holds is not what the manifest names.</exception>
    public OwnResult Own(string home)
    {
        ArgumentNullException.ThrowIfNull(home);
        return OwnResult.Read(this, Directory.Exists(home) || _run.Lab.Launched is null ? home : _run.Lab.HomeOf(home));
    }

    /// <summary>Writes manifest and signatures as <c>fedlab run --out</c> does.</summary>
    /// <param name="folder">Where to; it may not exist yet, or be empty.</param>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">Something is there already, or it cannot be written.</exception>
    public async Task SaveAsync(string folder, CancellationToken cancellationToken = default)
    {
        if (ManifestHash is null) throw ClientException.Usage(LabMessages.NoManifest);
        LabWorkspace.RequireVacant(folder, CallerWords.Notebook);
        await new RemoteRun(_run.Lab.Connection, _run.Lab.Time).FetchModelAsync(_run.Description, folder, CallerWords.Notebook, Interruption.Or(cancellationToken));
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        var page = new Page().Title($"{LabMessages.Result} {Run}");
        if (ManifestHash is null) return page.Sentence(LabMessages.NoManifest).ToBundle();
        page.Facts([
            (LabMessages.Experiment, Experiment),
            (LabMessages.Model, Spec.Model == ExperimentSpec.Logistic ? LabMessages.Logistic : LabMessages.Trees),
            (LabMessages.AlignedRows, Manifest is { } manifest ? Formats.Count(manifest.AlignedRows) : null),
            (LabMessages.TrainingRows, Formats.Count(Manifest?.TrainingRows ?? BankManifest!.TrainingRows)),
            (LabMessages.TestRowsCount, Formats.Count(Manifest?.TestRows ?? BankManifest!.TestRows)),
            (LabMessages.TreesCount, Manifest is { } trees ? Formats.Count(trees.Trees) : null),
            (LabMessages.Rounds, BankManifest is { } banks ? Formats.Count(banks.Rounds) : null),
            (LabMessages.ManifestHash, ManifestHash),
            (LabMessages.SignedBy, string.Join(", ", SignedBy)),
        ]);
        page.Title(LabMessages.Metrics);
        if (Metrics is { } metrics) page.Table([LabMessages.Metric, LabMessages.Value], MetricRows(metrics));
        else page.Sentence(LabMessages.NoMetrics, Tone.Caution);
        if (Manifest is { } parties)
        {
            page.Table(
                [LabMessages.Institution, LabMessages.Role, LabMessages.Rows, LabMessages.FeaturesCount, LabMessages.SplitsCount],
                parties.Parties.Select(party => (IReadOnlyList<string?>)[party.Name, RunText.Name(party.Role), Formats.Count(party.Rows), Formats.Count(party.Features.Count), Formats.Count(party.Splits)]),
                leftColumns: 2);
        }
        var (seconds, bytes) = (Seconds, Bytes);
        page.Table(
            [LabMessages.Phase, LabMessages.SecondsColumn, LabMessages.Bytes],
            PhaseBytes.Sorted(seconds.Keys.Union(bytes.Keys, StringComparer.Ordinal))
                .Select(phase => (IReadOnlyList<string?>)[PhaseText.Name(phase), seconds.TryGetValue(phase, out var time) ? Formats.Seconds(time) : null, bytes.TryGetValue(phase, out var sent) ? Formats.Bytes(sent) : null])
                .Append([LabMessages.Total, Formats.Seconds(TotalSeconds), Formats.Bytes(TotalBytes)]));
        return page.ToBundle();
    }

    /// <summary>The figures as rows of a table.</summary>
    internal static IReadOnlyList<string?>[] MetricRows(BinaryMetrics metrics) =>
        [["AUC", Formats.Metric(metrics.AreaUnderRocCurve)], ["KS", Formats.Metric(metrics.KolmogorovSmirnov)], [LabMessages.Loss, Formats.Metric(metrics.LogLoss)]];
}
