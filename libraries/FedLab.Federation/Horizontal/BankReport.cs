using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Federation.Publication;
using FedLab.Federation.Runs;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Horizontal;

/// <summary>What a bank keeps for itself about a horizontal run: figures that are its own to know. Nothing of it is sent.</summary>
public sealed record BankReport
{
    /// <summary>Name of the file in a run's store.</summary>
    public const string FileName = "report.json";

    /// <summary>Name of the published model in a run's store.</summary>
    public const string ModelFileName = "model.json";

    /// <summary>Name of the published model for other software.</summary>
    public const string OnnxFileName = "model.onnx";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
    };

    /// <summary>Own training rows.</summary>
    public required int TrainingRows { get; init; }

    /// <summary>Own test rows.</summary>
    public required int TestRows { get; init; }

    /// <summary>Own texts that are no category of the dictionary.</summary>
    public required int UnknownCategories { get; init; }

    /// <summary>The joint model on the own test rows; null when they are of one class.</summary>
    public BinaryMetrics? Joint { get; init; }

    /// <summary>A model of the own rows alone on the own test rows; null when there is none.</summary>
    public BinaryMetrics? Alone { get; init; }

    /// <summary>Why there is no model of the own rows alone; null when there is one.</summary>
    public string? AloneImpossible { get; init; }

    /// <summary>For logistic regression the coefficients and figures, which are the same at every bank.</summary>
    public BankFit? Fit { get; init; }

    /// <summary>Of trees the mean log loss of the own training rows after each tree; of a regression that of all banks' training rows at each step, which the sums say.</summary>
    public IReadOnlyList<double>? LossByRound { get; init; }

    /// <summary>Of trees the model's splits with their gains, the same at every bank, because they follow from the sums that all of them know.</summary>
    public IReadOnlyList<SplitReport>? Splits { get; init; }

    /// <summary>Seconds by phase, over all attempts.</summary>
    public required IReadOnlyDictionary<string, double> Seconds { get; init; }

    /// <summary>Seconds of training in the last attempt that went into the learner itself.</summary>
    public required double LearnerSeconds { get; init; }

    /// <summary>Seconds that went into encryption.</summary>
    public required double CryptographySeconds { get; init; }

    /// <summary>Seconds of sending and of waiting for the others.</summary>
    public required double NetworkSeconds { get; init; }

    /// <summary>Payload bytes by phase, both directions, over all attempts.</summary>
    public required IReadOnlyDictionary<string, long> Bytes { get; init; }

    /// <summary>Payload bytes by step, both directions, over all attempts.</summary>
    public required IReadOnlyDictionary<string, long> BytesByStep { get; init; }

    /// <summary>Payload bytes that this bank sent in the last attempt.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Sums that this bank took part in, in the last attempt.</summary>
    public required int Sums { get; init; }

    /// <summary>Number of attempts that seconds and bytes add up.</summary>
    public required int Attempts { get; init; }

    /// <summary>Reads a report.</summary>
    /// <param name="utf8">JSON text.</param>
    /// <exception cref="ProtocolException">It is malformed.</exception>
    public static BankReport Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var report = JsonSerializer.Deserialize<BankReport>(utf8, Json) ?? throw ProtocolErrors.ReportEmpty();
            SplitReport.Check(report.Splits);
            return report;
        }
        catch (JsonException e)
        {
            throw ProtocolErrors.ReportMalformed(JsonCause.Of(utf8, typeof(BankReport), Json, e), e);
        }
    }

    internal ValueTask SaveAsync(IRunStore store, CancellationToken cancellationToken) => store.SaveAsync(FileName, JsonSerializer.SerializeToUtf8Bytes(this, Json), cancellationToken);
}

/// <summary>A logistic regression's coefficients and figures, without the model, which is a file of its own.</summary>
/// <param name="Coefficients">The intercept, then every column, those included that were left out.</param>
/// <param name="Deviance">−2 ln of the likelihood.</param>
/// <param name="NullDeviance">The deviance of the intercept alone.</param>
/// <param name="AkaikeInformationCriterion">Deviance plus twice the number of coefficients; null where it is not known.</param>
/// <param name="Rounds">Number of sums.</param>
/// <param name="Iterations">How many of them were about gradients.</param>
/// <param name="Rows">Training rows of all banks.</param>
/// <param name="Positives">Those with label 1.</param>
/// <param name="Solver">The solver that was used.</param>
/// <param name="Warnings">Sentences about columns that were left out, in the language of the bank's program.</param>
public sealed record BankFit(
    IReadOnlyList<LogisticCoefficient> Coefficients,
    double Deviance,
    double NullDeviance,
    double? AkaikeInformationCriterion,
    int Rounds,
    int Iterations,
    long Rows,
    long Positives,
    LogisticSolver Solver,
    IReadOnlyList<string> Warnings)
{
    internal static BankFit? Of(LogisticFit? fit) => fit is null ? null : new BankFit(
        fit.Coefficients, fit.Deviance, fit.NullDeviance, fit.AkaikeInformationCriterion, fit.Rounds, fit.Iterations, fit.Rows, fit.Positives, fit.Solver, fit.Warnings);
}
