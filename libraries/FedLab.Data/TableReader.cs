using FedLab.Data.Connectors;
using FedLab.Data.Reading;
using FedLab.Learning;

namespace FedLab.Data;

/// <summary>
/// Reads every column of a source as it stands, for looking at data: no key, no label, no row left out, nothing refused because it may
/// not serve for training. <see cref="DataSetReader"/> is what training uses.
/// </summary>
public static class TableReader
{
    /// <summary>
    /// Reads a source. A column is numeric if all of its values are numbers, otherwise text; empty, NA, N/A, NaN and null are missing.
    /// Digits that a number would not keep make a column text: leading zeros ("007") and integers of more than fifteen digits, as codes
    /// and keys have them. Dates and points in time are text in ISO 8601 order, true and false the words for them.
    /// </summary>
    /// <param name="source">The file or database.</param>
    /// <param name="textColumns">Columns that are text whatever their values look like.</param>
    /// <param name="maximumRows">Rows after which the reading ends.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="DataFormatException">The source cannot be read; the message says where and what to do.</exception>
    public static Task<Table> ReadAsync(
        ITableConnector source, IEnumerable<string>? textColumns = null, int maximumRows = DataLimits.MaximumRows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(maximumRows);
        var loader = new TableLoader(source, [.. textColumns ?? []], maximumRows, cancellationToken);
        // Parsing is work for a processor, not waiting: it gets a thread of its own instead of pretending to be asynchronous.
        return Task.Run(loader.LoadAsync, cancellationToken);
    }
}
