using System.IO.Compression;
using CsvHelper;
using FedLab.Learning;

namespace FedLab.Data;

/// <summary>
/// Writes keys and columns as CSV: UTF-8, LF, fields quoted where needed, numbers as the shortest text that reads back to the same
/// double, missing values as empty fields. What it writes, <see cref="DataSetReader"/> reads.
/// </summary>
public static class CsvTable
{
    /// <summary>Writes a file, gzipped if its name ends in ".gz"; it appears whole or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="keyColumn">Name of the first column.</param>
    /// <param name="keys">The keys, one for each row.</param>
    /// <param name="table">The other columns, for example scores.</param>
    /// <param name="cancellationToken">Stops the writing and leaves nothing.</param>
    /// <exception cref="ArgumentException">Keys and table differ in length, or a column has the key column's name.</exception>
    /// <exception cref="IOException">Writing failed; the message says what to do.</exception>
    public static Task WriteAsync(
        string path, string keyColumn, IReadOnlyList<string> keys, Table table, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(keyColumn);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(table);
        if (keys.Count != table.RowCount) throw new ArgumentException($"{keys.Count} keys for {table.RowCount} rows.", nameof(keys));
        if (table.Contains(keyColumn)) throw new ArgumentException($"The table has a column '{keyColumn}' of its own.", nameof(keyColumn));
        return AtomicFile.WriteAsync(path, (stream, token) => WriteAsync(stream, path, keyColumn, keys, table, token), cancellationToken);
    }

    private static async Task WriteAsync(
        Stream stream, string path, string keyColumn, IReadOnlyList<string> keys, Table table, CancellationToken cancellationToken)
    {
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            await WriteRowsAsync(stream, keyColumn, keys, table, cancellationToken).ConfigureAwait(false);
            return;
        }

        var compressed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        await using (compressed.ConfigureAwait(false))
            await WriteRowsAsync(compressed, keyColumn, keys, table, cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteRowsAsync(
        Stream stream, string keyColumn, IReadOnlyList<string> keys, Table table, CancellationToken cancellationToken)
    {
        var writer = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            writer.WriteField(keyColumn);
            foreach (var column in table.Columns) writer.WriteField(column.Name);
            await writer.EndRecordAsync(cancellationToken).ConfigureAwait(false);
            for (var row = 0; row < keys.Count; row++)
            {
                writer.WriteField(keys[row]);
                foreach (var column in table.Columns) WriteField(writer, column, row);
                await writer.EndRecordAsync(cancellationToken).ConfigureAwait(false);
            }

            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void WriteField(CsvWriter writer, Column column, int row)
    {
        switch (column)
        {
            case NumericColumn numeric when !double.IsNaN(numeric.Values.Span[row]):
                writer.WriteField(numeric.Values.Span[row]);
                break;
            case CategoricalColumn categorical:
                writer.WriteField(categorical.CategoryOf(row));
                break;
            default:
                writer.WriteField("");
                break;
        }
    }
}
