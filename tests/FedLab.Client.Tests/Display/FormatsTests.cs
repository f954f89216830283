using FedLab.Cli.Display;
using FedLab.Client.Labs;
using FedLab.Client.Simulations;
using FedLab.Client.Wording;

namespace FedLab.Client.Tests.Display;

public sealed class FormatsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(9_994, "9.99 kB")]
    [InlineData(9_996, "10.0 kB")]
    [InlineData(99_960, "100 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1.00 MB")]
    [InlineData(3_700_000, "3.70 MB")]
    [InlineData(long.MaxValue, "9223372 TB")]
    public void Bytes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, Formats.Bytes(bytes));

    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(7.6, "0:08")]
    [InlineData(59.6, "1:00")]
    [InlineData(3723, "1:02:03")]
    public void Times_are_clocks(double seconds, string expected) => Assert.Equal(expected, Formats.Clock(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Phases_stand_in_the_order_of_a_run_and_others_after_them() =>
        Assert.Equal(["start", "alignment", "keys", "training", "publication", "another"], PhaseBytes.Sorted(["another", "publication", "keys", "training", "start", "alignment"]));

    [Fact]
    public void Time_left_is_extrapolated_once_something_is_done()
    {
        Assert.Null(PhaseText.TimeLeft(new LabProgress(LabPhase.Training, 0, 50), TimeSpan.FromSeconds(3)));
        Assert.Null(PhaseText.TimeLeft(new LabProgress(LabPhase.Training, 50, 50), TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.FromSeconds(12), PhaseText.TimeLeft(new LabProgress(LabPhase.Training, 10, 50), TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void A_log_line_comes_when_a_phase_begins_and_then_every_few_seconds()
    {
        using var writer = new StringWriter();
        var time = new StandingClock();
        var progress = new PlainProgress(writer, time);
        progress.Report(new LabProgress(LabPhase.Training, 0, 50));
        time.Advance(TimeSpan.FromSeconds(1));
        progress.Report(new LabProgress(LabPhase.Training, 10, 50, 1_000_000));
        time.Advance(TimeSpan.FromSeconds(4));
        progress.Report(new LabProgress(LabPhase.Training, 25, 50, 2_500_000));
        progress.Report(new LabProgress(LabPhase.Training, 26, 50, 2_600_000, "bank: N = 8192"));
        progress.Report(new LabProgress(LabPhase.Evaluation));
        Assert.Equal(
            [
                "[0:00] Training: tree 0 of 50",
                "[0:05] Training: tree 25 of 50, 2.50 MB, 0:05 left",
                "[0:05] bank: N = 8192",
                "[0:05] Evaluation",
            ],
            writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    private sealed class StandingClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
