namespace FedLab.Learning;

/// <summary>
/// The first sum: how many rows there are, how many of each label, and of each feature how many rows miss it, lie in each cell of the
/// grid (numbers) or have each category (text).
/// </summary>
internal sealed class FeatureCounts
{
    public const string RoundName = "logistic.counts";

    private const int HeaderLength = 2;
    private const int MissingLength = 2;

    private readonly int[] _offsets;
    private readonly long[] _sums;

    private FeatureCounts(int[] offsets, long[] sums) => (_offsets, _sums) = (offsets, sums);

    /// <summary>Rows of all holders.</summary>
    public long Rows => _sums[0];

    /// <summary>Rows of all holders with label 1.</summary>
    public long Positives => _sums[1];

    /// <summary>Rows that miss the feature, and those of them with label 1.</summary>
    public LabelCount Missing(int feature) => new(_sums[_offsets[feature]], _sums[_offsets[feature] + 1]);

    /// <summary>Rows with one category, and those of them with label 1.</summary>
    public LabelCount Category(int feature, int category)
    {
        var position = _offsets[feature] + MissingLength + (2 * category);
        return new(_sums[position], _sums[position + 1]);
    }

    /// <summary>Rows with a number in each cell of the first cut.</summary>
    public ReadOnlySpan<long> Cells(int feature) => _sums.AsSpan(_offsets[feature] + MissingLength, NumberCells.FirstCount);

    public static async ValueTask<FeatureCounts> SumAsync(LogisticProblem own, IReadOnlyList<FeatureDefinition> definitions, ISummation sums, CancellationToken ct)
    {
        var offsets = new int[definitions.Count];
        var length = HeaderLength;
        for (var feature = 0; feature < offsets.Length; feature++)
        {
            offsets[feature] = length;
            length += MissingLength + (definitions[feature].Categories is { } categories ? 2 * categories.Count : NumberCells.FirstCount);
        }

        return new FeatureCounts(offsets, await sums.SumAsync(RoundName, length, _ => Count(own, offsets, length), ct));
    }

    private static long[] Count(LogisticProblem own, int[] offsets, int length)
    {
        var counts = new long[length];
        var labels = own.Labels.Span;
        counts[0] = labels.Length;
        foreach (var label in labels)
            counts[1] += label;
        for (var feature = 0; feature < offsets.Length; feature++)
        {
            var part = counts.AsSpan(offsets[feature]);
            if (own.Features.Columns[feature] is NumericColumn numbers)
                CountNumbers(numbers.Values.Span, labels, part);
            else
                CountCategories(((CategoricalColumn)own.Features.Columns[feature]).Codes.Span, labels, part);
        }

        return counts;
    }

    private static void CountNumbers(ReadOnlySpan<double> values, ReadOnlySpan<byte> labels, Span<long> counts)
    {
        for (var row = 0; row < values.Length; row++)
        {
            if (double.IsNaN(values[row]))
            {
                counts[0]++;
                counts[1] += labels[row];
            }
            else
            {
                counts[MissingLength + (int)(NumberCells.Key(values[row]) >> (64 - NumberCells.FirstDepth))]++;
            }
        }
    }

    private static void CountCategories(ReadOnlySpan<int> codes, ReadOnlySpan<byte> labels, Span<long> counts)
    {
        for (var row = 0; row < codes.Length; row++)
        {
            var position = codes[row] < 0 ? 0 : MissingLength + (2 * codes[row]);
            counts[position]++;
            counts[position + 1] += labels[row];
        }
    }
}

/// <summary>A number of rows and how many of them have label 1.</summary>
internal readonly record struct LabelCount(long Rows, long Positives)
{
    /// <summary>Whether rows of both labels are among them.</summary>
    public bool HasBothLabels => Positives > 0 && Positives < Rows;
}
