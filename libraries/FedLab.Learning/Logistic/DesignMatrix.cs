namespace FedLab.Learning;

/// <summary>
/// One holder's rows as standardised doubles: blocks of 256 rows, column by column in a block, so that a block's whole work happens in the first
/// caches. Column 0 is ones. The last block is filled with rows of zeros, which add nothing to any sum.
/// </summary>
internal sealed class DesignMatrix
{
    public const int BlockRows = 256;

    /// <summary>Columns come in groups of this many, the last filled with zeros, for the kernel's tiles.</summary>
    public const int ColumnGroup = 4;

    private readonly double[][] _blocks;

    private DesignMatrix(double[][] blocks, int columns) => (_blocks, Columns) = (blocks, columns);

    /// <summary>Number of columns, the ones included.</summary>
    public int Columns { get; }

    public int PaddedColumns => Pad(Columns);

    public int BlockCount => _blocks.Length;

    /// <summary>Block by block <see cref="PaddedColumns"/> columns of <see cref="BlockRows"/> values, and last a column of signs: −1 for label 1, 1 for label 0.</summary>
    public ReadOnlySpan<double> Block(int block) => _blocks[block];

    public static DesignMatrix Build(LogisticProblem own, IReadOnlyList<DesignColumn> columns, int degreeOfParallelism, CancellationToken ct)
    {
        var rows = own.Labels.Length;
        var blocks = new double[(rows + BlockRows - 1) / BlockRows][];
        var padded = Pad(columns.Count + 1);
        BlockLoop.Run(blocks.Length, degreeOfParallelism, (first, last) =>
        {
            for (var block = first; block < last; block++)
            {
                var start = block * BlockRows;
                var count = Math.Min(BlockRows, rows - start);
                var values = new double[(padded + 1) * BlockRows];
                values.AsSpan(0, count).Fill(1);
                for (var column = 0; column < columns.Count; column++)
                    Fill(own.Features.Columns[columns[column].Feature], columns[column], start, values.AsSpan((column + 1) * BlockRows, count));
                var labels = own.Labels.Span.Slice(start, count);
                for (var row = 0; row < count; row++)
                    values[(padded * BlockRows) + row] = labels[row] == 0 ? 1 : -1;
                blocks[block] = values;
            }
        }, ct);
        return new DesignMatrix(blocks, columns.Count + 1);
    }

    private static int Pad(int columns) => (columns + ColumnGroup - 1) / ColumnGroup * ColumnGroup;

    private static void Fill(Column source, DesignColumn column, int start, Span<double> target)
    {
        var inverse = 1 / column.Deviation;
        var (set, unset) = ((1 - column.Mean) * inverse, -column.Mean * inverse);
        switch (source, column.Kind)
        {
            case (NumericColumn numbers, LogisticColumnKind.Value):
                var values = numbers.Values.Span.Slice(start, target.Length);
                for (var row = 0; row < target.Length; row++)
                    target[row] = double.IsNaN(values[row]) ? 0 : (Math.Clamp(values[row], column.Range.Low, column.Range.High) - column.Mean) * inverse;
                break;
            case (NumericColumn numbers, _):
                var sources = numbers.Values.Span.Slice(start, target.Length);
                for (var row = 0; row < target.Length; row++)
                    target[row] = double.IsNaN(sources[row]) ? set : unset;
                break;
            default:
                // A missing value's code is −1, as the position of the column of missing values.
                var codes = ((CategoricalColumn)source).Codes.Span.Slice(start, target.Length);
                for (var row = 0; row < target.Length; row++)
                    target[row] = codes[row] == column.Category ? set : unset;
                break;
        }
    }
}
