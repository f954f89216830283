using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Data;

namespace FedLab.Participant.Checks;

/// <summary>What <c>participant data check</c> found: counts, names, shares and line or row numbers, never a key or a value.</summary>
internal sealed class DataCheckResult
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for a terminal or a file, not for a page: Chinese stays readable
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public DataCheckResult(DataSourceOptions source, DataSet data, double seconds)
    {
        var report = data.Report;
        Source = source.Connector?.Name ?? source.Path;
        KeyFormat = data.KeyFormat.ToString();
        (RowsRead, RowsKept, Duplicates, Rejected) = (report.RowsRead, report.RowsKept, report.DuplicatesDropped, report.Rejected);
        Keys = new KeyCounts(report.Keys.Present, report.Keys.Valid, report.Keys.WrongCheckCharacter, report.Keys.Present - report.Keys.Valid - report.Keys.WrongCheckCharacter);
        if (data.Labels is { } labels) Labels = new LabelCounts(labels.AsSpan().Count((byte)1), labels.AsSpan().Count((byte)0));
        (Columns, Warnings) = (report.Columns, report.Warnings);
        Seconds = seconds;
        ContentDigest = Convert.ToHexStringLower(data.ContentDigest);
    }

    /// <summary>What was read.</summary>
    public string Source { get; }

    /// <summary>How long reading took, the content's hash included.</summary>
    public double Seconds { get; }

    public int RowsRead { get; }

    public int RowsKept { get; }

    /// <summary>Rows left out because a later one has the same key.</summary>
    public int Duplicates { get; }

    /// <summary>What the keys are taken for.</summary>
    public string KeyFormat { get; }

    public KeyCounts Keys { get; }

    public LabelCounts? Labels { get; }

    public IReadOnlyList<RejectedRows> Rejected { get; }

    public IReadOnlyList<ColumnReport> Columns { get; }

    public IReadOnlyList<string> Warnings { get; }

    /// <summary>SHA-256 over the content, lower-case hexadecimal; without the salt under which a run commits to it.</summary>
    public string ContentDigest { get; }

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    /// <summary>Keys as unified social credit codes (GB 32100-2015).</summary>
    internal sealed record KeyCounts(int Present, int Valid, int WrongCheckCharacter, int OtherText);

    /// <summary>Labels of the kept rows.</summary>
    internal sealed record LabelCounts(int Ones, int Zeros);
}
