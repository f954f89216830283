using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>
/// A column of a table that is read as it stands. Its cells always come as text, so that the spelling of a number can decide whether it
/// is one. What the column is shows in its first block; a word behind that makes the source be read once more for this column.
/// </summary>
internal sealed class PlainColumn(string name, bool isText, bool mayBeNumbers)
{
    /// <summary>Digits that a double keeps whatever they are.</summary>
    private const int ExactDigits = 15;

    private readonly ChunkedList<double> _numbers = new();
    private CategoryList? _texts = isText ? new CategoryList() : null;

    public string Name { get; } = name;

    /// <summary>Whether text turned up behind numbers, whose spelling is gone.</summary>
    public bool NeedsText { get; private set; }

    public void Append(ColumnBlock cells, RowBlock block, RowContext context)
    {
        if (NeedsText) return;
        if (_texts is null && _numbers.Count == 0 && !AreNumbers(cells, block.RowCount)) _texts = new CategoryList();
        for (var row = 0; row < block.RowCount && !NeedsText; row++)
        {
            var field = cells.KindOf(row) switch
            {
                CellKind.Text => FieldText.Trim(cells.TextOf(row)),
                _ => default,
            };
            if (_texts is not null) AppendText(field, context);
            else if (cells.KindOf(row) == CellKind.Number) _numbers.Add(cells.NumberOf(row));
            else if (FieldText.IsMissing(field)) _numbers.Add(double.NaN);
            else if (TryParse(field, out var number)) _numbers.Add(number);
            else NeedsText = true;
        }
    }

    public Column Build(ReadOnlySpan<int> allRows) => _texts is not null ? _texts.Build(Name, allRows) : new NumericColumn(Name, _numbers.Take(allRows));

    private void AppendText(ReadOnlySpan<byte> field, RowContext context)
    {
        if (field.Length == 0) _texts!.AddMissing();
        else _texts!.Add(field, context);
    }

    private bool AreNumbers(ColumnBlock cells, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if (cells.KindOf(row) != CellKind.Text) continue;
            var field = FieldText.Trim(cells.TextOf(row));
            if (!FieldText.IsMissing(field) && !TryParse(field, out _)) return false;
        }

        return mayBeNumbers;
    }

    /// <summary>Reads a number whose digits a double keeps.</summary>
    private static bool TryParse(ReadOnlySpan<byte> field, out double number)
    {
        var digits = field.Length > 0 && field[0] is (byte)'-' or (byte)'+' ? field[1..] : field;
        number = 0;
        if (digits.Length > 1 && digits[0] == '0' && digits[1] is >= (byte)'0' and <= (byte)'9') return false;
        if (DecimalText.TryParse(field, out number)) return true;
        if (digits.Length > ExactDigits && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        return FieldText.TryParseNumber(field, out number) && double.IsFinite(number);
    }
}
