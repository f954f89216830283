using FedLab.Data.Reading;

namespace FedLab.Data;

/// <summary>How far the reading of a source is.</summary>
/// <param name="Rows">Rows so far.</param>
/// <param name="Bytes">Bytes of the file so far, as they stand in it; 0 for a database.</param>
public readonly record struct ReadingProgress(long Rows, long Bytes);

/// <summary>Reads a CSV file, or what a connector delivers, into a data set.</summary>
public static class DataSetReader
{
    /// <summary>
    /// Reads a source. A file: UTF-8 with or without byte order mark, LF or CRLF, quoted fields, plain or gzipped. A column whose values are all
    /// numbers is numeric, one with text is categorical; empty, NA, N/A, NaN and null are missing. A
    /// database: its types decide, see <see cref="Connectors.SourceType"/>. Keys are normalised; invalid keys are
    /// left out and the last of several rows with one key is kept, both counted in the report. Needs about as much memory as the table.
    /// </summary>
    /// <param name="options">The source and its columns.</param>
    /// <param name="progress">Told how far the reading is, every few thousand rows; starts again if the source has to be read twice.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="DataFormatException">The source cannot be used; the message says where and what to do.</exception>
    public static Task<DataSet> ReadAsync(
        DataSourceOptions options, IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Parsing is work for a processor, not waiting: it gets a thread of its own instead of pretending to be asynchronous.
        return Task.Run(() => new DataSetLoader(options, progress, cancellationToken).LoadAsync(), cancellationToken);
    }
}
