using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;

namespace FedLab.Postgres;

/// <summary>What keeps a program out of a PostgreSQL server, in words for whoever configured the way there. Whatever enters one says the same.</summary>
public static class ConnectionFaults
{
    /// <summary>The sentence for an error, and what to do about it.</summary>
    /// <param name="e">What the driver threw.</param>
    /// <param name="access">The way that was tried.</param>
    /// <param name="source">What it was for; the sentence begins with it.</param>
    /// <param name="hasEntered">Whether the server had answered: silence and broken connections are then no fault of the way there.</param>
    /// <returns>The sentence; null when the error is of another kind.</returns>
    public static string? Describe(Exception e, PostgresAccess access, string source, bool hasEntered)
    {
        ArgumentNullException.ThrowIfNull(access);
        var causes = Causes(e).ToList();
        if (causes.OfType<PostgresException>().FirstOrDefault() is { } refusal)
        {
            return refusal.SqlState switch
            {
                PostgresErrorCodes.InvalidPassword => Messages.PasswordWrong(source, access.User),
                PostgresErrorCodes.InvalidAuthorizationSpecification => Messages.LoginRefused(source, refusal.MessageText),
                PostgresErrorCodes.InvalidCatalogName => Messages.DatabaseMissing(source, access.Database),
                _ => null,
            };
        }

        if (causes.Find(cause => cause is AuthenticationException or CryptographicException) is { } tls) return Messages.DatabaseTls(source, tls.Message);
        if (!hasEntered && causes.OfType<SocketException>().FirstOrDefault() is { } socket) return Messages.DatabaseUnreachable(source, socket.Message);
        if (!hasEntered && causes.OfType<TimeoutException>().Any()) return Messages.DatabaseUnreachable(source, Messages.NoAnswer((long)access.ConnectTimeout.TotalSeconds));
        // The driver has no other mark for these two than its words.
        if (e is NpgsqlException && access.Password is null && e.Message.Contains("password", StringComparison.OrdinalIgnoreCase)) return Messages.PasswordNeeded(source, access.User);
        return e is NpgsqlException && e.Message.Contains("SSL", StringComparison.Ordinal) ? Messages.DatabaseTls(source, e.Message) : null;
    }

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException) yield return cause;
    }
}
