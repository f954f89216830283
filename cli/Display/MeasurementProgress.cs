using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>Progress of measurements. Written between them only: a thread that redraws would be measured with them.</summary>
/// <param name="writer">Standard error.</param>
/// <param name="terminal">The same where a person sees it: one line, overwritten.</param>
/// <param name="time">Clock.</param>
internal sealed class MeasurementProgress(TextWriter writer, IAnsiConsole? terminal, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly long _started = time.GetTimestamp();
    private long? _lastLine;
    private int _width;

    /// <summary>Says what is measured next.</summary>
    /// <param name="done">Measurements made.</param>
    /// <param name="total">Of how many.</param>
    /// <param name="what">The next one.</param>
    public void Report(int done, int total, string what)
    {
        var line = $"[{Formats.Clock(time.GetElapsedTime(_started))}] {done}/{total}  {what}";
        if (terminal is not null)
        {
            Overwrite(line);
            return;
        }
        var now = time.GetTimestamp();
        if (_lastLine is { } last && time.GetElapsedTime(last, now) < Interval) return;
        _lastLine = now;
        writer.WriteLine(line);
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        if (terminal is not null && _width > 0) Overwrite("");
    }

    private void Overwrite(string line)
    {
        // One column stays free: terminals that wrap there would begin a new line.
        var text = new string([.. line.Take(terminal!.Profile.Width - 1)]);
        var width = Spectre.Console.Rendering.Segment.CellCount([new Spectre.Console.Rendering.Segment(text)]);
        writer.Write($"\r{text}{new string(' ', Math.Max(0, _width - width))}\r{text}");
        writer.Flush();
        _width = width;
    }
}
