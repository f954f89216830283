using System.Data.Common;
using FedLab.Data;
using FedLab.Data.Connectors;
using FedLab.Learning;
using FedLab.Notebook.Display;

namespace FedLab.Notebook.Data;

public sealed partial class DataFrame
{
    /// <summary>How long to wait for a program that writes an SQLite file.</summary>
    private static readonly TimeSpan SqlitePatience = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Reads a CSV file: UTF-8 with a header row, plain or gzipped. A column is numeric if all of its values are numbers, boolean if they are
    /// true and false, otherwise text; empty, NA, N/A, NaN and null are missing. Leading zeros and integers of more than fifteen digits
    /// make a column text, so that codes and keys keep their digits.
    /// </summary>
    /// <param name="filename">The file.</param>
    /// <param name="separator">What stands between two fields.</param>
    /// <param name="numRows">Rows to read at most; −1 for all.</param>
    /// <param name="textColumns">Columns that are text whatever their values look like.</param>
    /// <exception cref="DataFormatException">The file cannot be read; the message says where and what to do.</exception>
    public static DataFrame LoadCsv(string filename, char separator = ',', int numRows = -1, IEnumerable<string>? textColumns = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(filename);
        return Load(new CsvConnector(filename, separator), numRows, textColumns);
    }

    /// <summary>Reads CSV from a text, as <see cref="LoadCsv"/> reads a file.</summary>
    /// <param name="csvString">The text, with a header row.</param>
    /// <param name="separator">What stands between two fields.</param>
    /// <param name="numRows">Rows to read at most; −1 for all.</param>
    /// <param name="textColumns">Columns that are text whatever their values look like.</param>
    /// <exception cref="DataFormatException">The text is not CSV; the message says where and what to do.</exception>
    public static DataFrame LoadCsvFromString(string csvString, char separator = ',', int numRows = -1, IEnumerable<string>? textColumns = null) =>
        Load(CsvConnector.OfText(csvString, separator), numRows, textColumns);

    /// <summary>Reads what a query of any database gives, to its end; dates become text in ISO 8601.</summary>
    /// <param name="reader">The answer; stays open.</param>
    /// <param name="cancellationToken">Stops the reading; an interrupt of the cell stops it in any case.</param>
    /// <exception cref="FrameException">Two columns have one name, a column has none, or there are too many rows.</exception>
    public static async Task<DataFrame> LoadFrom(DbDataReader reader, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using var stop = Interruptible(cancellationToken);
        var columns = Enumerable.Range(0, reader.FieldCount).Select(i => new ColumnCollector(reader.GetName(i), reader.GetFieldType(i))).ToArray();
        for (var rows = 0; await reader.ReadAsync(stop.Token).ConfigureAwait(false); rows++)
        {
            if (rows == DataLimits.MaximumRows) throw FrameMessages.TooManyRows(DataLimits.MaximumRows);
            for (var i = 0; i < columns.Length; i++) columns[i].Add(reader.GetValue(i));
        }

        return new DataFrame(columns.Select(column => column.Build()));
    }

    /// <summary>Reads a table or query through one of FedLab's connectors, for example a <see cref="PostgresConnector"/>.</summary>
    /// <param name="source">The source.</param>
    /// <param name="textColumns">Columns that are text whatever their values look like.</param>
    /// <param name="cancellationToken">Stops the reading; an interrupt of the cell stops it in any case.</param>
    /// <exception cref="DataFormatException">The source cannot be read; the message says where and what to do.</exception>
    public static async Task<DataFrame> LoadFrom(ITableConnector source, IEnumerable<string>? textColumns = null, CancellationToken cancellationToken = default)
    {
        using var stop = Interruptible(cancellationToken);
        return FromText(await TableReader.ReadAsync(source, textColumns, cancellationToken: stop.Token).ConfigureAwait(false));
    }

    /// <summary>Reads a table, view or query of an SQLite file, which is opened for reading only.</summary>
    /// <param name="filename">The file.</param>
    /// <param name="tableOrQuery">A table's name, or a SELECT or WITH statement.</param>
    /// <param name="cancellationToken">Stops the reading; an interrupt of the cell stops it in any case.</param>
    /// <exception cref="DataFormatException">The file or table cannot be read; the message says why and what to do.</exception>
    public static Task<DataFrame> LoadSqlite(string filename, string tableOrQuery, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tableOrQuery);
        var words = tableOrQuery.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        var isQuery = words.Length > 1 && (words[0].Equals("select", StringComparison.OrdinalIgnoreCase) || words[0].Equals("with", StringComparison.OrdinalIgnoreCase));
        var selection = isQuery ? new TableSelection { Query = tableOrQuery } : new TableSelection { Table = tableOrQuery };
        return LoadFrom(new SqliteConnector(filename, selection, SqlitePatience), cancellationToken: cancellationToken);
    }

    /// <summary>A frame of the columns that FedLab trains on: numbers stay numbers, categories become text.</summary>
    /// <param name="table">The table.</param>
    public static DataFrame From(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new DataFrame(table.Columns.Select(FromColumn));
    }

    /// <summary>A frame with a row for each object and a column for each of its public properties.</summary>
    /// <typeparam name="T">The objects' type, for example a record.</typeparam>
    /// <param name="records">The objects.</param>
    public static DataFrame FromRecords<T>(IEnumerable<T> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var properties = typeof(T).GetProperties().Where(property => property.CanRead && property.GetIndexParameters().Length == 0).ToArray();
        var columns = Array.ConvertAll(properties, property => new ColumnCollector(property.Name, property.PropertyType));
        foreach (var record in records)
        {
            for (var i = 0; i < columns.Length; i++) columns[i].Add(properties[i].GetValue(record));
        }

        return new DataFrame(columns.Select(column => column.Build()));
    }

    /// <summary>
    /// The frame as FedLab trains and scores it: numbers stay numbers, true and false become 1 and 0, texts become categories in the
    /// order of their UTF-16 units.
    /// </summary>
    public Table ToTable() => Columns.Count == 0 ? Table.WithoutColumns(0) : new Table([.. Columns.Select(ToColumn)]);

    private static DataFrame Load(ITableConnector source, int numRows, IEnumerable<string>? textColumns)
    {
        if (numRows < -1) throw FrameMessages.LoadCountOutside(numRows);
        // The work of a file is parsing, on a thread of its own; a cell that calls this waits for it either way.
        var reading = TableReader.ReadAsync(source, textColumns, numRows < 0 ? DataLimits.MaximumRows : numRows, NotebookHost.Interrupted);
        return FromText(reading.GetAwaiter().GetResult());
    }

    private static CancellationTokenSource Interruptible(CancellationToken cancellationToken) =>
        CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, NotebookHost.Interrupted);

    /// <summary>A frame of what was read as text and numbers; texts that are all true or false are recognised.</summary>
    private static DataFrame FromText(Table table) => new(table.Columns.Select(column => TryReadBooleans(column) ?? FromColumn(column)));

    private static BooleanDataFrameColumn? TryReadBooleans(Column column)
    {
        if (column is not CategoricalColumn { Categories.Count: > 0 } texts) return null;
        if (!texts.Categories.All(text => bool.TryParse(text, out _))) return null;
        var values = texts.Categories.Select(text => (sbyte)(bool.Parse(text) ? 1 : 0)).ToArray();
        return new BooleanDataFrameColumn(column.Name, [.. texts.Codes.ToArray().Select(code => code < 0 ? (sbyte)-1 : values[code])]);
    }

    private static DataFrameColumn FromColumn(Column column) => column switch
    {
        CategoricalColumn texts => new StringDataFrameColumn(column.Name, texts.Categories, texts.Codes.ToArray()),
        NumericColumn numbers => new DoubleDataFrameColumn(column.Name, numbers.Values.ToArray()),
        _ => throw new ArgumentException($"Column '{column.Name}' holds neither numbers nor text.", nameof(column)),
    };

    private static Column ToColumn(DataFrameColumn column)
    {
        if (column is not StringDataFrameColumn texts) return new NumericColumn(column.Name, column.Numbers());
        var (categories, codes) = texts.Sorted();
        return new CategoricalColumn(column.Name, categories, codes);
    }
}
