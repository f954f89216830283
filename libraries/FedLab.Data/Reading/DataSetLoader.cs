using CsvHelper;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>One reading of a file: header, rows into builders, then keys, columns, report and digest.</summary>
internal sealed class DataSetLoader(DataSourceOptions options, IProgress<long>? bytesRead, CancellationToken cancellationToken)
{
    /// <summary>A second pass finds the spelling of columns that turned out to be text; a third is only for a file that changes.</summary>
    private const int MaximumPasses = 3;

    private const int RowsBetweenCancellationChecks = 4096;

    private readonly HashSet<string> _categorical = new(options.CategoricalColumns, StringComparer.Ordinal);

    /// <summary>Data rows a file may have; lower in the test of the limit.</summary>
    public int MaximumRows { get; init; } = DataLimits.MaximumRows;

    public DataSet Load()
    {
        for (var pass = 0; pass < MaximumPasses; pass++)
        {
            var builders = ReadRows();
            foreach (var feature in builders.Features) feature.CheckType(options.Path);
            var texts = builders.Features.Where(feature => feature.NeedsText).Select(feature => feature.Name).ToList();
            if (texts.Count == 0) return Build(builders);
            _categorical.UnionWith(texts);
        }

        throw new DataFormatException(Messages.FileChanged(options.Path));
    }

    private Builders ReadRows()
    {
        using var reader = CsvInput.Open(options.Path, bytesRead);
        try
        {
            var header = Header.Read(reader, options);
            var builders = new Builders(header, options, _categorical);
            var context = new FieldContext(options.Path);
            while (reader.Read())
            {
                if (builders.Keys.Count % RowsBetweenCancellationChecks == 0) cancellationToken.ThrowIfCancellationRequested();
                if (builders.Keys.Count == MaximumRows) throw new DataFormatException(Messages.TooManyRows(options.Path, MaximumRows));
                context.Line = reader.LineNumber;
                if (reader.FieldCount != header.Names.Length)
                    throw new DataFormatException(Messages.FieldCount(options.Path, context.Line, reader.FieldCount, header.Names.Length));
                builders.Append(reader, context);
            }

            return builders.Keys.Count > 0 ? builders : throw new DataFormatException(Messages.HeaderOnly(options.Path));
        }
        catch (CsvFormatException e)
        {
            throw new DataFormatException(Messages.RowUnreadable(options.Path, e.LineNumber, DataLimits.MaximumRowBytes >> 20), e);
        }
    }

    private DataSet Build(Builders builders)
    {
        var rowsRead = builders.Keys.Count;
        var selection = builders.Keys.Select(options.KeyFormat);
        if (selection.Rows.Length == 0) throw new DataFormatException(Messages.NoUsableRow(options.Path, options.KeyColumn, rowsRead));
        var labels = builders.Labels?.Build(selection.Rows, options.Path);
        var folds = builders.Folds?.Build(selection.Rows);
        var columns = builders.Features.ConvertAll(feature => feature.Build(selection.Rows));
        var table = columns.Count > 0 ? new Table(columns) : Table.WithoutColumns(selection.Rows.Length);
        var digest = ContentDigester.Compute(selection.Keys, labels, folds, table);
        var report = ReportWriter.Write(rowsRead, selection, table);
        return new DataSet(selection.Format, selection.Keys, selection.KeyWasNormalised, table, labels, folds, report, digest);
    }

    /// <summary>What takes the fields of a row, by column.</summary>
    private sealed class Builders
    {
        private readonly Header _header;
        private readonly FeatureBuilder?[] _featureOf;

        public Builders(Header header, DataSourceOptions options, HashSet<string> categorical)
        {
            _header = header;
            _featureOf = new FeatureBuilder?[header.Names.Length];
            for (var i = 0; i < _featureOf.Length; i++)
            {
                if (header.Roles[i] != ColumnRole.Feature) continue;
                _featureOf[i] = new FeatureBuilder(header.Names[i], categorical.Contains(header.Names[i]));
                Features.Add(_featureOf[i]!);
            }

            if (options.LabelColumn is not null) Labels = new LabelBuilder(options.LabelColumn);
            if (options.FoldColumn is not null) Folds = new FoldBuilder();
        }

        public KeyBuilder Keys { get; } = new();

        public LabelBuilder? Labels { get; }

        public FoldBuilder? Folds { get; }

        public List<FeatureBuilder> Features { get; } = [];

        public void Append(CsvReader reader, FieldContext context)
        {
            for (var i = 0; i < _featureOf.Length; i++)
            {
                switch (_header.Roles[i])
                {
                    case ColumnRole.Feature:
                        _featureOf[i]!.Append(reader, i, context);
                        break;
                    case ColumnRole.Key:
                        Keys.Append(reader, i, context);
                        break;
                    case ColumnRole.Label:
                        Labels!.Append(reader, i, context);
                        break;
                    case ColumnRole.Fold:
                        Folds!.Append(reader, i, context);
                        break;
                    default:
                        break;
                }
            }
        }
    }
}
