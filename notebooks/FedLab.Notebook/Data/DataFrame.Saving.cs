using System.Data.Common;
using System.IO.Compression;
using CsvHelper;

namespace FedLab.Notebook.Data;

public sealed partial class DataFrame
{
    /// <summary>Rows between two looks at whether the writing is to stop.</summary>
    private const int RowsBetweenChecks = 1024;

    /// <summary>
    /// Writes a CSV file (RFC 4180 with LF: fields quoted where they hold a comma, quote or line end), gzipped if its name ends in ".gz". It
    /// appears whole or not at all. Numbers are the shortest text that reads back to the same number, missing values empty fields.
    /// Texts are written as they are: one that begins with "=" stays data here, but a spreadsheet that opens the file may run it as a formula.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="separator">What stands between two fields.</param>
    /// <exception cref="FrameException">Writing failed; the message says what to do.</exception>
    public void SaveCsv(string path, char separator = ',') =>
        NotebookFile.Write(path, (stream, token) => Task.Run(() => WriteCsv(stream, path, separator, token), token));

    /// <summary>
    /// Writes the rows into a table of a database, in one transaction: all of them or none. Numbers become double precision, texts text, true and
    /// false boolean. PostgreSQL takes them as binary COPY, other databases by INSERT.
    /// </summary>
    /// <param name="connection">The database; opened if it is not.</param>
    /// <param name="tableName">The table, taken as it stands, upper and lower case included.</param>
    /// <param name="mode">What to do if there is one already.</param>
    /// <param name="cancellationToken">Stops the writing, which leaves nothing; an interrupt of the cell stops it in any case.</param>
    /// <exception cref="FrameException">The table cannot be made or written; the message says why.</exception>
    public async Task SaveTo(DbConnection connection, string tableName, TableMode mode = TableMode.Create, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentException.ThrowIfNullOrWhiteSpace(tableName);
        if (Columns.Count == 0) throw FrameMessages.NothingToSave();
        using var stop = Interruptible(cancellationToken);
        await new DatabaseTable(connection, tableName, this).WriteAsync(mode, stop.Token).ConfigureAwait(false);
    }

    private void WriteCsv(Stream stream, string path, char separator, CancellationToken cancellationToken)
    {
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            WriteCsv(stream, separator, cancellationToken);
            return;
        }

        using var compressed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        WriteCsv(compressed, separator, cancellationToken);
    }

    private void WriteCsv(Stream stream, char separator, CancellationToken cancellationToken)
    {
        using var writer = CsvWriter.Create(stream, new CsvWriterOptions { NewLine = "\n", Separator = separator }, leaveOpen: true);
        foreach (var column in Columns) writer.WriteField(column.Name);
        writer.EndRecord();
        for (var row = 0; row < RowCount; row++)
        {
            if (row % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            foreach (var column in Columns)
            {
                var value = column.ValueAt(row);
                if (column is DoubleDataFrameColumn && !value.IsMissing) writer.WriteField(value.Number);
                else writer.WriteField(value.Text ?? "");
            }

            writer.EndRecord();
        }

        writer.Flush();
    }
}
