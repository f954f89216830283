using FsCheck.Fluent;
using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class TimeoutTextTests
{
    [Theory]
    [InlineData(1L, "1u")]
    [InlineData(10L, "1u")]
    [InlineData(11L, "2u")]
    [InlineData(999_999_990L, "99999999u")]
    [InlineData(1_000_000_000L, "100000m")]
    [InlineData(TimeSpan.TicksPerDay, "86400000m")]
    [InlineData(2 * TimeSpan.TicksPerDay, "172800S")]
    [InlineData(long.MaxValue, "99999999H")]
    public void The_finest_unit_that_fits_eight_digits_is_used_and_rounded_up(long ticks, string expected) =>
        Assert.Equal(expected, TimeoutText.Format(TimeSpan.FromTicks(ticks)));

    [Theory]
    [InlineData("1H", TimeSpan.TicksPerHour)]
    [InlineData("2M", 2 * TimeSpan.TicksPerMinute)]
    [InlineData("3S", 3 * TimeSpan.TicksPerSecond)]
    [InlineData("4m", 4 * TimeSpan.TicksPerMillisecond)]
    [InlineData("5u", 5 * TimeSpan.TicksPerMicrosecond)]
    [InlineData("600n", 6L)]
    [InlineData("99999999H", 99_999_999 * TimeSpan.TicksPerHour)]
    public void Every_unit_is_read(string text, long ticks)
    {
        Assert.True(TimeoutText.TryParse(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Fact]
    public void A_timeout_never_becomes_shorter_on_its_way() =>
        Prop.ForAll<long>(seed =>
        {
            var ticks = (seed & long.MaxValue) >> (int)(seed & 31);
            var sent = TimeSpan.FromTicks(Math.Clamp(ticks, 1, 99_999_999 * TimeSpan.TicksPerHour));
            return TimeoutText.Format(sent).Length <= 9 && TimeoutText.TryParse(TimeoutText.Format(sent), out var received) && received >= sent;
        }).Search();
}
