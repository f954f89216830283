using FedLab.Data.Connectors;

namespace FedLab.Data;

/// <summary>What to read and what its columns are: a CSV file, or what a connector reads.</summary>
public sealed record DataSourceOptions
{
    /// <summary>Path of the file: CSV in UTF-8 with a header row, plain or gzipped (recognised by its content). Not used with a connector.</summary>
    public string Path { get; init; } = "";

    /// <summary>What to read from instead of a file; null for the file at <see cref="Path"/>.</summary>
    public ITableConnector? Connector { get; init; }

    /// <summary>Column that names the enterprise or person; never a feature.</summary>
    public required string KeyColumn { get; init; }

    /// <summary>Column with the outcome, 0 or 1 in every row, both present; null if the file has none.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Column that says which part of a split a row belongs to (any text, for example a quarter); null for none.</summary>
    public string? FoldColumn { get; init; }

    /// <summary>Columns to read as categories although their values look like numbers (codes, sectors, regions).</summary>
    public IReadOnlyList<string> CategoricalColumns { get; init; } = [];

    /// <summary>What the keys are; null to decide by the keys themselves.</summary>
    public KeyFormat? KeyFormat { get; init; }

    /// <summary>Columns not to read at all.</summary>
    public IReadOnlyList<string> ExcludedColumns { get; init; } = [];

    /// <summary>Types, formats and special codes of single features, by name; of the label only the type, and only <see cref="ColumnType.Boolean"/>.</summary>
    public IReadOnlyDictionary<string, ColumnMapping> Mappings { get; init; } = new Dictionary<string, ColumnMapping>();

    /// <summary>
    /// Whether the rows are put into the order of their keys (by UTF-16 unit). A database promises no order, and storage and updates
    /// change it: sorted rows have the same content digest as long as they are the same, whatever they were read from.
    /// </summary>
    public bool SortByKey { get; init; }
}
