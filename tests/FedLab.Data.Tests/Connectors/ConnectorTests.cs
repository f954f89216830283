using FedLab.Data.Connectors;
using FedLab.Postgres;
using Microsoft.Data.Sqlite;

namespace FedLab.Data.Tests.Connectors;

/// <summary>What the tests of databases have in common.</summary>
public abstract class ConnectorTests(PostgresServer server) : TestFolder
{
    protected PostgresServer Server { get; } = server;

    protected string SqlitePath => At("data.db");

    protected void ExecuteSqlite(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = SqlitePath, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    protected SqliteConnector Sqlite(string table, params string[] orderBy) => new(SqlitePath, new TableSelection { Table = table, OrderBy = orderBy }, TimeSpan.FromSeconds(1));

    protected SqliteConnector SqliteQuery(string query) => new(SqlitePath, new TableSelection { Query = query }, TimeSpan.FromSeconds(1));

    protected PostgresConnector Postgres(TableSelection selection, string? user = null, string? password = null, string? database = null, int? port = null, string? host = null, int statementSeconds = 60) => new(new PostgresOptions
    {
        Server = new PostgresAccess
        {
            Host = host ?? "127.0.0.1",
            Port = port ?? Server.Port,
            Database = database ?? "postgres",
            User = user ?? PostgresServer.Owner,
            Password = user is null ? PostgresServer.OwnerPassword : password,
            Tls = DatabaseTls.Prefer,
            ConnectTimeout = TimeSpan.FromSeconds(60),
        },
        Selection = selection,
        StatementTimeout = TimeSpan.FromSeconds(statementSeconds),
    });

    protected PostgresConnector PostgresQuery(string query, int statementSeconds = 60) => Postgres(new TableSelection { Query = query }, statementSeconds: statementSeconds);

    /// <summary>A table of its own for a test.</summary>
    protected static string NewName() => "t" + Guid.NewGuid().ToString("N");

    protected void RequirePostgres()
    {
        if (Server.Missing is { } reason) Assert.Skip(reason);
    }

    protected static DataSet Load(ITableConnector connector, Func<DataSourceOptions, DataSourceOptions>? change = null)
    {
        var options = new DataSourceOptions { Connector = connector, KeyColumn = "id" };
        return Load(change is null ? options : change(options));
    }

    /// <summary>Expects a refusal whose sentence has these parts and not the password.</summary>
    protected static DataFormatException Refuses(ITableConnector connector, Func<DataSourceOptions, DataSourceOptions>? change, params string[] parts)
    {
        var error = Assert.Throws<DataFormatException>(() => Load(connector, change));
        foreach (var part in parts) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain(PostgresServer.OwnerPassword, error.ToString(), StringComparison.Ordinal);
        return error;
    }

    protected static DataFormatException Refuses(ITableConnector connector, params string[] parts) => Refuses(connector, null, parts);
}
