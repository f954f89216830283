using System.Diagnostics;
using System.Globalization;

namespace FedLab.Client.Processes;

/// <summary>
/// One program of the lab, started by us and ended by us. It holds the reading end of a pipe as its standard input and ends
/// when that pipe does (<c>--stop-with-stdin</c>), so that it cannot outlive us, however we end.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptErrorLines = 20;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What the runtime takes from the environment only: a budget of 64 MiB (hexadecimal) for young objects, within which messages die; and data
    /// handled where they arrive on a socket, without a change of thread.
    /// </summary>
    private static readonly (string Setting, string Value)[] RuntimeSettings =
    [
        ("DOTNET_GCgen0size", "4000000"),
        ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1"),
    ];

    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private readonly Task _outputEnd;
    private readonly Task _errorEnd;

    private ChildProcess(string name, string logPath, Process process)
    {
        Name = name;
        LogPath = logPath;
        _process = process;
        _outputEnd = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _errorEnd = KeepErrorsAsync();
        Ended = WaitAsync();
    }

    /// <summary>Name of the institution, or <c>coordinator</c>.</summary>
    public string Name { get; }

    /// <summary>Where the program writes its log.</summary>
    public string LogPath { get; }

    /// <summary>Number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Completes with the exit code when the program has ended.</summary>
    public Task<int> Ended { get; }

    /// <summary>What the program last said on standard error, in one line; empty when it said nothing.</summary>
    public string LastError
    {
        get
        {
            lock (_errors) return string.Join(' ', _errors.Select(line => line.Trim()).Where(line => line.Length > 0));
        }
    }

    /// <summary>Starts a program.</summary>
    /// <param name="name">Name of the institution, or <c>coordinator</c>.</param>
    /// <param name="program">Path of its assembly.</param>
    /// <param name="home">Its home folder.</param>
    /// <param name="arguments">Further arguments.</param>
    public static ChildProcess Start(string name, string program, string home, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(ProgramLocator.Host)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = home,
        };
        foreach (var argument in (string[])["exec", program, "--home", home, "--stop-with-stdin", .. arguments]) start.ArgumentList.Add(argument);
        foreach (var (setting, value) in RuntimeSettings) start.Environment.TryAdd(setting, value);
        // Addresses come from the lab's own configuration, never from the caller's web settings.
        start.Environment.Remove("ASPNETCORE_URLS");
        start.Environment.Remove("ASPNETCORE_HTTP_PORTS");
        // What the programs say to people comes back through us, so they speak our language.
        start.Environment["LC_ALL"] = CultureInfo.CurrentUICulture.Name.StartsWith("zh", StringComparison.Ordinal) ? "zh_CN.UTF-8" : "C.UTF-8";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        return new ChildProcess(name, Path.Combine(home, name == LabProcesses.CoordinatorName ? "coordinator.log" : "participant.log"), process);
    }

    /// <summary>Asks the program to end by ending its standard input; ends it by force when it does not.</summary>
    public async Task StopAsync()
    {
        CloseInput();
        try
        {
            await Ended.WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await Ended;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program has ended already and with it the pipe.
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAll(_outputEnd, _errorEnd);
        return _process.ExitCode;
    }

    private async Task KeepErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
            {
                _errors.Enqueue(line.Length <= 500 ? line : line[..500]);
                if (_errors.Count > KeptErrorLines) _errors.Dequeue();
            }
        }
    }
}
