using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>
/// A feature whose values decide what it is. It starts undecided, becomes numeric with its first number or text with its first word; a
/// numeric column in which words turn up later is decided at the end: a few words among numbers are an error, many make it a column of
/// categories, for which the source is read once more, because the spelling of its first numbers is gone.
/// </summary>
internal sealed class InferredFeature(string name, MissingCodes codes) : FeatureBuilder(name, codes)
{
    /// <summary>From this share of numbers on, a word is taken for a mistake.</summary>
    private const double NumericShare = 0.9;

    private ChunkedList<double>? _numbers;
    private CategoryList? _texts;
    private int _expected;
    private int _rows;
    private int _present;
    private int _words;

    /// <summary>Numbers that came into a column of text before their text was asked for.</summary>
    private int _unspelt;
    private long _firstWordRow;
    private string _firstWord = "";

    public override CellForm Form => _texts is null ? CellForm.Natural : CellForm.Text;

    public override bool NeedsText => (_numbers is not null && _words > 0) || _unspelt > 0;

    public override void Expect(int rows)
    {
        _expected = rows;
        _numbers?.Expect(rows);
        _texts?.Expect(rows);
    }

    public override void Append(ColumnBlock cells, RowBlock block, RowContext context)
    {
        if (_texts is null && Codes.HasNoNumbers && cells.TryGetNumbers(block.RowCount, out var numbers, out var missing))
        {
            AppendNumbers(numbers, missing);
            return;
        }

        for (var row = 0; row < block.RowCount; row++)
        {
            switch (cells.KindOf(row))
            {
                case CellKind.Number:
                    AppendNumber(cells.NumberOf(row), block.NumberOf(row), context);
                    break;
                case CellKind.Text:
                    AppendText(FieldText.Trim(cells.TextOf(row)), block.NumberOf(row), context);
                    break;
                default:
                    AppendMissing();
                    break;
            }

            _rows++;
        }
    }

    /// <summary>Refuses a column of numbers with a few words in it.</summary>
    public override void CheckType(RowContext context)
    {
        if (_words == 0) return;
        var numbers = _texts is null ? _present - _words : _texts.NumberCount + _unspelt;
        if (numbers < NumericShare * _present) return;
        throw context.Error(_firstWordRow, place => Messages.WordAmongNumbers(place, Name, _firstWord, (int)(100L * numbers / _present)));
    }

    public override Column Build(ReadOnlySpan<int> rows)
    {
        if (_texts is not null) return _texts.Build(Name, rows);
        if (_numbers is not null) return new NumericColumn(Name, _numbers.Take(rows));
        var missing = new double[rows.Length];
        Array.Fill(missing, double.NaN);
        return new NumericColumn(Name, missing);
    }

    private void AppendNumbers(ReadOnlySpan<double> numbers, int missing)
    {
        if (missing < numbers.Length) StartNumbers();
        _numbers?.AddRange(numbers);
        _rows += numbers.Length;
        _present += numbers.Length - missing;
    }

    private void StartNumbers()
    {
        if (_numbers is not null) return;
        _numbers = new ChunkedList<double>();
        _numbers.AddRepeated(double.NaN, _rows);
        _numbers.Expect(_expected);
    }

    private void AppendNumber(double number, long row, RowContext context)
    {
        if (double.IsNaN(number) || Codes.Contains(number))
        {
            AppendMissing();
            return;
        }

        if (_texts is not null)
        {
            _texts.AddMissing();
            _unspelt++;
            _present++;
            return;
        }

        if (double.IsInfinity(number)) throw Infinite(context, row);
        StartNumbers();
        _numbers!.Add(number);
        _present++;
    }

    private void AppendText(ReadOnlySpan<byte> trimmed, long row, RowContext context)
    {
        if (FieldText.IsMissing(trimmed) || Codes.Contains(trimmed))
        {
            AppendMissing();
            return;
        }

        if (_texts is null)
        {
            if (FieldText.IsInfinityWord(trimmed)) throw Infinite(context, row);
            if (_words++ == 0)
            {
                _firstWordRow = row;
                _firstWord = FieldText.Excerpt(trimmed);
            }

            if (_numbers is not null)
            {
                _numbers.Add(double.NaN);
                _present++;
                return;
            }

            _texts = new CategoryList();
            _texts.AddMissing(_rows);
            _texts.Expect(_expected);
        }

        if (_texts.Add(trimmed, context)) _present++;
    }

    // Until the type is known only the number of rows is kept.
    private void AppendMissing()
    {
        _numbers?.Add(double.NaN);
        _texts?.AddMissing();
    }
}
