namespace FedLab.Learning;

/// <summary>
/// Which columns the features become, decided from sums alone: a number gives its value and, where some row misses it, whether it is
/// missing; text gives one column a category and one for missing values. The most frequent of them that has rows of both labels is the reference.
/// </summary>
internal static class DesignColumns
{
    /// <param name="definitions">The data dictionary.</param>
    /// <param name="counts">Summed counts.</param>
    /// <param name="ranges">Of numeric features.</param>
    /// <param name="moments">Of numeric features.</param>
    /// <param name="dropsSeparated">Whether a category whose rows have one label is left out; a ridge keeps its coefficient finite.</param>
    /// <exception cref="LearningException">Each category of a feature has rows of one label only: it alone gives the label away.</exception>
    public static DesignColumn[] Create(
        IReadOnlyList<FeatureDefinition> definitions,
        FeatureCounts counts,
        NumberRange?[] ranges,
        (double Mean, double Deviation)[] moments,
        bool dropsSeparated)
    {
        List<DesignColumn> columns = [];
        for (var feature = 0; feature < definitions.Count; feature++)
        {
            if (definitions[feature].Categories is { } categories)
            {
                AddText(columns, feature, definitions[feature], categories, counts, dropsSeparated);
                continue;
            }

            var (mean, deviation) = moments[feature];
            var state = deviation > 0 && double.IsFinite(1 / deviation) ? LogisticColumnState.Estimated : LogisticColumnState.Constant;
            var range = ranges[feature] ?? default;
            columns.Add(new DesignColumn(
                feature, LogisticColumnKind.Value, -1, state, state == LogisticColumnState.Constant ? range.Low : mean, deviation, range));
            if (counts.Missing(feature) is { Rows: > 0 } missing)
                columns.Add(Indicator(feature, LogisticColumnKind.Missing, -1, missing, counts, dropsSeparated));
        }

        return [.. columns];
    }

    private static void AddText(
        List<DesignColumn> columns, int feature, FeatureDefinition definition, IReadOnlyList<string> categories, FeatureCounts counts, bool dropsSeparated)
    {
        var start = columns.Count;
        List<LabelCount> rows = [];
        for (var category = 0; category < categories.Count; category++)
        {
            rows.Add(counts.Category(feature, category));
            columns.Add(Indicator(feature, LogisticColumnKind.Category, category, rows[^1], counts, dropsSeparated));
        }

        if (counts.Missing(feature) is { Rows: > 0 } missing)
        {
            rows.Add(missing);
            columns.Add(Indicator(feature, LogisticColumnKind.Missing, -1, missing, counts, dropsSeparated));
        }

        // MaxBy takes the first of equals. With a ridge a reference of one label does no harm, but one of both is nearer to the others.
        var reference = Enumerable.Range(0, rows.Count).Where(i => rows[i].HasBothLabels).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : rows[i].Rows);
        if (reference < 0)
        {
            if (dropsSeparated && rows.Count > 0)
                throw Messages.SeparatedCompletely(definition.Name);
            reference = Enumerable.Range(0, rows.Count).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : rows[i].Rows);
        }

        if (reference >= 0)
            columns[start + reference] = columns[start + reference] with { State = LogisticColumnState.Reference };
    }

    private static DesignColumn Indicator(int feature, LogisticColumnKind kind, int category, LabelCount rows, FeatureCounts counts, bool dropsSeparated)
    {
        var share = (double)rows.Rows / counts.Rows;
        var state = rows.Rows == 0 || rows.Rows == counts.Rows ? LogisticColumnState.Constant
            : dropsSeparated && !rows.HasBothLabels ? LogisticColumnState.Separated
            : LogisticColumnState.Estimated;
        return new DesignColumn(feature, kind, category, state, share, Math.Sqrt(share * (1 - share)));
    }
}
