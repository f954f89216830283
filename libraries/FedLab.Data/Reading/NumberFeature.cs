using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>A feature that is read as numbers: numbers themselves, true and false as 1 and 0, dates as days.</summary>
/// <param name="name">The feature's name.</param>
/// <param name="type">Number, Boolean or Date.</param>
/// <param name="format">How dates are written; null for ISO 8601.</param>
/// <param name="codes">Special codes.</param>
/// <param name="form">How its cells are wanted.</param>
internal sealed class NumberFeature(string name, ColumnType type, string? format, MissingCodes codes, CellForm form) : FeatureBuilder(name, codes)
{
    private readonly ChunkedList<double> _numbers = new();

    public override CellForm Form { get; } = form;

    public override void Expect(int rows) => _numbers.Expect(rows);

    public override void Append(ColumnBlock cells, RowBlock block, RowContext context)
    {
        if (type != ColumnType.Boolean && Codes.HasNoNumbers && cells.TryGetNumbers(block.RowCount, out var numbers, out _))
        {
            _numbers.AddRange(numbers);
            return;
        }

        for (var row = 0; row < block.RowCount; row++)
        {
            var number = cells.KindOf(row) switch
            {
                CellKind.Number => Check(cells.NumberOf(row), block.NumberOf(row), context),
                CellKind.Text => Parse(FieldText.Trim(cells.TextOf(row)), block.NumberOf(row), context),
                _ => double.NaN,
            };
            if (double.IsInfinity(number)) throw Infinite(context, block.NumberOf(row));
            _numbers.Add(number);
        }
    }

    public override Column Build(ReadOnlySpan<int> rows) => new NumericColumn(Name, _numbers.Take(rows));

    private double Check(double number, long row, RowContext context)
    {
        if (Codes.Contains(number)) return double.NaN;
        if (type == ColumnType.Boolean && number is not (0 or 1) && !double.IsNaN(number))
            throw context.Error(row, place => Messages.NotABoolean(place, Name, FormattableString.Invariant($"{number}")));
        return number;
    }

    private double Parse(ReadOnlySpan<byte> trimmed, long row, RowContext context)
    {
        if (FieldText.IsMissing(trimmed) || Codes.Contains(trimmed)) return double.NaN;
        switch (type)
        {
            case ColumnType.Boolean:
                if (FieldText.TryParseBoolean(trimmed, out var flag)) return flag ? 1 : 0;
                break;
            case ColumnType.Date:
                if (DateText.TryParseDays(context.Decode(trimmed), format, out var days)) return days;
                break;
            default:
                if (FieldText.TryParseNumber(trimmed, out var number)) return Check(number, row, context);
                if (FieldText.IsInfinityWord(trimmed)) return double.PositiveInfinity;
                break;
        }

        var shown = FieldText.Excerpt(trimmed);
        throw context.Error(row, place => type switch
        {
            ColumnType.Boolean => Messages.NotABoolean(place, Name, shown),
            ColumnType.Date => Messages.NotADate(place, Name, shown, format ?? DateText.Iso),
            _ => Messages.NotANumber(place, Name, shown),
        });
    }
}
