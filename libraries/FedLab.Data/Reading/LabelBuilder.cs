using FedLab.Data.Connectors;

namespace FedLab.Data.Reading;

/// <summary>Collects the labels, 0 or 1 (also written 0.0 or 1.0, and true or false if the column is mapped so).</summary>
internal sealed class LabelBuilder(string name, bool fromWords)
{
    private readonly ChunkedList<byte> _labels = new();

    public void Append(ColumnBlock cells, RowBlock block, RowContext context)
    {
        for (var row = 0; row < block.RowCount; row++)
        {
            var value = cells.KindOf(row) switch
            {
                CellKind.Number => cells.NumberOf(row),
                CellKind.Text => Parse(FieldText.Trim(cells.TextOf(row))),
                _ => double.NaN,
            };
            // No message shows the value: whoever names the wrong column as the label may have named the keys.
            if (double.IsNaN(value)) throw context.Error(block.NumberOf(row), place => Messages.LabelMissing(place, name));
            if (value is not (0 or 1)) throw context.Error(block.NumberOf(row), place => Messages.LabelInvalid(place, name));
            _labels.Add((byte)value);
        }
    }

    /// <summary>The labels of the given rows. They may be of one class: between banks the others have the other, and where they do not, the learner says so.</summary>
    public byte[] Build(ReadOnlySpan<int> rows) => _labels.Take(rows).ToArray();

    /// <summary>The number that a text stands for; NaN if it is missing, −1 if it is none.</summary>
    private double Parse(ReadOnlySpan<byte> trimmed)
    {
        if (FieldText.IsMissing(trimmed)) return double.NaN;
        if (fromWords && FieldText.TryParseBoolean(trimmed, out var flag)) return flag ? 1 : 0;
        return FieldText.TryParseNumber(trimmed, out var number) ? number : -1;
    }
}
