using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FedLab.Coordinator.Tests.Lab;

/// <summary>The coordinator as a process of its own.</summary>
internal sealed partial class CoordinatorProcess : IDisposable
{
    private const int Terminate = 15;
    private readonly Process _process;

    private CoordinatorProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<CoordinatorProcess> StartAsync(TemporaryLab lab, int port)
    {
        var process = Launch("--home", lab.CoordinatorHome, "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        if (line is null) throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        return new CoordinatorProcess(process, new Uri(line[line.IndexOf("https://", StringComparison.Ordinal)..]));
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Launch(arguments);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error.Trim());
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM.</summary>
    public async Task<int> TerminateAsync()
    {
        Assert.Equal(0, Signal(_process.Id, Terminate));
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        // Its home is deleted next, in which it must not write any more.
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    private static Process Launch(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(CoordinatorHost).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
