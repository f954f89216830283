namespace FedLab.Learning;

/// <summary>
/// One line of the data dictionary that all banks of a horizontal federation agreed on: what a column is called and what it holds.
/// It is public and part of what every bank approves; nothing of it is learned from anybody's rows.
/// </summary>
/// <param name="Name">The column's name, the same at every bank.</param>
/// <param name="Categories">For a text column its categories, in the order of the model; null for a numeric column.</param>
public sealed record FeatureDefinition(string Name, IReadOnlyList<string>? Categories = null)
{
    /// <summary>Whether the column holds text.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsCategorical => Categories is not null;

    /// <summary>A table with exactly the defined columns, in their order, text columns coded by the defined categories.</summary>
    /// <param name="table">A bank's own columns, in any order and with others among them.</param>
    /// <param name="definitions">The dictionary.</param>
    /// <param name="unknown">Number of values that are none of the defined categories; they count as missing.</param>
    /// <exception cref="LearningException">A column is missing, or holds text where the dictionary has numbers, or the reverse.</exception>
    public static Table Conform(Table table, IReadOnlyList<FeatureDefinition> definitions, out int unknown)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(definitions);
        unknown = 0;
        var columns = new Column[definitions.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            var definition = definitions[i];
            if (!table.Contains(definition.Name))
                throw Messages.ColumnMissing(definition.Name);
            columns[i] = (table[definition.Name], definition.Categories) switch
            {
                (NumericColumn numbers, null) => numbers,
                (CategoricalColumn text, { } categories) => Recode(text, categories, ref unknown),
                (NumericColumn, _) => throw Messages.ColumnHoldsNumbers(definition.Name),
                _ => throw Messages.ColumnHoldsText(definition.Name),
            };
        }

        return new Table(columns);
    }

    private static CategoricalColumn Recode(CategoricalColumn column, IReadOnlyList<string> categories, ref int unknown)
    {
        var position = new Dictionary<string, int>(categories.Count, StringComparer.Ordinal);
        for (var i = 0; i < categories.Count; i++)
            position[categories[i]] = i;
        var mapped = new int[column.Categories.Count];
        for (var code = 0; code < mapped.Length; code++)
            mapped[code] = position.GetValueOrDefault(column.Categories[code], -1);
        var source = column.Codes.Span;
        var codes = new int[source.Length];
        for (var row = 0; row < codes.Length; row++)
        {
            codes[row] = source[row] < 0 ? -1 : mapped[source[row]];
            unknown += source[row] >= 0 && codes[row] < 0 ? 1 : 0;
        }

        return new CategoricalColumn(column.Name, categories, codes);
    }
}
