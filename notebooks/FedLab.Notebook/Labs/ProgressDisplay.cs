using System.Globalization;
using FedLab.Client.Labs;
using FedLab.Client.Wording;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>
/// Progress below a cell: in a notebook one display that is changed in place, at most five times a second; without one a line on standard output whenever a phase
/// begins or an institution does something else.
/// </summary>
internal sealed class ProgressDisplay : IProgress<LabProgress>, IDisposable
{
    /// <summary>Five changes a second.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan ClockInterval = TimeSpan.FromSeconds(1);

    /// <summary>A call of the timer that was late on a busy machine has the next one right behind it, which comes to nothing.</summary>
    private static readonly TimeSpan LeastInterval = Interval * 0.75;

    private readonly Lock _lock = new();
    private readonly string _title;
    private readonly TimeProvider _time;
    private readonly Func<double?>? _loss;
    private readonly INotebookHost? _host;
    private readonly CultureInfo _culture;
    private readonly string _displayId = "fedlab-" + Guid.NewGuid().ToString("N");
    private readonly long _started;
    private readonly ITimer? _timer;
    private readonly Dictionary<string, (PartyState State, LabPhase? Phase)> _said = new(StringComparer.Ordinal);
    private LabProgress _last = new(LabPhase.Starting);
    private long _phaseStarted;
    private long _reported;
    private long _flushed;
    private string? _line;
    private bool _changed = true;
    private bool _ended;

    private ProgressDisplay(string title, TimeProvider time, Func<double?>? loss)
    {
        (_title, _time, _loss, _host, _culture) = (title, time, loss, NotebookHost.Current, CultureInfo.CurrentUICulture);
        _started = _phaseStarted = _flushed = time.GetTimestamp();
        if (_host is null)
        {
            Console.Out.WriteLine(title);
            return;
        }
        _host.Display(Render(), _displayId);
        _changed = false;
        _timer = time.CreateTimer(_ => Flush(), state: null, Interval, Interval);
    }

    /// <summary>Begins to show progress in the notebook of this cell.</summary>
    /// <param name="title">What is going on.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loss">The loss after the last round, where this person's own institution knows it; null otherwise.</param>
    public static ProgressDisplay Start(string title, TimeProvider time, Func<double?>? loss = null) => new(title, time, loss);

    /// <inheritdoc/>
    public void Report(LabProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            if (_ended) return;
            var begins = value.Phase != _last.Phase;
            _reported = _time.GetTimestamp();
            if (begins) _phaseStarted = _reported;
            _changed |= value with { Detail = null } != _last;
            // Who reports no institutions has nothing new to say of them.
            _last = value with { Detail = null, Parties = value.Parties ?? _last.Parties };
            if (_host is null) WriteLines(begins);
        }
    }

    /// <summary>Shows a line of progress that another program has put into words.</summary>
    /// <param name="line">The line.</param>
    public void Say(string line)
    {
        lock (_lock)
        {
            if (_ended) return;
            (_line, _changed) = (line, true);
            if (_host is null) Console.Out.WriteLine(line);
        }
    }

    /// <summary>Shows the last state and ends; a sentence about the end replaces the bar.</summary>
    /// <param name="sentence">How it ended.</param>
    /// <param name="good">Whether that is well.</param>
    public void End(string sentence, bool good)
    {
        lock (_lock)
        {
            if (_ended) return;
            _ended = true;
            if (_host is null) Console.Out.WriteLine(sentence);
            else _host.Update(Render(sentence, good ? Tone.Good : Tone.Bad), _displayId);
        }
    }

    /// <summary>Ends without another word.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_lock)
        {
            if (_ended) return;
            _ended = true;
            if (_changed) _host?.Update(Render(), _displayId);
        }
    }

    private void Flush()
    {
        lock (_lock)
        {
            // While somebody works the clock goes on, once a second, though nothing else has changed.
            if (_ended || _time.GetElapsedTime(_flushed) < (_changed ? LeastInterval : ClockInterval)) return;
            _changed = false;
            _host!.Update(Render(), _displayId);
            _flushed = _time.GetTimestamp();
        }
    }

    private MimeBundle Render(string? sentence = null, Tone tone = Tone.Plain)
    {
        // The timer's thread has no language of its own.
        var before = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = _culture;
        try
        {
            var page = new Page().Title(_title);
            if (sentence is null)
            {
                page.Sentence(_line ?? Line(_last)).Bar(_last.Total > 0 ? (double)_last.Done / _last.Total : null);
            }
            else
            {
                page.Sentence(sentence, tone);
            }
            if (_last.Parties is { Count: > 0 } parties) page.Table([LabMessages.Institution, LabMessages.State], parties.Select(party => (IReadOnlyList<string?>)[party.Name, PhaseText.State(party)]), leftColumns: 2);
            return page.ToBundle();
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private string Line(LabProgress progress)
    {
        string?[] parts =
        [
            PhaseText.Name(progress.Phase),
            PhaseText.Units(progress),
            progress.Phase == LabPhase.Training && _loss?.Invoke() is { } loss ? $"{LabMessages.Loss} {Formats.Metric(loss)}" : null,
            progress.Bytes > 0 ? LabMessages.BytesSent(Formats.Bytes(progress.Bytes)) : null,
            LabMessages.Elapsed(Formats.Clock(_time.GetElapsedTime(_started))),
            PhaseText.TimeLeft(progress, _time.GetElapsedTime(_phaseStarted, _reported)) is { } left ? PhaseText.Left(left) : null,
            PhaseText.Awaited(progress),
        ];
        return string.Join(" · ", parts.Where(part => !string.IsNullOrEmpty(part)));
    }

    private void WriteLines(bool begins)
    {
        foreach (var party in _last.Parties ?? [])
        {
            if (_said.TryGetValue(party.Name, out var before) && before == (party.State, party.Phase)) continue;
            _said[party.Name] = (party.State, party.Phase);
            Console.Out.WriteLine($"{party.Name}: {PhaseText.State(party)}");
        }
        if (begins) Console.Out.WriteLine(Line(_last));
    }
}
