using System.Globalization;

namespace FedLab.Learning;

/// <summary>
/// Chooses the bins of a horizontal federation's columns: those that <see cref="FeatureBinner"/> would choose from all holders' rows
/// together, from counts that are summed over the holders. Numbers are counted on a public grid, then in parts of the cells in which
/// an edge lies, all columns in one round; text is counted by category.
/// <list type="bullet">
/// <item>With up to 32 bins every edge lies within 1/1000 of the rows of where pooled rows would put it, or within one value where values
/// are heavier. Smooth columns take three rounds, amounts with many repeated values a few more; rounds end when no edge's cell holds
/// more than 1/1000 of the rows, unless it is a single value.</item>
/// <item>A column with fewer values than bins gets a bin a value; values that fewer than 1/4000 of the rows have may share one.</item>
/// <item>Nobody learns anything but the sums of counts. A cell with fewer than 1/4000 of the column's rows, or fewer than two, is not
/// divided, unless an edge lies in it and the side of a value with more than 1/1000 of the rows hangs on where.</item>
/// </list>
/// </summary>
public static class FederatedBinner
{
    /// <summary>The bins of every column, the same at every holder.</summary>
    /// <param name="own">The own training rows, conformed to the dictionary by <see cref="FeatureDefinition.Conform"/>; there may be none.</param>
    /// <param name="definitions">The data dictionary.</param>
    /// <param name="parameters">Settings of which <c>bins</c> and <c>min-category-count</c> matter.</param>
    /// <param name="sums">Sums over all holders. Values are counts of rows: no larger than <see cref="HorizontalTrainer.CapacityFor"/> says.</param>
    /// <param name="ct">Stops the rounds.</param>
    /// <exception cref="ArgumentException">The table does not conform to the dictionary.</exception>
    /// <exception cref="LearningException">A setting is out of range, or the sums cannot be counts of rows.</exception>
    public static async Task<IReadOnlyList<FeatureBins>> FitAsync(
        Table own, IReadOnlyList<FeatureDefinition> definitions, TreeParameters parameters, ISummation sums, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(definitions);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(sums);
        parameters.Validate();
        CheckConforms(own, definitions);
        if (definitions.Count == 0)
            return [];

        var numeric = Enumerable.Range(0, definitions.Count).Where(i => !definitions[i].IsCategorical).ToArray();
        var cells = numeric.ToDictionary(i => i, i => new NumericCells(definitions[i].Name, parameters.MaxBin));
        var keys = numeric.ToDictionary(i => i, i => new Lazy<long[]>(() => SortedKeys((NumericColumn)own.Columns[i])));
        var first = await FirstRoundAsync(own, definitions, cells, keys, sums, ct).ConfigureAwait(false);
        foreach (var i in numeric)
            cells[i].Take(first[i].AsSpan(1), first[i][0]);
        for (var round = 1; cells.Values.Any(column => column.Wanted.Count > 0); round++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"bins.refine.{round}");
            var wanted = numeric.Where(i => cells[i].Wanted.Count > 0).ToArray();
            var count = wanted.Sum(i => cells[i].Wanted.Count);
            var counts = await sums.SumAsync(name, count, _ => [.. wanted.SelectMany(i => CountsOf(cells[i].Wanted, keys[i].Value))], ct).ConfigureAwait(false);
            CheckCounts(name, counts, count);
            var position = 0;
            foreach (var i in wanted)
            {
                var length = cells[i].Wanted.Count;
                if (!cells[i].Take(counts.AsSpan(position, length), first[i][0]))
                    throw Messages.SumsImpossible(name);
                position += length;
            }
        }

        return [.. definitions.Select((definition, i) => definition.Categories is { } categories
            ? FeatureBinner.FitCategories(definition.Name, categories, first[i].AsSpan(1), hasMissing: first[i][0] > 0, parameters)
            : cells[i].ToBins())];
    }

    /// <summary>For every column the number of missing values, then the counts of the grid's cells or of the categories.</summary>
    private static async Task<long[][]> FirstRoundAsync(
        Table own, IReadOnlyList<FeatureDefinition> definitions, Dictionary<int, NumericCells> cells, Dictionary<int, Lazy<long[]>> keys, ISummation sums, CancellationToken ct)
    {
        const string name = "bins.grid";
        int[] lengths = [.. definitions.Select((definition, i) => 1 + (definition.Categories?.Count ?? cells[i].Wanted.Count))];
        var counts = await sums.SumAsync(name, lengths.Sum(), _ => [.. definitions.SelectMany((definition, i) => definition.IsCategorical
            ? CountsOf((CategoricalColumn)own.Columns[i])
            : [own.RowCount - keys[i].Value.Length, .. CountsOf(cells[i].Wanted, keys[i].Value)])], ct).ConfigureAwait(false);
        CheckCounts(name, counts, lengths.Sum());

        var columns = new long[lengths.Length][];
        var position = 0;
        for (var i = 0; i < lengths.Length; i++)
        {
            columns[i] = counts[position..(position + lengths[i])];
            position += lengths[i];

            // Every column has all rows.
            if (columns[i].Sum() != columns[0].Sum())
                throw Messages.SumsImpossible(name);
        }

        return columns;
    }

    private static long[] SortedKeys(NumericColumn column)
    {
        var keys = new long[column.RowCount];
        var count = 0;
        foreach (var value in column.Values.Span)
        {
            if (!double.IsNaN(value))
                keys[count++] = OrderedKey.Of(value);
        }

        Array.Resize(ref keys, count);
        Array.Sort(keys);
        return keys;
    }

    private static IEnumerable<long> CountsOf(IReadOnlyList<GridCell> cells, long[] keys) => cells.Select(cell => (long)cell.CountIn(keys));

    private static long[] CountsOf(CategoricalColumn column)
    {
        var counts = new long[1 + column.Categories.Count];
        foreach (var code in column.Codes.Span)
            counts[code + 1]++;
        return counts;
    }

    private static void CheckCounts(string round, long[] counts, int expected)
    {
        // Far above any number of rows, far below what would overflow when added up.
        const long most = 1L << 40;
        if (counts.Length != expected || Array.Exists(counts, count => count is < 0 or > most))
            throw Messages.SumsImpossible(round);
    }

    private static void CheckConforms(Table own, IReadOnlyList<FeatureDefinition> definitions)
    {
        var conforms = own.Columns.Count == definitions.Count && own.Columns.Zip(definitions).All(pair => pair.First.Name.Equals(pair.Second.Name, StringComparison.Ordinal)
            && pair.First switch
            {
                CategoricalColumn text => pair.Second.Categories is { } categories && text.Categories.SequenceEqual(categories, StringComparer.Ordinal),
                _ => pair.Second.Categories is null,
            });
        if (!conforms)
            throw new ArgumentException("The table has other columns than the dictionary; conform it first.", nameof(own));
    }
}
