using FedLab.Postgres;

namespace FedLab.Data.Connectors;

/// <summary>What to read from a PostgreSQL server.</summary>
public sealed class PostgresOptions
{
    /// <summary>Where the server is and who asks; a user that may do no more than select is best.</summary>
    public required PostgresAccess Server { get; init; }

    /// <summary>A table or a query.</summary>
    public required TableSelection Selection { get; init; }

    /// <summary>How long the server may work on the statement, sending included; zero for any time.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(30);
}
