using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using FedLab.Postgres;
using Npgsql;

namespace FedLab.Coordinator.State;

/// <summary>
/// The state in a PostgreSQL database, of which several coordinators may wait and one is at work: the one whose connection holds the
/// lab's advisory lock. It writes through that very connection, so that a coordinator that has lost the lock cannot write either:
/// <code>
///   coordinator 1 ══ connection with the lock ══► database ◄── asks for the lock, again and again ── coordinator 2
///        ✗  process, machine or network gone: the server ends the connection and frees the lock  ──► takes over
/// </code>
/// </summary>
internal sealed class PostgresLabStore : SqlLabStore
{
    /// <summary>How often a waiting coordinator asks for the lock, and a working one whether its connection still stands.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long a statement may take before the connection counts as lost; shorter than the server's own patience below, so that two never work at a time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The server ends a connection whose other side is silent for 8 + 2·3 seconds.</summary>
    private const string ServerPatience = "SET tcp_keepalives_idle = 8; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET idle_session_timeout = 0";

    private readonly NpgsqlDataSource _server;
    private readonly ITimer _heartbeat;

    private PostgresLabStore(NpgsqlDataSource server, NpgsqlConnection connection, string name, Action<LabStoreException>? failed, TimeProvider time)
        : base(connection, name, failed)
    {
        _server = server;
        _heartbeat = time.CreateTimer(_ => Beat(), state: null, Period, Period);
    }

    protected override string Begin => "BEGIN";

    protected override string CountTables => "SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename=@name AND schemaname=current_schema()";

    /// <summary>Waits until no other coordinator of the lab is at work, and opens the state.</summary>
    /// <param name="access">The database, of this lab alone.</param>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="waits">Told when another one is at work.</param>
    /// <param name="failed">Told when the database, once open, cannot be read or written any more.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LabStoreException">The database cannot be used, or is another lab's or a later program's.</exception>
    public static Task<PostgresLabStore> OpenAsync(PostgresAccess access, string lab, Action waits, Action<LabStoreException>? failed, TimeProvider time, CancellationToken cancellationToken) =>
        // On a thread of its own, without one asynchronous call on the connection: the statements of a lab are few and short, and a program that runs
        // continuations on the very thread that waits for the sockets would wait for itself in the first synchronous one behind them.
        Task.Run(() => Open(access, lab, waits, failed, time, cancellationToken), cancellationToken);

    private static PostgresLabStore Open(PostgresAccess access, string lab, Action waits, Action<LabStoreException>? failed, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = $"{access.Database} ({access.Host}:{access.Port})";
        NpgsqlDataSource? server = null;
        NpgsqlConnection? connection = null;
        PostgresLabStore? store = null;
        try
        {
            var settings = access.ToConnectionSettings();
            settings.CommandTimeout = (int)Patience.TotalSeconds;
            settings.Pooling = false;
            server = NpgsqlDataSource.Create(settings.ConnectionString);
            connection = server.OpenConnection();
            using (var patience = new NpgsqlCommand(ServerPatience, connection)) patience.ExecuteNonQuery();
            for (var told = false; !TryLock(connection, lab); told = true)
            {
                if (!told) waits();
                cancellationToken.WaitHandle.WaitOne(Period);
                cancellationToken.ThrowIfCancellationRequested();
            }
            store = new PostgresLabStore(server, connection, name, failed, time);
            store.Prepare();
            store.Claim(lab);
            return store;
        }
        catch (Exception e)
        {
            store?.Dispose();
            connection?.Dispose();
            server?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (ConnectionFaults.Describe(e, access, $"state.postgres ({access.Database}, {access.Host}:{access.Port})", hasEntered: connection is not null) is { } outside) throw new LabStoreException(outside, e);
            if ((e is LabStoreException ? e.InnerException : e) is PostgresException refusal) throw new LabStoreException(refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege ? Messages.StatePermission(name, access.User, refusal.MessageText) : Messages.StateUnreadable(name, refusal.MessageText), e);
            if (e is NpgsqlException or TimeoutException or IOException) throw new LabStoreException(Messages.StateUnreadable(name, e.Message), e);
            throw;
        }
    }

    protected override string Dialect(string sql) => sql.StartsWith("CREATE", StringComparison.Ordinal)
        ? sql.Replace(" INTEGER", " BIGINT", StringComparison.Ordinal).Replace(" BLOB", " BYTEA", StringComparison.Ordinal)
        : sql;

    protected override void Dispose(bool disposing)
    {
        _heartbeat.Dispose();
        base.Dispose(disposing);
        _server.Dispose();
    }

    private static bool TryLock(NpgsqlConnection connection, string lab)
    {
        using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(@key)", connection);
        command.Parameters.AddWithValue("@key", BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("FedLab " + lab))));
        return command.ExecuteScalar() is true;
    }

    /// <summary>A database belongs to one lab: the lock of another does not keep it away.</summary>
    private void Claim(string lab)
    {
        Execute("CREATE TABLE IF NOT EXISTS lab (name TEXT PRIMARY KEY)");
        if (Query("SELECT name FROM lab", row => row.GetString(0)) is [var owner])
        {
            if (owner != lab) throw new LabStoreException(Messages.StateOfOtherLab(Name, owner, lab));
            return;
        }
        Execute("INSERT INTO lab VALUES (@name)", ("@name", lab));
    }

    private void Beat()
    {
        try
        {
            Query("SELECT 1", row => row.GetInt32(0));
        }
        catch (LabStoreException)
        {
            // The host has been told, and ends.
            _heartbeat.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
