namespace FedLab.Data;

/// <summary>What the values of a column are read as.</summary>
public enum ColumnType
{
    /// <summary>Numbers; a word that is not a number is an error.</summary>
    Number,

    /// <summary>Texts, each one a category, also where they look like numbers.</summary>
    Category,

    /// <summary>True and false as the numbers 1 and 0; also true/false, t/f, yes/no, y/n, 是/否 and 1/0 in any case.</summary>
    Boolean,

    /// <summary>
    /// Dates as the number of days since 1970-01-01; a time of day is the fraction of its day (UTC where a zone is given). Text is read
    /// as 2024-01-31, optionally followed by a space or T, 08:30:00, decimals of the second and a zone, unless the mapping has a format.
    /// </summary>
    Date,
}

/// <summary>What is said about a feature beyond what its source says.</summary>
public sealed record ColumnMapping
{
    /// <summary>What the values are read as; null to go by the source's type, or by the values where it has none.</summary>
    public ColumnType? Type { get; init; }

    /// <summary>How dates are written, in .NET's custom format (for example yyyyMMdd); null for the forms of ISO 8601.</summary>
    public string? Format { get; init; }

    /// <summary>Special codes that stand for a missing value: numbers by their value, texts as they are written.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
