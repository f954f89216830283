using FedLab.Data.Connectors;

namespace FedLab.Data.Reading;

/// <summary>Collects the folds; equal texts share one string.</summary>
internal sealed class FoldBuilder
{
    private readonly Dictionary<string, string> _pool = new(StringComparer.Ordinal);
    private readonly ChunkedList<string> _folds = new();

    public void Append(ColumnBlock cells, RowBlock block, RowContext context)
    {
        var pooled = _pool.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var row = 0; row < block.RowCount; row++)
        {
            var text = cells.KindOf(row) == CellKind.Text ? ((ReadOnlySpan<char>)context.Decode(cells.TextOf(row))).Trim() : default;
            if (!pooled.TryGetValue(text, out var fold))
            {
                fold = text.ToString();
                _pool.Add(fold, fold);
            }

            _folds.Add(fold);
        }
    }

    public string[] Build(ReadOnlySpan<int> rows) => _folds.Take(rows).ToArray();
}
