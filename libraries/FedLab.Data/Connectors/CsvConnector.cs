using System.Text;
using CsvHelper;
using FedLab.Data.Reading;

namespace FedLab.Data.Connectors;

/// <summary>A CSV file in UTF-8, plain or gzipped. It says nothing about types: the values decide.</summary>
public sealed class CsvConnector : ITableConnector
{
    private readonly Func<CsvReader> _open;

    /// <summary>A connector; nothing is opened yet.</summary>
    /// <param name="path">The file, gzipped or not, which its content tells.</param>
    /// <param name="separator">What stands between two fields.</param>
    public CsvConnector(string path, char separator = ',')
        : this(path, bytesRead: null, separator)
    {
    }

    internal CsvConnector(string path, Action<long>? bytesRead, char separator = ',')
        : this(path, () => CsvInput.Open(path, bytesRead, separator))
    {
    }

    private CsvConnector(string name, Func<CsvReader> open) => (Name, _open) = (name, open);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public RowNumbering Numbering => RowNumbering.Lines;

    /// <summary>A connector for CSV that is in memory.</summary>
    /// <param name="text">The text, with a header row.</param>
    /// <param name="separator">What stands between two fields.</param>
    public static CsvConnector OfText(string text, char separator = ',')
    {
        ArgumentNullException.ThrowIfNull(text);
        var utf8 = Encoding.UTF8.GetBytes(text);
        return new CsvConnector("CSV", () => CsvInput.Open(utf8, separator));
    }

    /// <inheritdoc/>
    public ValueTask<ITableReader> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reader = _open();
        try
        {
            return ValueTask.FromResult<ITableReader>(new CsvTableReader(reader, Name));
        }
        catch (DataFormatException)
        {
            reader.Dispose();
            throw;
        }
    }
}

/// <summary>One reading of a CSV file.</summary>
internal sealed class CsvTableReader : ITableReader
{
    private readonly CsvReader _reader;
    private readonly string _path;
    private CellForm[] _forms;
    private DataFormatException? _failure;

    public CsvTableReader(CsvReader reader, string path)
    {
        (_reader, _path) = (reader, path);
        Columns = ReadHeader();
        _forms = new CellForm[Columns.Count];
    }

    public IReadOnlyList<SourceColumn> Columns { get; }

    public void Choose(IReadOnlyList<CellForm> forms) => _forms = [.. forms];

    public ValueTask<bool> ReadAsync(RowBlock block, CancellationToken cancellationToken)
    {
        block.Clear();
        try
        {
            // An error in a row comes after the rows before it, which may have an error of their own.
            if (_failure is not null) throw _failure;
            while (!block.IsFull && ReadRecord()) Append(block);
        }
        catch (DataFormatException e) when (block.RowCount > 0)
        {
            _failure = e;
        }

        return ValueTask.FromResult(block.RowCount > 0);
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return ValueTask.CompletedTask;
    }

    private SourceColumn[] ReadHeader()
    {
        if (!ReadRecord()) throw new DataFormatException(Messages.FileEmpty(_path));
        if (_reader.FieldCount > DataLimits.MaximumColumns) throw new DataFormatException(Messages.TooManyColumns(_path, _reader.FieldCount, DataLimits.MaximumColumns));
        var columns = new SourceColumn[_reader.FieldCount];
        for (var i = 0; i < columns.Length; i++) columns[i] = new SourceColumn(Encoding.UTF8.GetString(Field(i)).Trim().Trim('\uFEFF'));
        return columns;
    }

    private bool ReadRecord()
    {
        try
        {
            return _reader.Read();
        }
        catch (CsvFormatException e)
        {
            throw new DataFormatException(Messages.RowUnreadable(_path, e.LineNumber, DataLimits.MaximumRowBytes >> 20), e);
        }
    }

    private void Append(RowBlock block)
    {
        if (_reader.FieldCount != _forms.Length) throw new DataFormatException(Messages.FieldCount(_path, _reader.LineNumber, _reader.FieldCount, _forms.Length));
        long bytes = 0;
        for (var i = 0; i < _forms.Length; i++)
        {
            if (_forms[i] == CellForm.Skipped) continue;
            var cells = block[i];
            var field = Field(i);
            bytes += field.Length;
            if (field.Length == 0) cells.AddMissing();
            else if (_forms[i] == CellForm.Natural && (DecimalText.TryParse(field, out var number) || TryParse(i, field, out number))) cells.AddNumber(number);
            else cells.AddText(field);
        }

        block.EndRow(_reader.LineNumber, bytes);
    }

    // A comma can only be a thousands separator, which double.Parse skips, or a decimal comma, which it would take for one.
    private bool TryParse(int index, ReadOnlySpan<byte> field, out double number) => _reader.TryParse(index, out number) && !field.Contains((byte)',');

    private ReadOnlySpan<byte> Field(int index)
    {
        var field = _reader.GetSpan(index);
        if (field.Length <= DataLimits.MaximumFieldBytes) return field;
        throw new DataFormatException(Messages.FieldTooLong(RowContext.Place(_path, RowNumbering.Lines, _reader.LineNumber), index + 1, DataLimits.MaximumFieldBytes));
    }
}
