using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Audit;
using FedLab.Data;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Participant.Configuration;
using FedLab.Sources;

namespace FedLab.Participant;

/// <summary>The party's own rows, read once at the start, and the commitment to it that the audit log carries.</summary>
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

    /// <summary>The columns of the source, in its order.</summary>
    public IReadOnlyList<ColumnReport> Columns => _set.Report.Columns;

    /// <summary>Salted hash over the content; the salt stays in <c>keys/</c>, so that it can be destroyed.</summary>
    public Sha256Hash Commitment { get; }

    /// <summary>Hash of the features' names and kinds.</summary>
    public Sha256Hash Schema { get; }

    /// <summary>Reads the rows and writes the report on them.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="otherPath">Another file than the configuration's; it may lack the label and the fold.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <param name="rows">The rows, where their reading was begun before the home could be opened.</param>
    /// <exception cref="DataFormatException">The data cannot be used; the message says where and what to do.</exception>
    /// <exception cref="ConfigurationException">The password is not where the configuration says.</exception>
    public static async Task<OwnData> ReadAsync(ParticipantHome home, string? otherPath, CancellationToken cancellationToken, Task<DataSet>? rows = null)
    {
        var source = SourceOf(home.Options.Data, home.Folder, home.ConfigurationPath, otherPath);
        var set = await (rows ?? DataSetReader.ReadAsync(source, progress: null, cancellationToken)).ConfigureAwait(false);
        await AtomicFile.WriteAsync(home.DataReportPath, JsonSerializer.SerializeToUtf8Bytes(set.Report, ReportFormat), cancellationToken).ConfigureAwait(false);
        return new OwnData(set, source.FoldColumn, new Sha256Hash(HMACSHA256.HashData(Salt(home), set.ContentDigest)), SchemaOf(set.Table));
    }

    /// <summary>Begins to read the rows of a home that cannot be opened yet, because its keys are still to come.</summary>
    /// <param name="folder">The home folder.</param>
    /// <param name="options">Its configuration.</param>
    /// <param name="otherPath">Another file than the configuration's.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static Task<DataSet> ReadRowsAsync(string folder, ParticipantOptions options, string? otherPath, CancellationToken cancellationToken)
    {
        var source = SourceOf(options.Data, folder, Path.Combine(folder, ParticipantHome.ConfigurationFileName), otherPath);
        return Task.Run(() => DataSetReader.ReadAsync(source, progress: null, cancellationToken), cancellationToken);
    }

    /// <summary>What the reader is told.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="folder">The folder that paths are relative to.</param>
    /// <param name="configuration">The configuration's file, for messages.</param>
    /// <param name="otherPath">Another file than the configuration's source; it may lack the label and the fold.</param>
    /// <exception cref="ConfigurationException">The password is not where the configuration says.</exception>
    public static DataSourceOptions SourceOf(DataOptions options, string folder, string configuration, string? otherPath)
    {
        if (otherPath is null) return options.ToSource(folder, configuration);
        var source = (options with { Path = otherPath, Sqlite = null, Postgres = null, SortByKey = options.SortByKey ?? options.Path is null }).ToSource(folder, configuration);
        if (HeaderOf(otherPath) is not { } header) return source;
        return source with { LabelColumn = Present(source.LabelColumn), FoldColumn = Present(source.FoldColumn) };

        string? Present(string? column) => column is not null && header.Contains(column) ? column : null;
    }

    /// <summary>The rows as a role needs them.</summary>
    /// <param name="spec">The experiment.</param>
    /// <param name="party">This party.</param>
    /// <exception cref="ProtocolException">The file lacks what this role needs.</exception>
    public PartyData ForRun(ExperimentSpec spec, string party)
    {
        var trains = spec.Kind == RunKind.Train && (spec.IsHorizontal || spec.Active == party);
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
    private static IReadOnlyList<string>? HeaderOf(string path)
    {
        try
        {
            return CsvHeader.Read(path);
        }
        catch (DataFormatException)
        {
            return null;
        }
    }
}
