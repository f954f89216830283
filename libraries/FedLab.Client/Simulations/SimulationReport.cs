using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Federation.Experiments;
using FedLab.Learning;

namespace FedLab.Client.Simulations;

/// <summary>Quality of a model on the held-out rows.</summary>
/// <param name="Auc">Area under the ROC curve.</param>
/// <param name="Ks">Kolmogorov–Smirnov distance.</param>
/// <param name="LogLoss">Mean log loss.</param>
public sealed record ReportMetrics(double Auc, double Ks, double LogLoss)
{
    /// <summary>The report's form of metrics.</summary>
    /// <param name="metrics">Metrics.</param>
    public static ReportMetrics Of(BinaryMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return new ReportMetrics(metrics.AreaUnderRocCurve, metrics.KolmogorovSmirnov, metrics.LogLoss);
    }
}

/// <summary>The models that are compared.</summary>
/// <param name="Joint">The model trained on encrypted gradients.</param>
/// <param name="BankOnly">The active party's own columns alone; null when not asked for.</param>
/// <param name="Pooled">All columns in one place, which only a simulation can; null when not asked for.</param>
public sealed record ReportComparison(ReportMetrics Joint, ReportMetrics? BankOnly, ReportMetrics? Pooled);

/// <summary>The published model.</summary>
/// <param name="Sha256">SHA-256 of the manifest, lower-case hexadecimal.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Trees">Number of trees.</param>
public sealed record ReportModel(string Sha256, string Path, int Trees);

/// <summary>What the offline verifier says of the audit bundle.</summary>
/// <param name="Verified">Whether everything holds.</param>
/// <param name="Entries">Entries of all logs.</param>
/// <param name="Findings">Number of findings.</param>
/// <param name="Path">The bundle's folder.</param>
public sealed record ReportAudit(bool Verified, long Entries, int Findings, string Path);

/// <summary>What an institution found in its own file.</summary>
/// <param name="Role">Its role in the experiment.</param>
/// <param name="RowsRead">Rows in the file.</param>
/// <param name="RowsKept">Rows with a good, unique key.</param>
/// <param name="RowsAligned">Of those, rows in the common order.</param>
/// <param name="Features">Number of features.</param>
/// <param name="InvalidCheckCharacters">Rows left out: a code with a wrong check character.</param>
/// <param name="OtherwiseMalformed">Rows left out: no key, or none of the format.</param>
/// <param name="Duplicates">Rows left out: a later row has the same key.</param>
/// <param name="LowerCase">Keys that were made upper case.</param>
/// <param name="Spaces">Keys that were trimmed.</param>
/// <param name="FullWidth">Keys with full-width characters.</param>
public sealed record ReportIdentifiers(
    PartyRole Role,
    int RowsRead,
    int RowsKept,
    int RowsAligned,
    int Features,
    int InvalidCheckCharacters,
    int OtherwiseMalformed,
    int Duplicates,
    int LowerCase,
    int Spaces,
    int FullWidth);

/// <summary>Everything that a vertical simulation found; the object that <c>--json</c> prints.</summary>
public sealed record SimulationReport : ISimulationReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Identifier of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Whether the roles ran in one process.</summary>
    public required bool InMemory { get; init; }

    /// <summary>Rows in each party's file; the active party first.</summary>
    public required IReadOnlyDictionary<string, int> Rows { get; init; }

    /// <summary>Length of the common order.</summary>
    public required int AlignedRows { get; init; }

    /// <summary>Aligned rows that would have been lost without normalising keys.</summary>
    public required int AlignedByNormalisation { get; init; }

    /// <summary>Rows trained on.</summary>
    public required int TrainRows { get; init; }

    /// <summary>Rows held out.</summary>
    public required int TestRows { get; init; }

    /// <summary>Quality.</summary>
    public required ReportComparison Metrics { get; init; }

    /// <summary>Seconds by phase at the active party, <c>total</c> from the proposal to the end, and what the simulation itself took.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }

    /// <summary>Payload bytes by phase over the whole network, <c>total</c>, and <c>perTree</c>.</summary>
    public required IReadOnlyDictionary<string, long> Bytes { get; init; }

    /// <summary>The published model.</summary>
    public required ReportModel Model { get; init; }

    /// <inheritdoc/>
    public required ReportAudit Audit { get; init; }

    /// <summary>What each institution found in its file.</summary>
    public required IReadOnlyDictionary<string, ReportIdentifiers> Identifiers { get; init; }

    /// <summary>The settings in canonical form.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The folder of the run.</summary>
    public required string Out { get; init; }

    /// <inheritdoc/>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
