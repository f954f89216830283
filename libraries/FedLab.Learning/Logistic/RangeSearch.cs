using System.Globalization;

namespace FedLab.Learning;

/// <summary>
/// Finds caps or bounds of numeric features from summed counts. The two cells that hold a feature's quantiles are divided round by round,
/// those of all features together, until they are fine enough.
/// <code>
///   counts by cell ─► the cell with the quantile ─► counts by its 128 parts ─► … ─► cap
/// </code>
/// Beside the caps, which are part of the model, all holders learn how many rows of all of them lie in the cells on the way. Where there are no
/// caps the search ends at cells of an eighth to a quarter of the least and greatest value, or of their difference: nobody's extreme value is told.
/// </summary>
internal static class RangeSearch
{
    /// <summary>With 17 binary digits after the first a cap is within a hundred-thousandth of the quantile, and exact for whole numbers up to 131,072.</summary>
    private const int CapDepth = 29;

    /// <summary>A bound within an eighth of the least or greatest value costs no more than a bit of precision.</summary>
    private const int BoundDepth = 15;

    /// <summary>Columns whose values differ by less than one part in two billion count as constant.</summary>
    private const int GreatestDepth = 43;

    /// <summary>Refinement goes on while a cell is wider than this share of the range.</summary>
    private const double WideShare = 0.25;

    /// <returns>For every feature its range; null for text and for a feature that no row has.</returns>
    public static async ValueTask<NumberRange?[]> FindAsync(
        LogisticProblem own, FeatureCounts counts, IReadOnlyList<FeatureDefinition> definitions, double share, ISummation sums, CancellationToken ct)
    {
        var ranges = new NumberRange?[definitions.Count];
        int[] features = [.. Enumerable.Range(0, definitions.Count).Where(f => !definitions[f].IsCategorical && counts.Missing(f).Rows < counts.Rows)];
        if (share > 0)
        {
            foreach (var pair in await SearchAsync("logistic.caps", own, counts, features, share, sums, ct))
            {
                if (!pair.Coincides)
                    ranges[pair.Feature] = new NumberRange(pair.Low.NearestZero, pair.High.NearestZero, IsCapped: true);
            }
        }

        foreach (var pair in await SearchAsync("logistic.bounds", own, counts, [.. features.Where(f => ranges[f] is null)], 0, sums, ct))
        {
            ranges[pair.Feature] = pair.Coincides
                ? new NumberRange(pair.Low.NearestZero, pair.Low.NearestZero, IsCapped: false)
                : new NumberRange(pair.Low.Lowest, pair.High.Highest, IsCapped: false);
        }

        return ranges;
    }

    private static async ValueTask<List<CellPair>> SearchAsync(
        string name, LogisticProblem own, FeatureCounts counts, int[] features, double share, ISummation sums, CancellationToken ct)
    {
        List<CellPair> pairs = [];
        foreach (var feature in features)
        {
            var cells = counts.Cells(feature);
            var cut = (long)Math.Floor(share * (counts.Rows - counts.Missing(feature).Rows));
            pairs.Add(new CellPair(feature, QuantileCell.First(cells, cut, fromAbove: false, name), QuantileCell.First(cells, cut, fromAbove: true, name)));
        }

        for (var round = 1; ; round++)
        {
            var open = pairs.FindAll(pair => pair.NeedsRefinement(share > 0 ? CapDepth : BoundDepth));
            if (open.Count == 0)
                return pairs;
            var roundName = name + "." + round.ToString(CultureInfo.InvariantCulture);
            var parts = await sums.SumAsync(
                roundName,
                open.Count * 2 * NumberCells.RefinementCount,
                _ => CountParts(own, open),
                ct);
            for (var i = 0; i < open.Count; i++)
            {
                var start = 2 * i * NumberCells.RefinementCount;
                open[i].Low = open[i].Low.Refine(parts.AsSpan(start, NumberCells.RefinementCount), roundName);
                open[i].High = open[i].High.Refine(parts.AsSpan(start + NumberCells.RefinementCount, NumberCells.RefinementCount), roundName);
            }
        }
    }

    private static long[] CountParts(LogisticProblem own, List<CellPair> pairs)
    {
        var counts = new long[pairs.Count * 2 * NumberCells.RefinementCount];
        for (var i = 0; i < pairs.Count; i++)
        {
            var low = counts.AsSpan(2 * i * NumberCells.RefinementCount, NumberCells.RefinementCount);
            var high = counts.AsSpan(((2 * i) + 1) * NumberCells.RefinementCount, NumberCells.RefinementCount);
            var depth = pairs[i].Low.Depth;
            var (firstLow, firstHigh) = (NumberCells.FirstKey(pairs[i].Low.Prefix, depth), NumberCells.FirstKey(pairs[i].High.Prefix, depth));
            var shift = 64 - depth - NumberCells.RefinementBits;
            foreach (var value in ((NumericColumn)own.Features.Columns[pairs[i].Feature]).Values.Span)
            {
                if (double.IsNaN(value))
                    continue;

                // A key below the cell wraps around and is beyond its parts too.
                var key = NumberCells.Key(value);
                var (lowPart, highPart) = ((key - firstLow) >> shift, (key - firstHigh) >> shift);
                if (lowPart < (ulong)low.Length)
                    low[(int)lowPart]++;
                if (highPart < (ulong)high.Length)
                    high[(int)highPart]++;
            }
        }

        return counts;
    }

    private sealed class CellPair(int feature, QuantileCell low, QuantileCell high)
    {
        public int Feature => feature;

        public QuantileCell Low { get; set; } = low;

        public QuantileCell High { get; set; } = high;

        public bool Coincides => Low.Prefix == High.Prefix;

        /// <summary>Both cells are always equally deep.</summary>
        public bool NeedsRefinement(int depth)
        {
            if (Low.Depth >= GreatestDepth)
                return false;
            if (Low.Depth < depth || Coincides)
                return true;
            var range = (High.Highest / 2) - (Low.Lowest / 2);
            return Math.Max(Low.HalfWidth, High.HalfWidth) > WideShare * range;
        }
    }

    /// <summary>A cell that holds a quantile.</summary>
    /// <param name="Prefix">The leading bits of its keys.</param>
    /// <param name="Depth">Their number.</param>
    /// <param name="Cut">The quantile is the value with so many beyond it, towards the tail.</param>
    /// <param name="Beyond">Number of values beyond the cell, at most <paramref name="Cut"/>.</param>
    /// <param name="FromAbove">Whether the tail is the upper one.</param>
    private readonly record struct QuantileCell(ulong Prefix, int Depth, long Cut, long Beyond, bool FromAbove)
    {
        public double Lowest => NumberCells.Lowest(Prefix, Depth);

        public double Highest => NumberCells.Highest(Prefix, Depth);

        public double NearestZero => NumberCells.NearestZero(Prefix, Depth);

        public double HalfWidth => (Highest / 2) - (Lowest / 2);

        public static QuantileCell First(ReadOnlySpan<long> counts, long cut, bool fromAbove, string round) =>
            new QuantileCell(0, 0, cut, 0, fromAbove).Descend(counts, NumberCells.FirstDepth, round);

        public QuantileCell Refine(ReadOnlySpan<long> counts, string round) => Descend(counts, NumberCells.RefinementBits, round);

        private QuantileCell Descend(ReadOnlySpan<long> counts, int bits, string round)
        {
            var beyond = Beyond;
            for (var i = 0; i < counts.Length; i++)
            {
                var part = FromAbove ? counts.Length - 1 - i : i;
                if (beyond + counts[part] > Cut)
                    return this with { Prefix = (Prefix << bits) | (uint)part, Depth = Depth + bits, Beyond = beyond };
                beyond += counts[part];
            }

            // A cell's parts have fewer values than the cell.
            throw Messages.SumsImpossible(round);
        }
    }
}
