using System.Security.Cryptography;
using FedLab.Client.Labs;
using FedLab.Client.Resources;
using FedLab.Data;
using FedLab.Learning;

namespace FedLab.Client.Simulations;

/// <summary>What scoring with a model file gave; the object that <c>--json</c> prints.</summary>
/// <param name="Path">The file with key and probability.</param>
/// <param name="Kind">What the model is: <c>trees</c> or <c>logistic</c>.</param>
/// <param name="Model">SHA-256 of the model file.</param>
/// <param name="Key">The column that names the rows.</param>
/// <param name="Rows">Rows of the file.</param>
/// <param name="Scored">Rows with a score.</param>
/// <param name="LeftOut">Rows without one: their key is missing, invalid, or stands again further down.</param>
/// <param name="UnknownValues">Texts that the model does not know, which counted as missing.</param>
/// <param name="Seconds">Seconds from start to end.</param>
public sealed record ModelScoringReport(string Path, string Kind, string Model, string Key, int Rows, int Scored, int LeftOut, int UnknownValues, double Seconds);

/// <summary>Scores a file with a published model, here and alone.</summary>
public static class ModelScoring
{
    private const string KeyHeader = "key";
    private const string ScoreHeader = "probability";

    /// <summary>Bytes of the first block that a model file is read in.</summary>
    private const int BlockBytes = 1 << 16;

    /// <summary>Reads model and data, and writes the scores.</summary>
    /// <param name="modelPath">The model file.</param>
    /// <param name="dataPath">New rows, CSV, plain or gzipped, with the model's features among the columns.</param>
    /// <param name="key">The column that names the rows; null for the first.</param>
    /// <param name="outputPath">The file to write; it appears whole or not at all. Null for one beside the data.</param>
    /// <param name="progress">Progress.</param>
    /// <param name="warn">Told what a person should know about the data.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Stops, and leaves nothing.</param>
    /// <exception cref="ClientException">An option, the model file or the data's columns are wrong.</exception>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    public static async Task<ModelScoringReport> RunAsync(
        string modelPath, string dataPath, string? key, string? outputPath, IProgress<LabProgress> progress, Action<string> warn, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var output = Path.GetFullPath(outputPath ?? BesideData(dataPath));
        RequireOutput(output, modelPath, dataPath);
        progress.Report(new LabProgress(LabPhase.Reading));
        var (model, hash) = await ReadModelAsync(modelPath, cancellationToken);
        var options = Choose(model, dataPath, key);
        var data = await DataSetReader.ReadAsync(options, progress: null, cancellationToken);
        foreach (var warning in data.Report.Warnings) warn(warning);

        progress.Report(new LabProgress(LabPhase.Scoring));
        var table = Conform(model, data.Table, dataPath, out var unknown);
        var scores = new Table([new NumericColumn(ScoreHeader, await Task.Run(() => model.PredictProbabilities(table), cancellationToken))]);
        await CsvTable.WriteAsync(output, KeyHeader, data.Keys, scores, cancellationToken);
        return new ModelScoringReport(
            output, model.Kind, hash, options.KeyColumn, data.Report.RowsRead, data.RowCount, data.Report.RowsRead - data.RowCount, unknown, Math.Round(time.GetElapsedTime(started).TotalSeconds, 3));
    }

    /// <summary><c>new.csv.gz</c> is scored into <c>new-scores.csv</c>.</summary>
    private static string BesideData(string dataPath)
    {
        var full = Path.GetFullPath(dataPath);
        var plain = full.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? full[..^3] : full;
        return Path.Combine(Path.GetDirectoryName(full)!, Path.GetFileNameWithoutExtension(plain) + "-scores.csv");
    }

    private static void RequireOutput(string output, string modelPath, string dataPath)
    {
        if (Directory.Exists(output)) throw ClientException.Usage(Messages.ScoreOutIsFolder(output));
        if (!Directory.Exists(Path.GetDirectoryName(output))) throw ClientException.Usage(Messages.ScoreOutFolderMissing(output));
        // The inputs are not replaced by their own scores.
        if (new[] { modelPath, dataPath }.Any(input => Path.GetFullPath(input).Equals(output, StringComparison.Ordinal))) throw ClientException.Usage(Messages.ScoreOutIsInput(output));
    }

    private static async Task<(CreditModel Model, string Hash)> ReadModelAsync(string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path)) throw ClientException.Usage(Messages.ScoreModelIsFolder(path));
        if (!File.Exists(path)) throw ClientException.Usage(Messages.ScoreModelFileMissing(path));
        try
        {
            var bytes = await ReadAtMostAsync(path, CreditModel.MaximumJsonBytes + 1, cancellationToken);
            return (CreditModel.Parse(bytes.Span), Convert.ToHexStringLower(SHA256.HashData(bytes.Span)));
        }
        catch (LearningException e)
        {
            throw new ClientException($"{path}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientException(Messages.ScoreModelUnreadable(path, e.Message), e);
        }
    }

    /// <summary>The file's bytes, or its beginning when it is longer; what is no file on a disk has no length to ask for.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadAtMostAsync(string path, int limit, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        var bytes = new byte[BlockBytes];
        var length = 0;
        while (length < limit)
        {
            if (length == bytes.Length) Array.Resize(ref bytes, Math.Min(limit, 2 * length));
            var read = await file.ReadAsync(bytes.AsMemory(length), cancellationToken);
            if (read == 0) break;
            length += read;
        }

        return bytes.AsMemory(0, length);
    }

    /// <summary>Of the file's columns the key and the model's features; the others are not read.</summary>
    private static DataSourceOptions Choose(CreditModel model, string dataPath, string? key)
    {
        var header = CsvHeader.Read(dataPath);
        var features = model.Features.Select(feature => feature.Name).ToHashSet(StringComparer.Ordinal);
        if (key is not null && features.Contains(key)) throw ClientException.Usage(Messages.ScoreKeyIsFeature(key));
        if (key is null && features.Contains(header[0])) throw ClientException.Usage(Messages.ScoreKeyMissing(dataPath, header[0]));
        if (model.Features.Where(feature => !header.Contains(feature.Name, StringComparer.Ordinal)).Select(feature => feature.Name).ToArray() is { Length: > 0 } missing)
            throw new ClientException(Messages.ScoreColumnsMissing(dataPath, string.Join(", ", missing)));
        var keyColumn = key ?? header[0];
        return new DataSourceOptions
        {
            Path = dataPath,
            KeyColumn = keyColumn,
            CategoricalColumns = [.. model.Features.Where(feature => feature.IsCategorical).Select(feature => feature.Name)],
            ExcludedColumns = [.. header.Where(name => name != keyColumn && !features.Contains(name))],
        };
    }

    private static Table Conform(CreditModel model, Table table, string dataPath, out int unknown)
    {
        try
        {
            return FeatureDefinition.Conform(table, model.Features, out unknown);
        }
        catch (LearningException e)
        {
            throw new ClientException($"{dataPath}: {e.Message}", e);
        }
    }
}
