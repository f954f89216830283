using System.Text;

namespace FedLab.Data.Connectors;

/// <summary>What to read from a database: a table or a query.</summary>
public sealed record TableSelection
{
    private const int MaximumNameLength = 256;

    /// <summary>Schema of the table; null for the first in which the database finds it. Taken as it stands, upper and lower case included.</summary>
    public string? Schema { get; init; }

    /// <summary>Table or view, taken as it stands; null for a query.</summary>
    public string? Table { get; init; }

    /// <summary>One statement that gives rows, run as it stands; null for a table.</summary>
    public string? Query { get; init; }

    /// <summary>
    /// Columns by which a table's rows are sorted, texts by their bytes, missing values first. Without it they come in the order in which
    /// the database keeps them, which changes with updates, and with it the content hash. A query sorts for itself.
    /// </summary>
    public IReadOnlyList<string> OrderBy { get; init; } = [];

    /// <summary>The table or the word query, for messages.</summary>
    internal string ShownName => Table is null ? Messages.Query : Schema is null ? Table : $"{Schema}.{Table}";

    /// <summary>The table's name in SQL.</summary>
    internal string QuotedTable => Schema is null ? Quote(Table!) : $"{Quote(Schema)}.{Quote(Table!)}";

    /// <summary>An identifier in SQL, whatever characters it has.</summary>
    /// <exception cref="ArgumentException">It is empty, longer than any database allows, or has a zero in it, at which a database would stop reading.</exception>
    internal static string Quote(string identifier)
    {
        ArgumentException.ThrowIfNullOrEmpty(identifier);
        if (identifier.Contains('\0', StringComparison.Ordinal) || identifier.Length > MaximumNameLength) throw new ArgumentException("Not an identifier.", nameof(identifier));
        return $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Refuses what names neither or both, or sorts a query.</summary>
    internal void Check(string parameter)
    {
        if (string.IsNullOrEmpty(Table) == string.IsNullOrEmpty(Query)) throw new ArgumentException("A table or a query is needed, and not both.", parameter);
        if (Query is not null && (OrderBy.Count > 0 || Schema is not null)) throw new ArgumentException("A schema and an order belong to a table.", parameter);
    }

    /// <summary>A statement that gives the named columns of the table.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="collate">What is put behind a column that is sorted by.</param>
    internal string Select(IEnumerable<string> columns, Func<string, string> collate)
    {
        var sql = new StringBuilder("SELECT ").AppendJoin(", ", columns.Select(Quote)).Append(" FROM ").Append(QuotedTable);
        if (OrderBy.Count > 0) sql.Append(" ORDER BY ").AppendJoin(", ", OrderBy.Select(column => $"{Quote(column)}{collate(column)} NULLS FIRST"));
        return sql.ToString();
    }

    /// <summary>Refuses an order by columns that are not there.</summary>
    internal void CheckOrder(IReadOnlyList<SourceColumn> columns, string source)
    {
        var names = columns.Select(column => column.Name).ToArray();
        if (OrderBy.FirstOrDefault(name => !names.Contains(name, StringComparer.Ordinal)) is { } missing)
            throw new DataFormatException(Messages.ColumnNotFound(source, missing, Messages.RoleOrder, names));
    }
}
