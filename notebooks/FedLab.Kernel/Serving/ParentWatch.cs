using System.Diagnostics;
using System.Globalization;

namespace FedLab.Kernel.Serving;

/// <summary>Notices the end of the Jupyter server that started the kernel and names itself in <c>JPY_PARENT_PID</c>: nobody could reach the kernel any more.</summary>
internal static class ParentWatch
{
    /// <summary>The variable that names the parent.</summary>
    public const string Variable = "JPY_PARENT_PID";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Waits for the parent's end; for ever where there is none to watch.</summary>
    /// <param name="parent">The variable's value.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task WaitAsync(string? parent, TimeProvider time, CancellationToken cancellationToken)
    {
        // Process 1 is the init of a container, which ends together with us.
        if (!int.TryParse(parent, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id <= 1)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
            return;
        }
        var began = Began(id);
        // Another process under the same number began at another time.
        while (Began(id) is { } now && now == began) await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>When a process began, in the system's own terms; null where it is gone or only waits for its parent to notice its end.</summary>
    private static string? Began(int id)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var process = Process.GetProcessById(id);
                return process.HasExited ? null : process.StartTime.ToString("O", CultureInfo.InvariantCulture);
            }
            // proc(5): after the name in brackets come the state and, nineteen fields later, the start time.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
