using System.Globalization;
using FedLab.Data.Tests.Connectors;
using FedLab.Federation.Identity;
using Microsoft.Data.Sqlite;

namespace FedLab.Participant.Tests.Lab;

/// <summary>A home folder's data.csv in databases.</summary>
internal static class HomeDatabases
{
    /// <summary>Copies the file into a table of the home's data.db; every column but the first holds integers.</summary>
    public static void ToSqlite(string home, string table)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(home, "data.db"), Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = Script(home, table);
        command.ExecuteNonQuery();
    }

    /// <summary>Copies the file into a table of the server and writes the owner's password into the home's folder.</summary>
    public static async Task ToPostgresAsync(PostgresServer server, string home, string table)
    {
        await server.ExecuteAsync(Script(home, table));
        KeyFiles.WriteSecret(Path.Combine(home, "database.password"), PostgresServer.OwnerPassword);
    }

    /// <summary>The setting data.postgres for such a table.</summary>
    public static object Postgres(PostgresServer server, string table) =>
        new { host = "127.0.0.1", port = server.Port, database = "postgres", user = PostgresServer.Owner, passwordFile = "database.password", table };

    private static string Script(string home, string table)
    {
        var lines = File.ReadAllLines(Path.Combine(home, "data.csv"));
        var columns = lines[0].Split(',');
        // In another order than the file's: a database keeps none.
        var rows = lines[1..].Reverse().Select(line => line.Split(',')).Select(fields => $"('{fields[0]}', {string.Join(", ", fields[1..])})");
        return string.Create(CultureInfo.InvariantCulture, $"CREATE TABLE {table} ({columns[0]} text, {string.Join(", ", columns[1..].Select(name => name + " integer"))}); INSERT INTO {table} VALUES {string.Join(", ", rows)}");
    }
}
