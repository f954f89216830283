using System.Globalization;
using FedLab.Client.Labs;
using FedLab.Notebook.Display;
using FedLab.Notebook.Labs;

namespace FedLab.Notebook.Tests.Labs;

public sealed class ProgressDisplayTests
{
    [Fact]
    public void A_thousand_reports_within_a_second_change_the_display_at_most_five_times()
    {
        var time = new ManualTime();
        var host = new RecordingHost();
        NotebookHost.Enter(host, CancellationToken.None);
        using var display = ProgressDisplay.Start("Run x", time);
        for (var report = 0; report < 1000; report++)
        {
            display.Report(new LabProgress(LabPhase.Training, report, 1000, report * 1000));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.InRange(host.Updates.Count, 4, 5);
        display.End("done", good: true);
        var last = host.Updates.Last();
        Assert.Equal(host.Displays.Single().Id, last.Id);
        Assert.Contains("done", RecordingHost.TextOf(last.Bundle), StringComparison.Ordinal);
        // Nothing comes after the end.
        display.Report(new LabProgress(LabPhase.Audit));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Same(last.Bundle, host.Updates.Last().Bundle);
    }

    [Fact]
    public void A_change_that_was_late_is_not_followed_by_the_next_one_at_once()
    {
        var time = new ManualTime();
        var host = new RecordingHost();
        NotebookHost.Enter(host, CancellationToken.None);
        using var display = ProgressDisplay.Start("Run x", time);
        display.Report(new LabProgress(LabPhase.Training, 1, 9));
        time.Advance(ProgressDisplay.Interval, late: TimeSpan.FromMilliseconds(190));
        Assert.Single(host.Updates);
        display.Report(new LabProgress(LabPhase.Training, 2, 9));
        time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Single(host.Updates);
        time.Advance(ProgressDisplay.Interval);
        Assert.Contains("2 of 9", RecordingHost.TextOf(host.Updates.Last().Bundle), StringComparison.Ordinal);
    }

    [Fact]
    public void The_display_says_phase_units_bytes_time_left_and_what_each_institution_does()
    {
        var time = new ManualTime();
        var host = new RecordingHost();
        NotebookHost.Enter(host, CancellationToken.None);
        using var display = ProgressDisplay.Start("Run x", time);
        display.Report(new LabProgress(LabPhase.Training, 0, 50));
        time.Advance(TimeSpan.FromSeconds(3));
        display.Report(new LabProgress(LabPhase.Training, 10, 50, 3_700_000, Parties: [new PartyProgress("<bank>", PartyState.Working, LabPhase.Training, 10, 50), new PartyProgress("source", PartyState.Away)]));
        time.Advance(ProgressDisplay.Interval);
        var bundle = host.Updates.Last().Bundle;
        var text = RecordingHost.TextOf(bundle);
        foreach (var part in (string[])["10 of 50", "3.70 MB", "0:12", "<bank>", "source"]) Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.Contains("width:20.0%", RecordingHost.HtmlOf(bundle), StringComparison.Ordinal);
        Assert.DoesNotContain("<bank>", RecordingHost.HtmlOf(bundle), StringComparison.Ordinal);
    }

    [Fact]
    public void The_display_keeps_the_language_of_its_cell_on_every_thread()
    {
        var before = CultureInfo.CurrentUICulture;
        var time = new ManualTime();
        var host = new RecordingHost();
        NotebookHost.Enter(host, CancellationToken.None);
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
        using var display = ProgressDisplay.Start("运行 x", time);
        CultureInfo.CurrentUICulture = before;
        display.Report(new LabProgress(LabPhase.Training, 1, 5));
        time.Advance(ProgressDisplay.Interval);
        Assert.Contains("训练", RecordingHost.TextOf(host.Updates.Last().Bundle), StringComparison.Ordinal);
        Assert.Equal(before, CultureInfo.CurrentUICulture);
    }

    /// <summary>A clock that goes on when it is told to, and calls the timers that fall due.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private readonly List<ManualTimer> _timers = [];
        private TimeSpan _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new ManualTimer(() => callback(state), _now + dueTime, period);
            _timers.Add(timer);
            return timer;
        }

        public void Advance(TimeSpan by, TimeSpan late = default)
        {
            var end = _now + by;
            while (_timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due) is { } next)
            {
                _now = next.Due + late;
                next.Fire();
            }
            _now = end + late;
        }

        private sealed class ManualTimer(Action fire, TimeSpan due, TimeSpan period) : ITimer
        {
            public TimeSpan Due { get; private set; } = due;

            public void Fire()
            {
                Due = period == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : Due + period;
                fire();
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

            public void Dispose() => Due = TimeSpan.MaxValue;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
