using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>One reading of a source as it stands.</summary>
internal sealed class TableLoader(ITableConnector source, HashSet<string> textColumns, int maximumRows, CancellationToken cancellationToken)
{
    /// <summary>A second pass finds the spelling of columns that turned out to be text; a third is only for a source that changes.</summary>
    private const int MaximumPasses = 3;

    private readonly RowContext _context = new(source.Name, source.Numbering);
    private readonly Dictionary<string, Column> _done = new(StringComparer.Ordinal);

    public async Task<Table> LoadAsync()
    {
        for (var pass = 0; pass < MaximumPasses; pass++)
        {
            if (await ReadAsync().ConfigureAwait(false) is { } table) return table;
        }

        throw new DataFormatException(Messages.FileChanged(source.Name));
    }

    /// <summary>Reads the columns that are not done yet.</summary>
    /// <returns>The table; null if a column has to be read once more.</returns>
    private async Task<Table?> ReadAsync()
    {
        var reader = await source.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            CheckNames(reader.Columns);
            var columns = reader.Columns.Select(Plan).ToArray();
            reader.Choose([.. columns.Select(column => column is null ? CellForm.Skipped : CellForm.Text)]);
            var rows = await AppendAsync(reader, columns).ConfigureAwait(false);
            if (_done.Count > 0 && _done.First().Value.RowCount != rows) throw new DataFormatException(Messages.FileChanged(source.Name));
            var all = Enumerable.Range(0, rows).ToArray();
            foreach (var column in columns)
            {
                if (column is null) continue;
                if (column.NeedsText) textColumns.Add(column.Name);
                else _done[column.Name] = column.Build(all);
            }

            return Array.Exists(columns, column => column is { NeedsText: true }) ? null : new Table([.. reader.Columns.Select(column => _done[column.Name])]);
        }
    }

    private async Task<int> AppendAsync(ITableReader reader, PlainColumn?[] columns)
    {
        var block = new RowBlock(columns.Length);
        var rows = 0;
        while (rows < maximumRows && await reader.ReadAsync(block, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (rows > DataLimits.MaximumRows - block.RowCount) throw new DataFormatException(Messages.TooManyRows(source.Name, DataLimits.MaximumRows));
            for (var i = 0; i < columns.Length; i++) columns[i]?.Append(block[i], block, _context);
            rows += block.RowCount;
        }

        return Math.Min(rows, maximumRows);
    }

    private PlainColumn? Plan(SourceColumn column)
    {
        if (_done.ContainsKey(column.Name)) return null;
        if (column.Type == SourceType.Other) throw new DataFormatException(Messages.TypeUnreadable(source.Name, column.Name, column.TypeName));
        return new PlainColumn(column.Name, textColumns.Contains(column.Name), column.Type is SourceType.Untyped or SourceType.Number);
    }

    private void CheckNames(IReadOnlyList<SourceColumn> columns)
    {
        if (columns.Count > DataLimits.MaximumColumns) throw new DataFormatException(Messages.TooManyColumns(source.Name, columns.Count, DataLimits.MaximumColumns));
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < columns.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(columns[i].Name)) throw new DataFormatException(Messages.ColumnNameEmpty(source.Name, i + 1));
            if (!first.TryAdd(columns[i].Name, i)) throw new DataFormatException(Messages.ColumnNameDuplicate(source.Name, columns[i].Name, first[columns[i].Name] + 1, i + 1));
        }

        if (textColumns.FirstOrDefault(name => !first.ContainsKey(name)) is { } missing)
            throw new DataFormatException(Messages.ColumnNotFound(source.Name, missing, Messages.RoleCategorical, first.Keys));
    }
}
