using System.Globalization;

namespace FedLab.Learning;

/// <summary>Chooses the bins of a feature from its training rows.</summary>
public static class FeatureBinner
{
    /// <summary>
    /// Bins for a column. Numbers: one bin a value while <see cref="TreeParameters.MaxBin"/> allows, otherwise about equally many rows
    /// a bin, thresholds midway between neighbouring training values. Text: one bin a category in numeric order when every category is
    /// a number, otherwise by falling frequency and then by text; categories with fewer than
    /// <see cref="TreeParameters.MinimumCategoryCount"/> rows, and the rarest of too many, share one last bin.
    /// </summary>
    /// <param name="column">The feature over all rows.</param>
    /// <param name="trainingRows">The rows to look at; the others have no influence.</param>
    /// <param name="parameters">Settings of which <c>bins</c> and <c>min-category-count</c> matter.</param>
    /// <exception cref="ArgumentOutOfRangeException">A training row is outside the column.</exception>
    /// <exception cref="LearningException">A setting is out of range.</exception>
    public static FeatureBins Fit(Column column, ReadOnlySpan<int> trainingRows, TreeParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Validate();
        foreach (var row in trainingRows)
        {
            if ((uint)row >= (uint)column.RowCount)
                throw new ArgumentOutOfRangeException(nameof(trainingRows), row, $"Column '{column.Name}' has {column.RowCount} rows.");
        }

        return column is CategoricalColumn categorical
            ? FitCategories(categorical, trainingRows, parameters)
            : FitNumbers((NumericColumn)column, trainingRows, parameters);
    }

    private static FeatureBins FitNumbers(NumericColumn column, ReadOnlySpan<int> trainingRows, TreeParameters parameters)
    {
        var values = column.Values.Span;
        var present = new double[trainingRows.Length];
        var count = 0;
        foreach (var row in trainingRows)
        {
            if (!double.IsNaN(values[row]))
                present[count++] = values[row];
        }

        Array.Sort(present, 0, count);
        var thresholds = QuantileThresholds.Choose(present.AsSpan(0, count), parameters.MaxBin);
        return FeatureBins.Numeric(column.Name, thresholds, hasValues: count > 0, hasMissing: count < trainingRows.Length);
    }

    private static FeatureBins FitCategories(CategoricalColumn column, ReadOnlySpan<int> trainingRows, TreeParameters parameters)
    {
        var counts = new long[column.Categories.Count];
        var codes = column.Codes.Span;
        var present = 0;
        foreach (var row in trainingRows)
        {
            if (codes[row] < 0)
                continue;
            counts[codes[row]]++;
            present++;
        }

        return FitCategories(column.Name, column.Categories, counts, hasMissing: present < trainingRows.Length, parameters);
    }

    /// <summary>The bins of a text column from the number of training rows of each category.</summary>
    internal static FeatureBins FitCategories(string name, IReadOnlyList<string> categories, ReadOnlySpan<long> rowCounts, bool hasMissing, TreeParameters parameters)
    {
        var counts = rowCounts.ToArray();
        var byFrequency = Enumerable.Range(0, counts.Length)
            .Where(code => counts[code] > 0)
            .OrderByDescending(code => counts[code])
            .ThenBy(code => categories[code], StringComparer.Ordinal)
            .ToArray();
        var frequent = byFrequency.Where(code => counts[code] >= parameters.MinimumCategoryCount).ToArray();

        // The bin of the rare takes a place of its own, which may push out one more category.
        if (frequent.Length > parameters.MaxBin || (frequent.Length == parameters.MaxBin && byFrequency.Length > frequent.Length))
            frequent = frequent[..(parameters.MaxBin - 1)];
        var rare = byFrequency.Except(frequent).Select(code => categories[code]).Order(StringComparer.Ordinal).ToArray();

        var kept = frequent.Select(code => categories[code]).ToArray();
        var groups = InNumericOrder(kept, byFrequency.Select(code => categories[code])).Select(category => new[] { category });
        return FeatureBins.Categorical(name, [.. groups, .. rare.Length > 0 ? new[] { rare } : []], hasMissing);
    }

    /// <summary>The kept categories by number and then by text when all that training saw are numbers, otherwise as they are.</summary>
    private static string[] InNumericOrder(string[] kept, IEnumerable<string> all)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var category in all)
        {
            if (!double.TryParse(category, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                return kept;
            numbers[category] = number;
        }

        return [.. kept.OrderBy(category => numbers[category]).ThenBy(category => category, StringComparer.Ordinal)];
    }
}
