using FedLab.Federation.Runs;

namespace FedLab.Notebook.Labs;

/// <summary>The loss of a run that is under way, as one's own institution keeps it in its home; nobody is asked for it.</summary>
/// <param name="home">The home folder.</param>
/// <param name="run">Name of the run.</param>
/// <param name="time">Clock.</param>
internal sealed class LossWatch(string home, string run, TimeProvider time)
{
    private const int MaximumBytes = 1 << 20;

    /// <summary>The file is written once a second.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _path = Path.Combine(home, "runs", run, RunFigures.FileName);
    private long? _read;
    private double? _last;

    /// <summary>The loss after the last round; null where the institution does not know it.</summary>
    public double? Last()
    {
        if (_read is { } at && time.GetElapsedTime(at) < Interval) return _last;
        _read = time.GetTimestamp();
        try
        {
            var file = new FileInfo(_path);
            if (file.Exists && file.Length <= MaximumBytes) _last = RunFigures.LossesOf(File.ReadAllBytes(_path)) is [.., { } loss] ? loss : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is being replaced; the next look finds the new one.
        }
        return _last;
    }
}
