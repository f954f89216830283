using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>A feature that is read as text, whatever its values look like.</summary>
internal sealed class CategoryFeature(string name, MissingCodes codes) : FeatureBuilder(name, codes)
{
    private readonly CategoryList _texts = new();

    public override CellForm Form => CellForm.Text;

    /// <summary>Whether every value is a number.</summary>
    public bool HoldsOnlyNumbers => _texts.HoldsOnlyNumbers;

    public override void Expect(int rows) => _texts.Expect(rows);

    public override void Append(ColumnBlock cells, RowBlock block, RowContext context)
    {
        for (var row = 0; row < block.RowCount; row++)
        {
            var text = cells.KindOf(row) == CellKind.Text ? FieldText.Trim(cells.TextOf(row)) : default;
            if (text.Length == 0 || Codes.Contains(text)) _texts.AddMissing();
            else _texts.Add(text, context);
        }
    }

    public override Column Build(ReadOnlySpan<int> rows) => _texts.Build(Name, rows);
}
