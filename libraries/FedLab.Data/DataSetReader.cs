using FedLab.Data.Reading;

namespace FedLab.Data;

/// <summary>Reads a CSV file into a data set.</summary>
public static class DataSetReader
{
    /// <summary>
    /// Reads a file: UTF-8 with or without byte order mark, LF or CRLF, quoted fields, plain or gzipped. A column whose values are all
    /// numbers is numeric, one with text is categorical; empty, NA, N/A, NaN and null are missing. Keys are normalised; invalid keys are
    /// left out and the last of several rows with one key is kept, both counted in the report. Needs about as much memory as the table.
    /// </summary>
    /// <param name="options">The file and its columns.</param>
    /// <param name="bytesRead">Told how many bytes of the file have been read; starts again if the file has to be read twice.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="DataFormatException">The file cannot be used; the message says where and what to do.</exception>
    public static Task<DataSet> ReadAsync(
        DataSourceOptions options, IProgress<long>? bytesRead = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Parsing is work for a processor, not waiting: it gets a thread of its own instead of pretending to be asynchronous.
        return Task.Run(() => new DataSetLoader(options, bytesRead, cancellationToken).Load(), cancellationToken);
    }
}
