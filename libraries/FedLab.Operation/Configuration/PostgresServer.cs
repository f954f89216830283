using System.Net;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Postgres;

namespace FedLab.Operation.Configuration;

/// <summary>A PostgreSQL server in a configuration. Its password is in a file or in the environment and never here.</summary>
public record PostgresServer
{
    private const int LargestPasswordBytes = 4096;

    private static readonly SortedDictionary<string, DatabaseTls> Protections = new(StringComparer.Ordinal)
    {
        ["disable"] = DatabaseTls.Disable,
        ["prefer"] = DatabaseTls.Prefer,
        ["require"] = DatabaseTls.Require,
        ["verify-full"] = DatabaseTls.VerifyFull,
    };

    /// <summary>Host name or address, or the folder of a Unix socket.</summary>
    public required string Host { get; init; }

    /// <summary>Port.</summary>
    public int Port { get; init; } = PostgresAccess.DefaultPort;

    /// <summary>Database.</summary>
    public required string Database { get; init; }

    /// <summary>User.</summary>
    public required string User { get; init; }

    /// <summary>A file with the password; relative to the home folder. A line end behind it is none of the password. As with a private key, a file
    /// that group or others have rights to is refused; where a mounted secret cannot be the user's alone, there is <see cref="PasswordEnvironment"/>.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>An environment variable with the password.</summary>
    public string? PasswordEnvironment { get; init; }

    /// <summary>disable, prefer, require or verify-full; null: verify-full, and prefer on the same machine.</summary>
    public string? Tls { get; init; }

    /// <summary>A file with the authority of the server's certificate; relative to the home folder.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>How long connecting may take.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 15;

    private bool IsThisMachine => Path.IsPathRooted(Host) || Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Checks every field.</summary>
    /// <param name="field">Name of the section.</param>
    /// <param name="invalid">Makes the error for a field and what is wrong with it.</param>
    public void CheckServer(string field, Func<string, string, ConfigurationException> invalid)
    {
        ArgumentNullException.ThrowIfNull(invalid);
        foreach (var (name, value) in ((string, string)[])[("host", Host), ("database", Database), ("user", User)])
        {
            if (value.Length == 0) throw invalid($"{field}.{name}", Messages.MustNotBeEmpty);
        }

        if (Port is < 1 or > IPEndPoint.MaxPort) throw invalid($"{field}.port", Messages.MustBeBetween(Port, 1, IPEndPoint.MaxPort));
        if (ConnectTimeoutSeconds is < 1 or > 600) throw invalid($"{field}.connectTimeoutSeconds", Messages.MustBeBetween(ConnectTimeoutSeconds, 1, 600));
        if (PasswordFile is not null && PasswordEnvironment is not null) throw invalid($"{field}.passwordFile", Messages.MustHaveOnePassword);
        if (Tls is not null && !Protections.ContainsKey(Tls)) throw invalid($"{field}.tls", Messages.MustBeOneOf(Tls, string.Join(", ", Protections.Keys)));
    }

    /// <summary>What a program enters the server with. Opens no connection, but reads the password.</summary>
    /// <param name="field">Name of the section, for messages.</param>
    /// <param name="folder">The folder that paths are relative to.</param>
    /// <param name="configuration">The configuration's file, for messages.</param>
    /// <exception cref="ConfigurationException">The password is not where the configuration says, or others can read it.</exception>
    public PostgresAccess ToAccess(string field, string folder, string configuration) => new()
    {
        Host = Host,
        Port = Port,
        Database = Database,
        User = User,
        Password = ReadPassword(field, folder, configuration),
        Tls = Tls is not null ? Protections[Tls] : IsThisMachine ? DatabaseTls.Prefer : DatabaseTls.VerifyFull,
        RootCertificate = RootCertificate is null ? null : Path.GetFullPath(RootCertificate, folder),
        ConnectTimeout = TimeSpan.FromSeconds(ConnectTimeoutSeconds),
    };

    private string? ReadPassword(string field, string folder, string configuration)
    {
        if (PasswordEnvironment is not null)
        {
            return Environment.GetEnvironmentVariable(PasswordEnvironment) is { Length: > 0 } set
                ? set
                : throw new ConfigurationException(Messages.FieldInvalid(configuration, $"{field}.passwordEnvironment", Messages.VariableNotSet(PasswordEnvironment)));
        }

        if (PasswordFile is null) return null;
        var path = Path.GetFullPath(PasswordFile, folder);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw Invalid(Messages.NoSuchFile(path));
            KeyFiles.RequirePrivateFile(path);
            if (file.Length is 0 or > LargestPasswordBytes) throw Invalid(Messages.NotAPasswordFile(path, LargestPasswordBytes));
            var password = File.ReadAllText(path).TrimEnd('\r', '\n');
            return password.Length > 0 ? password : throw Invalid(Messages.NotAPasswordFile(path, LargestPasswordBytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KeyFileException)
        {
            throw Invalid(e.Message);
        }

        ConfigurationException Invalid(string problem) => new(Messages.FieldInvalid(configuration, $"{field}.passwordFile", problem));
    }
}
