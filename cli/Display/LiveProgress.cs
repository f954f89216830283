using FedLab.Client.Labs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FedLab.Cli.Display;

/// <summary>Progress on a terminal: one line for each phase, and above them one for each institution of a lab that others run, redrawn in place.</summary>
/// <param name="console">The terminal: standard error.</param>
/// <param name="time">Clock.</param>
internal sealed class LiveProgress(IAnsiConsole console, TimeProvider time) : IProgressView
{
    private const int BarWidth = 28;

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<IProgress<LabProgress>, Task<T>> work)
    {
        var facts = new FactsColumn();
        return console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(
                new SpinnerColumn(Spinner.Known.Dots) { CompletedText = "✓", CompletedStyle = Styles.Good, Style = Styles.Name },
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = BarWidth, CompletedStyle = Styles.Name, FinishedStyle = Styles.Good, RemainingStyle = Styles.Quiet },
                new ClockColumn(),
                facts)
            .StartAsync(context => RunAsync(work, context, facts));
    }

    private async Task<T> RunAsync<T>(Func<IProgress<LabProgress>, Task<T>> work, ProgressContext context, FactsColumn facts)
    {
        var lines = new Lines(context, facts, time);
        var result = await work(lines);
        lines.Finish();
        return result;
    }

    /// <summary>Turns reports into the lines of the display.</summary>
    private sealed class Lines(ProgressContext context, FactsColumn facts, TimeProvider time) : IProgress<LabProgress>
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, ProgressTask> _parties = new(StringComparer.Ordinal);
        private LabPhase? _phase;
        private ProgressTask? _line;
        private LabProgress _last = new(LabPhase.Starting);
        private long _started;

        public void Report(LabProgress value)
        {
            lock (_lock)
            {
                foreach (var party in value.Parties ?? []) Show(party);
                if (_phase != value.Phase)
                {
                    Complete();
                    _phase = value.Phase;
                    _started = time.GetTimestamp();
                    _line = context.AddTask(Markup.Escape(PhaseText.Name(value.Phase)), new ProgressTaskSettings { MaxValue = 1, AutoStart = true });
                    _line.IsIndeterminate = true;
                }
                if (value.Total > 0)
                {
                    _line!.IsIndeterminate = false;
                    _line.MaxValue = value.Total;
                    // The last unit ends the line only when the next phase begins.
                    _line.Value = Math.Min(value.Done, value.Total - (value.Total * 0.001));
                }
                _last = value;
                facts.Set(_line!.Id, Facts(value, PhaseText.TimeLeft(value, time.GetElapsedTime(_started))));
            }
        }

        public void Finish()
        {
            lock (_lock) Complete();
        }

        private static string Facts(LabProgress progress, TimeSpan? timeLeft)
        {
            string?[] parts =
            [
                PhaseText.Units(progress),
                progress.Bytes > 0 ? Formats.Bytes(progress.Bytes) : null,
                timeLeft is { } left ? PhaseText.Left(left) : null,
                PhaseText.Awaited(progress),
            ];
            return string.Join("  ", parts.Where(part => !string.IsNullOrEmpty(part)));
        }

        private void Show(PartyProgress party)
        {
            if (!_parties.TryGetValue(party.Name, out var line))
            {
                line = context.AddTask(Markup.Escape(party.Name), new ProgressTaskSettings { MaxValue = 1, AutoStart = true });
                _parties.Add(party.Name, line);
            }
            facts.Set(line.Id, PhaseText.State(party));
            if (party.State is PartyState.Finished or PartyState.Refused or PartyState.Left)
            {
                line.IsIndeterminate = false;
                if (party.State == PartyState.Finished) line.Value = line.MaxValue;
                line.StopTask();
                return;
            }
            line.IsIndeterminate = party.State == PartyState.Working && party.Total == 0;
            line.MaxValue = Math.Max(1, party.Total);
            line.Value = Math.Min(party.Done, line.MaxValue - (line.MaxValue * 0.001));
        }

        private void Complete()
        {
            if (_line is null) return;
            _line.IsIndeterminate = false;
            _line.Value = _line.MaxValue;
            _line.StopTask();
            facts.Set(_line.Id, Facts(_last with { Done = Math.Max(_last.Done, _last.Total) }, timeLeft: null));
        }
    }

    /// <summary>Units, bytes and time left of a line.</summary>
    private sealed class FactsColumn : ProgressColumn
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<int, string> _facts = new();

        protected override bool NoWrap => true;

        public void Set(int line, string text) => _facts[line] = text;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(_facts.GetValueOrDefault(task.Id, ""), Styles.Quiet);
    }

    /// <summary>Time since a line began, as a clock.</summary>
    private sealed class ClockColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text((task.ElapsedTime is { } elapsed ? Formats.Clock(elapsed) : "").PadLeft(5));
    }
}
