using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace FedLab.EndToEnd.Tests.Support;

/// <summary>
/// Finds everything that a started program has started in turn: the mark is an environment variable, which children inherit,
/// whoever their parent is by now.
/// </summary>
internal sealed class ProcessMark
{
    private const string Name = "FEDLAB_TEST_MARK";
    private static readonly TimeSpan EndOfAKill = TimeSpan.FromSeconds(10);

    private readonly string _value = Guid.NewGuid().ToString("N");
    private readonly byte[] _entry;

    public ProcessMark() => _entry = Encoding.ASCII.GetBytes($"{Name}={_value}");

    public void Put(ProcessStartInfo start) => start.Environment[Name] = _value;

    /// <summary>The command lines of the marked processes that run now; the dead that nobody has buried yet have no environment.</summary>
    public IReadOnlyList<string> Survivors() => [.. Ids().Select(id => $"{id}: {CommandLine(id)}")];

    /// <summary>Ends the marked processes, so that a failed test leaves nothing running.</summary>
    public async Task EndAsync()
    {
        foreach (var id in Ids())
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // Gone by itself.
            }
        }
        await Patience.UntilAsync(() => Ids().Count == 0, EndOfAKill, CancellationToken.None);
    }

    private List<int> Ids()
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                if (File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(_entry) >= 0) found.Add(id);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile, or another user's.
            }
        }
        return found;
    }

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "ended meanwhile";
        }
    }
}
