namespace FedLab.Learning;

/// <summary>How messages and tables call the columns that features became.</summary>
internal sealed class ColumnNames(IReadOnlyList<FeatureDefinition> definitions)
{
    /// <summary>More names than this do not help a reader.</summary>
    private const int MostNames = 12;

    public string Of(DesignColumn column) => LogisticCoefficient.NameOf(column.Kind, definitions[column.Feature].Name, CategoryOf(column));

    public string? CategoryOf(DesignColumn column) => column.Category < 0 ? null : definitions[column.Feature].Categories![column.Category];

    public string Join(IEnumerable<DesignColumn> columns) => JoinNames([.. columns.Select(Of)]);

    public static string JoinNames(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? ", …" : "");
}
