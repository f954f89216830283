using System.Diagnostics;
using System.Text;
using FedLab.Client.Processes;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>What a run of the <c>fedlab</c> program printed and left.</summary>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error: progress and, at the end, what went wrong.</param>
/// <param name="Survivors">Processes that it started and that were still there after its end.</param>
internal sealed record ProgramRun(int ExitCode, string Output, string Error, IReadOnlyList<string> Survivors)
{
    /// <summary>The lines on standard error that are no progress, which begins with a clock in brackets.</summary>
    public IReadOnlyList<string> Complaints => [.. Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] != '[')];

    /// <summary>It ended well and left nothing running; what it said otherwise is in the failure.</summary>
    public ProgramRun Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Error}\n{Output}");
        Assert.Empty(Survivors);
        return this;
    }
}

/// <summary>The <c>fedlab</c> program, as a process without a terminal, in English unless told otherwise.</summary>
internal sealed class FedLabProgram : IAsyncDisposable
{
    private readonly ProcessMark _mark = new();
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Task<string> _output;
    private readonly Task _errorEnd;

    private FedLabProgram(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.StandardOutputEncoding = Encoding.UTF8;
        start.StandardErrorEncoding = Encoding.UTF8;
        foreach (var name in (string[])["LC_ALL", "LC_MESSAGES", "LANG", "FEDLAB_DEBUG"]) start.Environment.Remove(name);
        _mark.Put(start);
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _errorEnd = ReadErrorAsync();
    }

    /// <summary>Path of <c>fedlab.dll</c> in its own build folder, of the same configuration as this test.</summary>
    public static string Path { get; } = Find();

    /// <summary>Number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>What is on standard error so far.</summary>
    public string ErrorSoFar
    {
        get
        {
            lock (_error) return _error.ToString();
        }
    }

    /// <summary>Everything that it started and that still runs, itself included.</summary>
    public IReadOnlyList<string> Survivors => _mark.Survivors();

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts it.</summary>
    public static FedLabProgram Start(string folder, params string[] arguments) => StartWith(folder, ProgramLocator.Host, ["exec", Path, .. arguments]);

    /// <summary>Starts it through another program.</summary>
    public static FedLabProgram StartWith(string folder, string program, params string[] arguments)
    {
        // A test run that was itself started in the background has SIGINT ignored, and its children would inherit that.
        var start = new ProcessStartInfo("env") { WorkingDirectory = folder };
        start.ArgumentList.Add("--default-signal=INT");
        start.ArgumentList.Add(program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new FedLabProgram(start);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<ProgramRun> RunAsync(string folder, params string[] arguments)
    {
        await using var program = Start(folder, arguments);
        return await program.EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<ProgramRun> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Long);
        var survivors = _mark.Survivors();
        if (survivors.Count > 0) await _mark.EndAsync(); // they hold the pipes
        await _errorEnd;
        return new ProgramRun(_process.ExitCode, await _output, ErrorSoFar, survivors);
    }

    /// <summary>Waits for its end and leaves running what it has left running, until this object is disposed.</summary>
    public async Task<ProgramRun> LeaveAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Long);
        await _errorEnd.WaitAsync(Patience.Long);
        return new ProgramRun(_process.ExitCode, await _output.WaitAsync(Patience.Long), ErrorSoFar, _mark.Survivors());
    }

    /// <summary>Sends it a signal.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("sh", ["-c", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"kill -s {signal} {_process.Id}")]); // every shell has it built in
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _mark.EndAsync();
        _process.Dispose();
    }

    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory); // tests/FedLab.EndToEnd.Tests/bin/<configuration>/<framework>
        var built = System.IO.Path.Combine(here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, "cli", "bin", here.Parent.Name, here.Name, "fedlab.dll");
        return File.Exists(built) ? built : throw new FileNotFoundException("Build the solution first.", built);
    }

    private async Task ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_error) _error.Append(line).Append('\n');
        }
    }
}
