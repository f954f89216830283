using System.Diagnostics;
using System.Globalization;
using Npgsql;

[assembly: AssemblyFixture(typeof(FedLab.Data.Tests.Connectors.PostgresServer))]

namespace FedLab.Data.Tests.Connectors;

/// <summary>
/// A PostgreSQL server of the tests' own: a process with its data in a temporary folder, listening on a loopback port and a socket in that
/// folder. It refuses to run as root, so under root it runs as nobody.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string Owner = "owner";
    public const string OwnerPassword = "owner's \"word\"";

    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-pg").FullName;
    private readonly HeldPort _port = new();
    private Process? _server;

    /// <summary>Why there is none; null if there is one.</summary>
    public string? Missing { get; private set; }

    public int Port => _port.Number;

    /// <summary>The folder of the socket.</summary>
    public string Socket => _folder;

    public async ValueTask InitializeAsync()
    {
        var programs = Programs();
        if (programs is null)
        {
            Missing = "PostgreSQL's server is not installed (apt-get install postgresql).";
            if (Environment.GetEnvironmentVariable("FEDLAB_REQUIRE_TOOLS") == "1") throw new InvalidOperationException(Missing);
            return;
        }

        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder, (UnixFileMode)Convert.ToInt32("755", 8));
        var data = Path.Combine(_folder, "data");
        var password = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(password, OwnerPassword);
        if (Environment.UserName == "root") await RunAsync("chown", ["nobody", _folder, password]);
        await RunAsync(Path.Combine(programs, "initdb"), ["-D", data, "-U", Owner, "--pwfile", password, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], asNobody: true);
        _server = Process.Start(Start(Path.Combine(programs, "postgres"), ["-D", data, "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", _folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=20"], asNobody: true))!;
        var said = _server.StandardError.ReadToEndAsync();
        _ = _server.StandardOutput.ReadToEndAsync();
        if (await AnswersAsync(_server)) return;
        throw new InvalidOperationException(_server.HasExited ? $"PostgreSQL's server ended: {await said}" : "PostgreSQL's server does not answer.");
    }

    /// <summary>Waits until the server takes connections; false if it ended or takes very long.</summary>
    private async Task<bool> AnswersAsync(Process server)
    {
        for (var attempt = 0; attempt < 600 && !server.HasExited; attempt++)
        {
            try
            {
                await using var connection = await OpenAsync();
                return true;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(100);
            }
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // The server's own way to end at once; a child of setpriv has the same process id.
            if (!_server.HasExited) await RunAsync("kill", ["-INT", _server.Id.ToString(CultureInfo.InvariantCulture)]);
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Opens a connection as the owner.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Username = Owner, Password = OwnerPassword, Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs statements as the owner.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string? Programs()
    {
        string[] folders = [.. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")) : [], .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];
        return folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
    }

    private ProcessStartInfo Start(string program, string[] arguments, bool asNobody)
    {
        string[] command = asNobody && Environment.UserName == "root" ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", program, .. arguments] : [program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["HOME"] = _folder;
        return start;
    }

    private async Task RunAsync(string program, string[] arguments, bool asNobody = false)
    {
        using var process = Process.Start(Start(program, arguments, asNobody))!;
        var error = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program}: {await error}");
    }
}
