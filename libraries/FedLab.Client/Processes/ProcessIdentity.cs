using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Serialization;

namespace FedLab.Client.Processes;

/// <summary>
/// A process as it is recognised again later: systems give numbers anew, but never the same number at the same moment of the same boot.
/// </summary>
/// <param name="Id">Its number.</param>
/// <param name="Started">When it started, in the system's own words, which are compared and never read.</param>
internal sealed record ProcessIdentity(int Id, string Started)
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";

    // Fields of /proc/PID/stat behind the name in parentheses: proc_pid_stat(5), fields 3, 20 and 22.
    private const int StateField = 0;
    private const int ThreadsField = 17;
    private const int StartField = 19;

    /// <summary>This process.</summary>
    public static ProcessIdentity Own { get; } = Of(Environment.ProcessId) ?? throw new InvalidOperationException("This process is not known to the system.");

    /// <summary>Whether it still runs.</summary>
    [JsonIgnore]
    public bool IsAlive => Of(Id) == this;

    /// <summary>The process of a number; null when none runs. One that has ended and waits to be buried by its parent does not run.</summary>
    /// <param name="id">The number.</param>
    public static ProcessIdentity? Of(int id) => id <= 0 ? null : OperatingSystem.IsLinux() ? OfLinux(id) : OfOther(id);

    /// <summary>Sends it a signal, if it still runs.</summary>
    /// <param name="signal">Name of the signal, such as TERM.</param>
    public async Task SignalAsync(string signal)
    {
        if (!IsAlive) return;
        // .NET can only kill; every shell has this built in.
        using var kill = Process.Start(new ProcessStartInfo("sh", ["-c", "kill -s \"$1\" \"$2\" 2>/dev/null", "sh", signal, Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false });
        if (kill is not null) await kill.WaitForExitAsync();
    }

    /// <summary>Waits until it runs no more.</summary>
    /// <param name="patience">How long.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it has ended.</returns>
    public async Task<bool> WaitForEndAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (IsAlive)
        {
            if (time.GetElapsedTime(started) > patience) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }
        return true;
    }

    private static ProcessIdentity? OfLinux(int id)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            // The name may hold anything, also parentheses and spaces.
            var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length <= StartField || HasEnded(fields[StateField], fields[ThreadsField])) return null;
            return new ProcessIdentity(id, $"{File.ReadAllText(BootFile).Trim()} {fields[StartField]}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The first thread's state is that of the process; it may end before the others, and until the last one has, the process holds its ports, locks and files.</summary>
    private static bool HasEnded(string state, string threads) => state == "X" || (state == "Z" && threads is "0" or "1");

    private static ProcessIdentity? OfOther(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            if (process.HasExited) return null;
            return new ProcessIdentity(id, process.StartTime.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
