using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Federation.Alignment;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Publication;

/// <summary>What a party keeps for itself about a run: figures that are its own to know. Nothing of it is sent.</summary>
/// <param name="AlignedRows">Length of the common order.</param>
/// <param name="TrainingRows">Training rows among them.</param>
/// <param name="OwnAlignedRows">Rows of this party that take part.</param>
/// <param name="OwnAlignedByNormalising">Rows of this party that take part only because their key was normalised.</param>
/// <param name="Metrics">Figures on the test rows; the active party only.</param>
/// <param name="Seconds">Seconds by phase, over all attempts.</param>
/// <param name="Bytes">Payload bytes by phase, both directions, over all attempts.</param>
/// <param name="BytesByStep">Payload bytes by step, both directions, over all attempts.</param>
/// <param name="Attempts">Number of attempts that seconds and bytes add up.</param>
/// <param name="LossByRound">Mean log loss of the training rows after each tree; the active party only, and null for a tree whose figure was lost with its attempt.</param>
/// <param name="ValidationLossByRound">With early stopping that of the validation rows, dropped trees included; the active party only.</param>
/// <param name="Splits">The splits of the trees with their gains; the active party only, and null where some are lost.</param>
public sealed record RunReport(
    int AlignedRows,
    int TrainingRows,
    int OwnAlignedRows,
    int OwnAlignedByNormalising,
    BinaryMetrics? Metrics,
    IReadOnlyDictionary<string, double> Seconds,
    IReadOnlyDictionary<string, long> Bytes,
    IReadOnlyDictionary<string, long> BytesByStep,
    int Attempts = 1,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<double?>? LossByRound = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<double>? ValidationLossByRound = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SplitReport>? Splits = null)
{
    /// <summary>Name of the file in a run's store.</summary>
    public const string FileName = "report.json";

    /// <summary>Name of the active party's scores of the test rows, or of the rows of a scoring run.</summary>
    public const string ScoresFileName = "scores.csv";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a report.</summary>
    /// <param name="utf8">JSON text.</param>
    /// <exception cref="ProtocolException">It is malformed.</exception>
    public static RunReport Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var report = JsonSerializer.Deserialize<RunReport>(utf8, Json) ?? throw ProtocolErrors.ReportEmpty();
            SplitReport.Check(report.Splits);
            return report;
        }
        catch (JsonException e)
        {
            throw ProtocolErrors.ReportMalformed(JsonCause.Of(utf8, typeof(RunReport), Json, e), e);
        }
    }

    internal static RunReport Make(PartyRunContext context, AlignmentResult alignment, BinaryMetrics? metrics, RunMeter meter, IReadOnlyList<double>? validationLosses = null, IReadOnlyList<SplitReport>? splits = null)
    {
        var own = alignment.OwnRows.Where(row => row >= 0).ToArray();
        var normalised = context.Data.KeyWasNormalised is { } flags ? own.Count(row => flags[row]) : 0;
        return new RunReport(alignment.AlignedRows, alignment.TrainingRows, own.Length, normalised, metrics, meter.Seconds, meter.Bytes, meter.BytesByStep, meter.Attempts)
        {
            LossByRound = meter.Losses.Count > 0 ? meter.Losses : null,
            ValidationLossByRound = validationLosses is { Count: > 0 } ? validationLosses : null,
            Splits = splits,
        };
    }

    internal ValueTask SaveAsync(IRunStore store, CancellationToken cancellationToken) => store.SaveAsync(FileName, JsonSerializer.SerializeToUtf8Bytes(this, Json), cancellationToken);

    /// <summary>Writes the scores of own rows; they stay in this party's store.</summary>
    internal static ValueTask SaveScoresAsync(PartyRunContext context, IEnumerable<(int Row, double? Probability)> scores, CancellationToken cancellationToken)
    {
        var text = new StringBuilder("key,probability\n");
        foreach (var (row, probability) in scores)
        {
            var key = context.Data.Keys[row];
            text.Append(key.AsSpan().IndexOfAny(",\"\r\n") < 0 ? key : $"\"{key.Replace("\"", "\"\"", StringComparison.Ordinal)}\"").Append(',');
            if (probability is { } value) text.Append(value.ToString("R", CultureInfo.InvariantCulture));
            text.Append('\n');
        }
        return context.Store.SaveAsync(ScoresFileName, Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
    }
}
