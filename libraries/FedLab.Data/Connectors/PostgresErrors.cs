using System.Net.Sockets;
using FedLab.Postgres;
using Npgsql;

namespace FedLab.Data.Connectors;

/// <summary>What the errors of a PostgreSQL server and of the way to it mean to whoever configured the source.</summary>
internal sealed class PostgresErrors(PostgresOptions options, string source)
{
    /// <summary>Class of errors about values (errcodes.txt), the only one whose messages quote them.</summary>
    private const string DataException = "22";

    /// <summary>The sentence for an error; null if it is none of the database's.</summary>
    /// <param name="e">The error.</param>
    /// <param name="rows">Rows that had been read.</param>
    public DataFormatException? Describe(Exception e, long rows)
    {
        if (e is DataFormatException known) return known;
        if (ConnectionFaults.Describe(e, options.Server, source, hasEntered: rows > 0) is { } outside) return new DataFormatException(outside, e);
        var causes = Causes(e).ToList();
        if (causes.OfType<PostgresException>().FirstOrDefault() is { } refusal)
        {
            // A message about a value shows the value, which may be a key: only its code goes on.
            var tells = !refusal.SqlState.StartsWith(DataException, StringComparison.Ordinal);
            return new DataFormatException(Describe(refusal, tells ? refusal.MessageText : refusal.SqlState, rows), tells ? e : null);
        }

        if (causes.OfType<TimeoutException>().Any()) return new DataFormatException(Messages.DatabaseTimeout(source, (long)options.StatementTimeout.TotalSeconds, rows), e);
        if (causes.Exists(cause => cause is IOException or SocketException)) return new DataFormatException(Messages.DatabaseGone(source, rows), e);
        return e is NpgsqlException ? new DataFormatException(Messages.QueryFailed(source, e.Message), e) : null;
    }

    private string Describe(PostgresException e, string said, long rows) => e.SqlState switch
    {
        PostgresErrorCodes.UndefinedTable when options.Selection.Table is { } table => table.Contains('.', StringComparison.Ordinal) ? Messages.TableMissingDotted(source, table) : Messages.TableMissing(source, table),
        PostgresErrorCodes.InsufficientPrivilege => Messages.PermissionDenied(source, options.Server.User, said),
        PostgresErrorCodes.ReadOnlySqlTransaction => Messages.QueryWrites(source),
        PostgresErrorCodes.QueryCanceled => Messages.DatabaseTimeout(source, (long)options.StatementTimeout.TotalSeconds, rows),
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow => Messages.DatabaseGone(source, rows),
        _ => Messages.QueryFailed(source, said),
    };

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException) yield return cause;
    }
}
