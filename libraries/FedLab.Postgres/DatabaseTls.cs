namespace FedLab.Postgres;

/// <summary>How far the connection to a database server is protected.</summary>
public enum DatabaseTls
{
    /// <summary>Not at all.</summary>
    Disable,

    /// <summary>Encrypted if the server can.</summary>
    Prefer,

    /// <summary>Encrypted; who answers is not checked.</summary>
    Require,

    /// <summary>Encrypted, and the server's certificate is checked down to the host name.</summary>
    VerifyFull,
}
