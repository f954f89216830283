using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using FedLab.Data.Reading;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FedLab.Data.Connectors;

/// <summary>
/// One reading of an SQLite table or query. SQLite keeps a type with every value and not with the column, so the column's declared type
/// says what is meant (by the rules of the file format for affinity, with dates and booleans told apart by name) and every cell what it is.
/// </summary>
internal sealed class SqliteTableReader : ITableReader
{
    private const int LongestNumber = 32;

    /// <summary>Instructions of SQLite's machine between two looks at the cancellation: some microseconds.</summary>
    private const int InterruptInstructions = 1 << 12;

    private readonly SqliteConnection _connection;
    private readonly TableSelection _selection;
    private readonly string _source;
    private SqliteCommand? _command;
    private SqliteDataReader? _reader;

    /// <summary>For each column its place in the result, −1 if it is not fetched.</summary>
    private int[] _ordinals;
    private CellForm[] _forms;
    private DataFormatException? _failure;
    private long _row;

    public SqliteTableReader(SqliteConnection connection, TableSelection selection, string source, CancellationToken cancellationToken)
    {
        (_connection, _selection, _source) = (connection, selection, source);
        // The statement asks whether it is still wanted. An interruption from outside would be lost if it came just before a statement begins, and
        // a query without an end would never be left.
        raw.sqlite3_progress_handler(connection.Handle!, InterruptInstructions, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null);
        try
        {
            Execute(selection.Query ?? $"SELECT * FROM {selection.QuotedTable} LIMIT 0");
            Columns = ReadColumns();
            if (selection.Table is not null)
            {
                Close();
                selection.CheckOrder(Columns, source);
            }
        }
        catch (Exception e) when (e is SqliteException or DataFormatException)
        {
            Close();
            throw;
        }

        _forms = new CellForm[Columns.Count];
        _ordinals = [.. Enumerable.Range(0, Columns.Count)];
    }

    public IReadOnlyList<SourceColumn> Columns { get; }

    public void Choose(IReadOnlyList<CellForm> forms) => _forms = [.. forms];

    public ValueTask<bool> ReadAsync(RowBlock block, CancellationToken cancellationToken)
    {
        block.Clear();
        try
        {
            if (_failure is not null) throw _failure;
            if (_reader is null) Select();
            while (!block.IsFull && _reader!.Read()) Append(block);
        }
        catch (SqliteException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _failure = SqliteConnector.Describe(e, _source);
            if (block.RowCount == 0) throw _failure;
        }
        catch (DataFormatException e) when (block.RowCount > 0)
        {
            _failure = e;
        }

        return ValueTask.FromResult(block.RowCount > 0);
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private void Execute(string sql)
    {
        _command = _connection.CreateCommand();
        _command.CommandText = sql;
        _reader = _command.ExecuteReader();
    }

    private void Close()
    {
        _reader?.Dispose();
        _command?.Dispose();
        (_reader, _command) = (null, null);
    }

    private SourceColumn[] ReadColumns()
    {
        if (_reader!.FieldCount == 0) throw new DataFormatException(Messages.QueryGivesNoColumns(_source));
        var columns = new SourceColumn[_reader.FieldCount];
        for (var i = 0; i < columns.Length; i++)
        {
            var declared = raw.sqlite3_column_decltype(_reader.Handle!, i).utf8_to_string() ?? "";
            columns[i] = new SourceColumn(_reader.GetName(i), TypeOf(declared), declared);
        }

        return columns;
    }

    /// <summary>The meaning of a declared type (https://www.sqlite.org/datatype3.html, section 3.1).</summary>
    private static SourceType TypeOf(string declared)
    {
        if (Has("BOOL")) return SourceType.Boolean;
        if (Has("DATETIME") || Has("TIMESTAMP")) return SourceType.Timestamp;
        if (Has("DATE")) return SourceType.Date;
        if (Has("INT")) return SourceType.Number;
        if (Has("CHAR") || Has("CLOB") || Has("TEXT")) return SourceType.Text;
        if (declared.Length == 0 || Has("BLOB")) return SourceType.Untyped;
        return SourceType.Number;

        bool Has(string word) => declared.Contains(word, StringComparison.OrdinalIgnoreCase);
    }

    private void Select()
    {
        var wanted = Enumerable.Range(0, Columns.Count).Where(i => _forms[i] != CellForm.Skipped).ToArray();
        _ordinals = [.. Enumerable.Range(0, Columns.Count).Select(i => Array.IndexOf(wanted, i))];
        Execute(_selection.Select(wanted.Select(i => Columns[i].Name), _ => " COLLATE BINARY"));
    }

    private void Append(RowBlock block)
    {
        _row++;
        var statement = _reader!.Handle!;
        long bytes = 0;
        for (var i = 0; i < _ordinals.Length; i++)
        {
            if (_forms[i] != CellForm.Skipped) bytes += Append(block[i], statement, i);
        }

        block.EndRow(_row, bytes);
    }

    private int Append(ColumnBlock cells, sqlite3_stmt statement, int column)
    {
        var ordinal = _ordinals[column];
        switch (raw.sqlite3_column_type(statement, ordinal))
        {
            case raw.SQLITE_NULL:
                cells.AddMissing();
                return 0;
            case raw.SQLITE_INTEGER:
                AppendInteger(cells, raw.sqlite3_column_int64(statement, ordinal), column);
                return sizeof(long);
            case raw.SQLITE_FLOAT:
                var number = raw.sqlite3_column_double(statement, ordinal);
                if (WantsNumber(column)) cells.AddNumber(number);
                else if (number.TryFormat(cells.Reserve(LongestNumber), out var written, default, CultureInfo.InvariantCulture)) cells.Commit(written);
                return sizeof(double);
            case raw.SQLITE_TEXT:
                return AppendText(cells, statement, ordinal, column);
            default:
                throw new DataFormatException(Messages.CellUnreadable(Place, Columns[column].Name)) { Row = _row };
        }
    }

    private string Place => RowContext.Place(_source, RowNumbering.Rows, _row);

    /// <summary>A number in a column of dates may be anything: seconds, days, yyyymmdd. Its text goes on, which a format can read.</summary>
    private bool WantsNumber(int column) => _forms[column] == CellForm.Natural && Columns[column].Type is not (SourceType.Date or SourceType.Timestamp);

    private void AppendInteger(ColumnBlock cells, long value, int column)
    {
        if (WantsNumber(column)) cells.AddNumber(value);
        else if (Columns[column].Type == SourceType.Boolean && value is 0 or 1) cells.AddText(value == 1 ? "true"u8 : "false"u8);
        else if (Utf8Formatter.TryFormat(value, cells.Reserve(LongestNumber), out var written)) cells.Commit(written);
    }

    private int AppendText(ColumnBlock cells, sqlite3_stmt statement, int ordinal, int column)
    {
        _ = raw.sqlite3_column_text(statement, ordinal); // a file in UTF-16 is converted where it stands
        var text = raw.sqlite3_column_blob(statement, ordinal);
        if (text.Length > DataLimits.MaximumFieldBytes) throw new DataFormatException(Messages.FieldTooLong(Place, column + 1, DataLimits.MaximumFieldBytes)) { Row = _row };
        if (!Utf8.IsValid(text)) throw new DataFormatException(Messages.CellNotUtf8(Place, Columns[column].Name)) { Row = _row };
        if (_forms[column] == CellForm.Natural && Columns[column].Type is SourceType.Date or SourceType.Timestamp
            && DateText.TryParseDays(Encoding.UTF8.GetString(text).Trim(), format: null, out var days)) cells.AddNumber(days);
        else cells.AddText(text);
        return text.Length;
    }
}
