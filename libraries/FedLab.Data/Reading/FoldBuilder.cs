using CsvHelper;

namespace FedLab.Data.Reading;

/// <summary>Collects the folds; equal texts share one string.</summary>
internal sealed class FoldBuilder
{
    private readonly Dictionary<string, string> _pool = new(StringComparer.Ordinal);
    private readonly ChunkedList<string> _folds = new();

    public void Append(CsvReader reader, int index, FieldContext context)
    {
        var text = ((ReadOnlySpan<char>)context.Decode(context.Field(reader, index))).Trim();
        var pooled = _pool.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!pooled.TryGetValue(text, out var fold))
        {
            fold = text.ToString();
            _pool.Add(fold, fold);
        }

        _folds.Add(fold);
    }

    public string[] Build(ReadOnlySpan<int> rows) => _folds.Take(rows);
}
