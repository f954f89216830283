using FedLab.Data.Connectors;
using FedLab.Federation.Remote;

namespace FedLab.Sources;

/// <summary>A table or a query of an SQLite file.</summary>
public sealed record SqliteSource
{
    /// <summary>The file; relative to the home folder.</summary>
    public required string Path { get; init; }

    /// <summary>Table or view.</summary>
    public string? Table { get; init; }

    /// <summary>One statement that gives rows.</summary>
    public string? Query { get; init; }

    /// <summary>Columns that a table's rows are sorted by.</summary>
    public IReadOnlyList<string> OrderBy { get; init; } = [];

    /// <summary>How long to wait for a program that writes the file.</summary>
    public int BusyTimeoutSeconds { get; init; } = 30;

    internal void Check(string field, Func<string, string, ConfigurationException> invalid)
    {
        if (Path.Length == 0) throw invalid($"{field}.path", Messages.MustNotBeEmpty);
        SourceChecks.Selection(field, Table, Query, schema: null, OrderBy, invalid);
        SourceChecks.Range($"{field}.busyTimeoutSeconds", BusyTimeoutSeconds, 0, 3600, invalid);
    }

    internal SqliteConnector Connect(string folder) =>
        new(System.IO.Path.GetFullPath(Path, folder), new TableSelection { Table = Table, Query = Query, OrderBy = OrderBy }, TimeSpan.FromSeconds(BusyTimeoutSeconds));
}
