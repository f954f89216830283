using Npgsql;

namespace FedLab.Postgres;

/// <summary>Where a PostgreSQL server is and who enters it. Not a record: nothing may print the password.</summary>
public sealed class PostgresAccess
{
    /// <summary>The port that PostgreSQL listens on unless told otherwise.</summary>
    public const int DefaultPort = 5432;

    /// <summary>Host name or address, or the folder of the server's Unix socket.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port, or the number of the socket.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Database.</summary>
    public required string Database { get; init; }

    /// <summary>User; an account that may do no more than its work needs is best.</summary>
    public required string User { get; init; }

    /// <summary>Password; null where the server asks for none.</summary>
    public string? Password { get; init; }

    /// <summary>Protection of the connection.</summary>
    public DatabaseTls Tls { get; init; } = DatabaseTls.VerifyFull;

    /// <summary>A file with the certificate authority that vouches for the server; null for those of the system.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>How long connecting may take; whole seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// What the driver is told, for its user to add to. The connection takes part in no transaction of a surrounding scope, asks for no Kerberos ticket of the
    /// account that the program runs under, and its errors quote no values.
    /// </summary>
    public NpgsqlConnectionStringBuilder ToConnectionSettings() => new()
    {
        Host = Host,
        Port = Port,
        Database = Database,
        Username = User,
        Password = Password,
        ApplicationName = "FedLab",
        SslMode = Tls switch
        {
            DatabaseTls.Disable => SslMode.Disable,
            DatabaseTls.Prefer => SslMode.Prefer,
            DatabaseTls.Require => SslMode.Require,
            _ => SslMode.VerifyFull,
        },
        RootCertificate = RootCertificate,
        GssEncryptionMode = GssEncryptionMode.Disable,
        Timeout = (int)ConnectTimeout.TotalSeconds,
        TcpKeepAlive = true,
        Enlist = false,
        IncludeErrorDetail = false,
    };
}
