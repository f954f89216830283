namespace FedLab.Learning;

/// <summary>The numbers whose <see cref="OrderedKey"/> is above <paramref name="Low"/> and at most <paramref name="High"/>.</summary>
/// <param name="Low">Key below the cell.</param>
/// <param name="High">Key of the cell's greatest number.</param>
internal readonly record struct GridCell(long Low, long High)
{
    private const int LeastExponent = -20;
    private const int GreatestExponent = 40;
    private const int PartsOfOctave = 8;

    /// <summary>Whether the cell is a single number.</summary>
    public bool IsNumber => High - Low == 1;

    /// <summary>
    /// The public grid on which every numeric column is counted first: 0 by itself, on both sides of it eight cells for each power of
    /// two from 2^−20 to 2^40, and what is nearer to 0 or farther from it in one cell each.
    /// </summary>
    public static IReadOnlyList<GridCell> Universal { get; } = MakeUniversal();

    /// <summary>
    /// About so many parts with short borders, and by themselves the cell's greatest number, which has a short mantissa, and the one
    /// with the fewest decimal digits: where many rows have one value it is nearly always one of the two.
    /// </summary>
    /// <param name="parts">A power of two, at least 2.</param>
    public IReadOnlyList<GridCell> Divide(int parts)
    {
        var zeros = 0;
        while ((High - Low) >> zeros > parts)
            zeros++;
        SortedSet<long> borders = [Low, High - 1, High];
        for (var multiple = (Low >> zeros) + 1; multiple <= (High - 1) >> zeros; multiple++)
            borders.Add(multiple << zeros);
        var typed = OrderedKey.FewestDigitsBetween(Low, High);
        borders.Add(typed - 1);
        borders.Add(typed);
        return Between(borders);
    }

    /// <summary>Number of keys, ascending, that lie in the cell.</summary>
    public int CountIn(ReadOnlySpan<long> keys) => CountUpTo(keys, High) - CountUpTo(keys, Low);

    private static int CountUpTo(ReadOnlySpan<long> keys, long limit)
    {
        var (low, high) = (0, keys.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (keys[middle] <= limit)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static List<GridCell> MakeUniversal()
    {
        SortedSet<long> borders = [-OrderedKey.Greatest - 1, -1, 0, OrderedKey.Greatest];
        for (var exponent = LeastExponent; exponent < GreatestExponent; exponent++)
        {
            for (var part = 0; part < PartsOfOctave; part++)
                AddBoth(Math.ScaleB(1 + ((double)part / PartsOfOctave), exponent));
        }

        AddBoth(Math.ScaleB(1, GreatestExponent));
        return Between(borders);

        void AddBoth(double border)
        {
            borders.Add(OrderedKey.Of(border));
            borders.Add(-OrderedKey.Of(border));
        }
    }

    private static List<GridCell> Between(SortedSet<long> borders)
    {
        var cells = new List<GridCell>(borders.Count - 1);
        var low = borders.Min;
        foreach (var border in borders.Skip(1))
        {
            cells.Add(new GridCell(low, border));
            low = border;
        }

        return cells;
    }
}
