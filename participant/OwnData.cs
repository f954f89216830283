using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Audit;
using FedLab.Data;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Participant.Configuration;

namespace FedLab.Participant;

/// <summary>The party's own file, read once at the start, and the commitment to it that the audit log carries.</summary>
internal sealed class OwnData
{
    private const string SaltFile = "data.salt";
    private const int SaltBytes = 32;
    private const string TestMark = "1";

    private static readonly JsonSerializerOptions ReportFormat = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private readonly DataSet _set;
    private readonly string? _foldColumn;

    private OwnData(DataSet set, string? foldColumn, Sha256Hash commitment, Sha256Hash schema) => (_set, _foldColumn, Commitment, Schema) = (set, foldColumn, commitment, schema);

    /// <summary>Number of rows.</summary>
    public int RowCount => _set.RowCount;

    /// <summary>Salted hash over the content; the salt stays in <c>keys/</c>, so that it can be destroyed.</summary>
    public Sha256Hash Commitment { get; }

    /// <summary>Hash of the features' names and kinds.</summary>
    public Sha256Hash Schema { get; }

    /// <summary>Reads the file and writes the report on it.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="otherPath">Another file than the configuration's; it may lack the label and the fold.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="DataFormatException">The file cannot be used; the message says where and what to do.</exception>
    public static async Task<OwnData> ReadAsync(ParticipantHome home, string? otherPath, CancellationToken cancellationToken)
    {
        var columns = home.Options.Data;
        var path = otherPath ?? Path.GetFullPath(columns.Path, home.Folder);
        var (label, fold) = (columns.Label, columns.Fold);
        if (otherPath is not null && HeaderOf(path) is { } header)
        {
            if (label is not null && !header.Contains(label)) label = null;
            if (fold is not null && !header.Contains(fold)) fold = null;
        }
        var set = await DataSetReader.ReadAsync(
            new DataSourceOptions
            {
                Path = path,
                KeyColumn = columns.Key,
                LabelColumn = label,
                FoldColumn = fold,
                CategoricalColumns = columns.Categorical,
                KeyFormat = DataOptions.Formats[columns.KeyFormat],
                ExcludedColumns = columns.Exclude,
            },
            bytesRead: null,
            cancellationToken).ConfigureAwait(false);
        await AtomicFile.WriteAsync(home.DataReportPath, JsonSerializer.SerializeToUtf8Bytes(set.Report, ReportFormat), cancellationToken).ConfigureAwait(false);
        return new OwnData(set, fold, new Sha256Hash(HMACSHA256.HashData(Salt(home), set.ContentDigest)), SchemaOf(set.Table));
    }

    /// <summary>The rows as a role needs them.</summary>
    /// <param name="spec">The experiment.</param>
    /// <param name="party">This party.</param>
    /// <exception cref="ProtocolException">The file lacks what this role needs.</exception>
    public PartyData ForRun(ExperimentSpec spec, string party)
    {
        var isActive = spec.Active == party;
        var trains = isActive && spec.Kind == RunKind.Train;
        if (trains && _set.Labels is null) throw new ProtocolException(RoleFailure.LabelMissing, Messages.LabelNeeded);
        bool[]? testRows = null;
        if (trains && spec.Test.Column is { } column)
        {
            if (_foldColumn != column || _set.Folds is null) throw new ProtocolException(RoleFailure.FoldMissing, Messages.FoldNeeded(column));
            testRows = [.. _set.Folds.Select(value => value == TestMark)];
        }
        return new PartyData(_set.Keys, _set.Table, trains ? _set.Labels : null, testRows, _set.ContentDigest, _set.KeyWasNormalised);
    }

    private static Sha256Hash SchemaOf(Table table)
    {
        var text = new StringBuilder();
        foreach (var column in table.Columns) text.Append(column is NumericColumn ? "number " : "category ").Append(column.Name).Append('\n');
        return Sha256Hash.Of(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static byte[] Salt(ParticipantHome home)
    {
        var path = Path.Combine(home.KeysFolder, SaltFile);
        if (!File.Exists(path)) KeyFiles.WriteSecret(path, Convert.ToBase64String(RandomNumberGenerator.GetBytes(SaltBytes)));
        KeyFiles.RequirePrivateFile(path);
        return Encoding.ASCII.GetBytes(File.ReadAllText(path).Trim());
    }

    /// <summary>The names in the first line; null when it cannot be read, which the reader then reports better.</summary>
    private static HashSet<string>? HeaderOf(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var zipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b; // RFC 1952, section 2.3.1
            file.Position = 0;
            using Stream text = zipped ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(text, Encoding.UTF8);
            return reader.ReadLine()?.Split(',').Select(name => name.Trim().Trim('"')).ToHashSet(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }
}
