using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace FedLab.Notebook.Labs;

/// <summary>Ends a process so that it can tidy up, which .NET has no call for.</summary>
internal static class ProcessSignal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <summary>Asks a process to end (SIGTERM), waits, and ends it where it does not.</summary>
    /// <param name="process">A process that this one started.</param>
    public static async Task TerminateAsync(Process process)
    {
        try
        {
            using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -s TERM {process.Id}")]); // every shell has it built in
            await kill.WaitForExitAsync();
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (Exception e) when (e is TimeoutException or Win32Exception)
        {
            process.Kill();
        }
    }
}
