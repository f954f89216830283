using FedLab.Federation.Remote;

namespace FedLab.Sources;

/// <summary>What the checks of the databases have in common.</summary>
internal static class SourceChecks
{
    private const int LongestIdentifier = 256;

    public static void Selection(string field, string? table, string? query, string? schema, IReadOnlyList<string> orderBy, Func<string, string, ConfigurationException> invalid)
    {
        if (string.IsNullOrEmpty(table) == string.IsNullOrEmpty(query)) throw invalid(field, Messages.MustHaveTableOrQuery);
        if (query is not null && schema is not null) throw invalid($"{field}.schema", Messages.MustBelongToTable);
        if (query is not null && orderBy.Count > 0) throw invalid($"{field}.orderBy", Messages.MustBelongToTable);
        foreach (var (name, values) in ((string, IEnumerable<string?>)[])[("table", table is null ? [] : [table]), ("schema", schema is null ? [] : [schema]), ("orderBy", orderBy)])
        {
            if (!values.All(IsIdentifier)) throw invalid($"{field}.{name}", Messages.MustBeIdentifier);
        }
    }

    public static void Range(string field, int value, int low, int high, Func<string, string, ConfigurationException> invalid)
    {
        if (value < low || value > high) throw invalid(field, Messages.MustBeBetween(value, low, high));
    }

    private static bool IsIdentifier(string? name) => name is { Length: > 0 and <= LongestIdentifier } && !name.Contains('\0', StringComparison.Ordinal);
}
