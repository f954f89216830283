using FedLab.Data.Connectors;
using FedLab.Federation.Remote;
using FedLab.Operation.Configuration;

namespace FedLab.Sources;

/// <summary>A table or a query of a PostgreSQL server.</summary>
public sealed record PostgresSource : PostgresServer
{
    private const int LongestTimeoutSeconds = 7 * 24 * 3600;

    /// <summary>Schema of the table.</summary>
    public string? Schema { get; init; }

    /// <summary>Table or view.</summary>
    public string? Table { get; init; }

    /// <summary>One statement that gives rows.</summary>
    public string? Query { get; init; }

    /// <summary>Columns that a table's rows are sorted by.</summary>
    public IReadOnlyList<string> OrderBy { get; init; } = [];

    /// <summary>How long the server may work on the statement; 0 for any time.</summary>
    public int StatementTimeoutSeconds { get; init; } = 1800;

    internal void Check(string field, Func<string, string, ConfigurationException> invalid)
    {
        CheckServer(field, invalid);
        SourceChecks.Range($"{field}.statementTimeoutSeconds", StatementTimeoutSeconds, 0, LongestTimeoutSeconds, invalid);
        SourceChecks.Selection(field, Table, Query, Schema, OrderBy, invalid);
    }

    internal PostgresConnector Connect(string folder, string configuration) => new(new PostgresOptions
    {
        Server = ToAccess("data.postgres", folder, configuration),
        Selection = new TableSelection { Schema = Schema, Table = Table, Query = Query, OrderBy = OrderBy },
        StatementTimeout = TimeSpan.FromSeconds(StatementTimeoutSeconds),
    });
}
