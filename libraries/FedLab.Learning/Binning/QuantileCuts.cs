namespace FedLab.Learning;

/// <summary>Where ascending values, or narrow ranges of them, are cut into bins of about equal weight; heavy ones get bins of their own.</summary>
internal static class QuantileCuts
{
    /// <summary>The share of the rows that a cut may be off without anybody minding.</summary>
    private const int HeavyShare = 1000;

    /// <summary>
    /// At most <paramref name="maximumBins"/> − 1 cuts. A value with at least the average bin's rows gets a bin of its own and the others
    /// share what is left (the greedy rule of LightGBM, Ke et al. 2017, <c>GreedyFindBin</c>): a plain quantile cut would spend several
    /// cuts on one heavy value and leave the tail with too few.
    /// <para>
    /// A range whose values are not told apart is cut at the nearer of its ends, and the next bin is filled from where the cut would lie
    /// if the range's rows were spread evenly, so that the errors of one cut do not add to the next.
    /// </para>
    /// </summary>
    /// <param name="counts">Rows of each value or range, ascending by value, each at least 1.</param>
    /// <param name="isRange">Of each whether it may hold several values.</param>
    /// <param name="maximumBins">At least 2.</param>
    /// <returns>
    /// The cuts, ascending: one at k parts k from k + 1. The ranges within which the cuts of their values may lie, ascending. And those
    /// of them on whose values it hangs to which side of a later cut a value with more than 1/1000 of the rows comes, ascending.
    /// </returns>
    public static (List<int> Cuts, List<int> Undecided, List<int> Pivotal) Choose(ReadOnlySpan<long> counts, ReadOnlySpan<bool> isRange, int maximumBins)
    {
        List<int> cuts = [];
        SortedSet<int> undecided = [];
        if (counts.Length <= maximumBins)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                if (i < counts.Length - 1)
                    cuts.Add(i);
                if (isRange[i])
                    undecided.Add(i);
            }

            return (cuts, [.. undecided], []);
        }

        var total = 0L;
        foreach (var count in counts)
            total += count;
        var heavy = new bool[counts.Length];
        var lightBins = maximumBins;
        double lightRows = total;
        for (var i = 0; i < counts.Length; i++)
        {
            heavy[i] = counts[i] * maximumBins >= total;
            if (!heavy[i])
                continue;
            lightBins--;
            lightRows -= counts[i];
            if (isRange[i])
                undecided.Add(i);
        }

        var target = lightRows / Math.Max(lightBins, 1);
        var inBin = 0.0;

        // Since the last cut at a value the cuts in these ranges may be off, together by so many rows.
        List<int> loose = [];
        var slack = 0L;
        SortedSet<int> pivotal = [];
        for (var i = 0; i < counts.Length - 1 && cuts.Count < maximumBins - 1; i++)
        {
            inBin += counts[i];
            lightRows -= heavy[i] ? 0 : counts[i];

            var isClose = Math.Abs(inBin - target) <= 2 * slack || (heavy[i + 1] && Math.Abs(inBin - Math.Max(1, target / 2)) <= 2 * slack);
            if (slack > 0 && isClose && Math.Max(counts[i], counts[i + 1]) > total / HeavyShare)
                pivotal.UnionWith(loose);

            // Before a heavy value a half-full bin is closed, so that the heavy one stands alone.
            var isFull = inBin >= target;
            if (!heavy[i] && !isFull && !(heavy[i + 1] && inBin >= Math.Max(1, target / 2)))
                continue;
            var over = !heavy[i] && isFull && isRange[i] && !heavy[i + 1] ? Math.Max(0, inBin - Math.Ceiling(target)) : 0;
            var cut = over > counts[i] / 2.0 && i > 0 && (cuts.Count == 0 || cuts[^1] < i - 1) ? i - 1 : i;
            if (isFull && !heavy[i] && isRange[i])
            {
                undecided.Add(i);
                loose.Add(i);
                slack += counts[i];
            }
            else if (!isClose || heavy[i])
            {
                loose.Clear();
                slack = 0;
            }

            cuts.Add(cut);
            inBin = over;
            if (!heavy[i])
                target = (lightRows + over) / Math.Max(--lightBins, 1);
        }

        return (cuts, [.. undecided], [.. pivotal]);
    }
}
