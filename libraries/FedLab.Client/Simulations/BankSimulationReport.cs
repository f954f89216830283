using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Federation.Horizontal;

namespace FedLab.Client.Simulations;

/// <summary>The data dictionary in numbers.</summary>
/// <param name="Count">Number of features.</param>
/// <param name="Text">How many of them are text.</param>
/// <param name="Categories">Number of categories of those.</param>
public sealed record ReportFeatures(int Count, int Text, int Categories);

/// <summary>The models that are compared on the test rows of all banks.</summary>
/// <param name="Joint">The model trained on encrypted sums.</param>
/// <param name="Pooled">The same learner with all rows in one place, which only a simulation can; null when not asked for.</param>
public sealed record ReportBankComparison(ReportMetrics Joint, ReportMetrics? Pooled);

/// <summary>A bank: its file, and what the joint model gives it.</summary>
public sealed record ReportBank
{
    /// <summary>Rows in its file.</summary>
    public required int RowsRead { get; init; }

    /// <summary>Rows with a good, unique key.</summary>
    public required int RowsKept { get; init; }

    /// <summary>Rows that are not held out.</summary>
    public required int TrainRows { get; init; }

    /// <summary>Rows that it held out.</summary>
    public required int TestRows { get; init; }

    /// <summary>Rows with label 1 among those kept.</summary>
    public required int Positives { get; init; }

    /// <summary>Its keys' faults.</summary>
    public required ReportKeyFaults Keys { get; init; }

    /// <summary>A model of its own rows alone, on its own test rows; null when there is none.</summary>
    public ReportMetrics? Alone { get; init; }

    /// <summary>Why there is no model of its own rows alone; null when there is one.</summary>
    public string? AloneImpossible { get; init; }

    /// <summary>The joint model on its own test rows; null when they are of one class.</summary>
    public ReportMetrics? Joint { get; init; }

    /// <summary>For a bank that left the run before its end, the number of sums that it took part in; null for one that stayed.</summary>
    public int? LeftAfterSums { get; init; }

    /// <summary>By how much the joint model's AUC is above that of its own; null when one of them is missing.</summary>
    public double? Gain => Joint is { } joint && Alone is { } alone ? joint.Auc - alone.Auc : null;
}

/// <summary>Faults of a file's keys.</summary>
/// <param name="InvalidCheckCharacters">Rows left out: a code with a wrong check character.</param>
/// <param name="OtherwiseMalformed">Rows left out: no key, or none of the format.</param>
/// <param name="Duplicates">Rows left out: a later row has the same key.</param>
/// <param name="LowerCase">Keys that were made upper case.</param>
/// <param name="Spaces">Keys that were trimmed.</param>
/// <param name="FullWidth">Keys with full-width characters.</param>
public sealed record ReportKeyFaults(int InvalidCheckCharacters, int OtherwiseMalformed, int Duplicates, int LowerCase, int Spaces, int FullWidth);

/// <summary>What the run cost the bank that computed most.</summary>
/// <param name="Bank">The bank.</param>
/// <param name="Seconds">Seconds by phase.</param>
/// <param name="Bytes">Payload bytes by phase, both directions.</param>
/// <param name="LearnerSeconds">Seconds of training that went into the learner itself: what it would take alone with its rows.</param>
/// <param name="CryptographySeconds">Seconds of training that went into encrypting, adding and decrypting.</param>
/// <param name="NetworkSeconds">Seconds of training that went into sending and waiting for the others.</param>
/// <param name="Sums">Sums that it took part in for training.</param>
/// <param name="BytesSent">Payload bytes that it sent for them.</param>
public sealed record ReportBankCost(
    string Bank,
    IReadOnlyDictionary<string, double> Seconds,
    IReadOnlyDictionary<string, long> Bytes,
    double LearnerSeconds,
    double CryptographySeconds,
    double NetworkSeconds,
    int Sums,
    long BytesSent)
{
    /// <summary>Cryptography and network in units of the learner; null when the learner took no time.</summary>
    public double? Ratio => LearnerSeconds > 0 ? (CryptographySeconds + NetworkSeconds) / LearnerSeconds : null;

    /// <summary>Payload bytes that it sent for a sum, on average.</summary>
    public long BytesSentPerSum => Sums > 0 ? BytesSent / Sums : 0;
}

/// <summary>The published model.</summary>
/// <param name="Sha256">SHA-256 of the manifest, lower-case hexadecimal.</param>
/// <param name="Path">Its folder.</param>
/// <param name="Kind">Kind of model.</param>
/// <param name="File">The model that scores alone.</param>
/// <param name="Onnx">The same for other software.</param>
/// <param name="Trees">Number of trees; null for logistic regression.</param>
public sealed record ReportBankModel(string Sha256, string Path, string Kind, string File, string Onnx, int? Trees);

/// <summary>Everything that a simulation between banks found; the object that <c>--json</c> prints.</summary>
public sealed record BankSimulationReport : ISimulationReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Always <c>horizontal</c>.</summary>
    public string Federation { get; init; } = "horizontal";

    /// <summary>Identifier of the run.</summary>
    public required string Run { get; init; }

    /// <summary>Whether the roles ran in one process.</summary>
    public required bool InMemory { get; init; }

    /// <summary>The key's column.</summary>
    public required string Key { get; init; }

    /// <summary>The data dictionary.</summary>
    public required ReportFeatures Features { get; init; }

    /// <summary>The banks in the order of the specification.</summary>
    public required IReadOnlyDictionary<string, ReportBank> Banks { get; init; }

    /// <summary>Training rows of all banks.</summary>
    public required long TrainRows { get; init; }

    /// <summary>Test rows of all banks.</summary>
    public required long TestRows { get; init; }

    /// <summary>Quality on the test rows of all banks.</summary>
    public required ReportBankComparison Metrics { get; init; }

    /// <summary>Logistic regression's coefficients and figures; null for trees.</summary>
    public BankFit? Logistic { get; init; }

    /// <summary>Number of sums that were decrypted.</summary>
    public required int Rounds { get; init; }

    /// <summary>What it cost.</summary>
    public required ReportBankCost Cost { get; init; }

    /// <summary><c>total</c> from the proposal to the end, and what the simulation itself took, in seconds.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }

    /// <summary>The published model.</summary>
    public required ReportBankModel Model { get; init; }

    /// <inheritdoc/>
    public required ReportAudit Audit { get; init; }

    /// <summary>The settings in canonical form.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>The folder of the run.</summary>
    public required string Out { get; init; }

    /// <inheritdoc/>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
