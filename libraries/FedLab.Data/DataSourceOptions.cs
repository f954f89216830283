namespace FedLab.Data;

/// <summary>Which file to read and what its columns are.</summary>
public sealed record DataSourceOptions
{
    /// <summary>Path of the file: CSV in UTF-8 with a header row, plain or gzipped (recognised by its content).</summary>
    public required string Path { get; init; }

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
}
