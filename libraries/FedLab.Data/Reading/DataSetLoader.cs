using FedLab.Data.Connectors;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>One reading of a source: columns, rows into builders, then keys, columns, report and digest.</summary>
internal sealed class DataSetLoader
{
    /// <summary>A second pass finds the spelling of columns that turned out to be text; a third is only for a source that changes.</summary>
    private const int MaximumPasses = 3;

    /// <summary>Rows between two reports: often enough for a person, rare enough to cost nothing.</summary>
    private const int ReportInterval = 1 << 14;

    /// <summary>Bytes of a file after which its rows can be told well enough from its length.</summary>
    private const long SampleBytes = 4L << 20;

    /// <summary>What an estimate of the rows is too small by, at most, when rows are alike: a 64th.</summary>
    private const double Allowance = 1 + (1.0 / 64);

    private readonly DataSourceOptions _options;
    private readonly ITableConnector _connector;
    private readonly IProgress<ReadingProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly HashSet<string> _categorical;
    private readonly RowContext _context;
    private long _bytes;

    public DataSetLoader(DataSourceOptions options, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        if (options.Connector is null == string.IsNullOrEmpty(options.Path)) throw new ArgumentException("A path or a connector is needed, and not both.", nameof(options));
        _options = options;
        _connector = options.Connector ?? new CsvConnector(options.Path, bytes => _bytes = bytes);
        _progress = progress;
        _cancellationToken = cancellationToken;
        _categorical = new HashSet<string>(options.CategoricalColumns, StringComparer.Ordinal);
        _context = new RowContext(_connector.Name, _connector.Numbering);
    }

    /// <summary>Data rows a source may have; lower in the test of the limit.</summary>
    public int MaximumRows { get; init; } = DataLimits.MaximumRows;

    public async Task<DataSet> LoadAsync()
    {
        for (var pass = 0; pass < MaximumPasses; pass++)
        {
            var builders = await ReadRowsAsync().ConfigureAwait(false);
            foreach (var feature in builders.Features) feature.CheckType(_context);
            var texts = builders.Features.Where(feature => feature.NeedsText).Select(feature => feature.Name).ToList();
            if (texts.Count == 0) return Build(builders);
            _categorical.UnionWith(texts);
        }

        throw new DataFormatException(Messages.FileChanged(_context.Source));
    }

    private async Task<ColumnBuilders> ReadRowsAsync()
    {
        var reader = await _connector.OpenAsync(_cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            _bytes = 0;
            var builders = new ColumnBuilders(new ColumnPlan(reader.Columns, _options, _context.Source), _options, _categorical);
            var block = new RowBlock(reader.Columns.Count);
            reader.Choose(builders.Forms());
            var reported = 0;
            var expected = false;
            while (await reader.ReadAsync(block, _cancellationToken).ConfigureAwait(false))
            {
                _cancellationToken.ThrowIfCancellationRequested();
                if (builders.Keys.Count + block.RowCount > MaximumRows) throw new DataFormatException(Messages.TooManyRows(_context.Source, MaximumRows));
                builders.Append(block, _context);
                reader.Choose(builders.Forms());
                if (!expected && _bytes >= SampleBytes)
                {
                    builders.Expect(EstimateRows(builders.Keys.Count));
                    expected = true;
                }

                if (builders.Keys.Count - reported < ReportInterval) continue;
                reported = builders.Keys.Count;
                _progress?.Report(new ReadingProgress(reported, _bytes));
            }

            _progress?.Report(new ReadingProgress(builders.Keys.Count, _bytes));

            if (builders.Keys.Count > 0) return builders;
            throw new DataFormatException(_connector.Numbering == RowNumbering.Lines ? Messages.HeaderOnly(_context.Source) : Messages.NoRow(_context.Source));
        }
    }

    /// <summary>Rows of the whole file, from those in the bytes so far; 0 where its length is not known.</summary>
    private int EstimateRows(int rows)
    {
        var file = new FileInfo(_options.Path);
        return file.Exists ? (int)Math.Min(MaximumRows, Allowance * rows * file.Length / _bytes) : 0;
    }

    private DataSet Build(ColumnBuilders builders)
    {
        var rowsRead = builders.Keys.Count;
        var selection = builders.Keys.Select(_options.KeyFormat);
        if (selection.Rows.Length == 0) throw new DataFormatException(Messages.NoUsableRow(_context.Source, _options.KeyColumn, rowsRead));
        var labels = builders.Labels?.Build(selection.Rows);
        var folds = builders.Folds?.Build(selection.Rows);
        var columns = builders.Features.ConvertAll(feature => feature.Build(selection.Rows));
        if (_options.SortByKey)
        {
            var order = KeyOrder.Of(selection.Keys);
            selection = selection with { Keys = Take(selection.Keys, order), KeyWasNormalised = Take(selection.KeyWasNormalised, order) };
            labels = labels is null ? null : Take(labels, order);
            folds = folds is null ? null : Take(folds, order);
            for (var i = 0; i < columns.Count; i++) columns[i] = columns[i].TakeRows(order);
        }

        var table = columns.Count > 0 ? new Table(columns) : Table.WithoutColumns(selection.Rows.Length);
        var digest = ContentDigester.Compute(selection.Keys, labels, folds, table);
        var report = ReportWriter.Write(rowsRead, selection, builders, table, labels, _context);
        return new DataSet(selection.Format, selection.Keys, selection.KeyWasNormalised, table, labels, folds, report, digest);
    }

    private static T[] Take<T>(T[] values, int[] order)
    {
        var taken = new T[order.Length];
        for (var i = 0; i < order.Length; i++) taken[i] = values[order[i]];
        return taken;
    }
}
