using FedLab.Coordinator.Containers;

namespace FedLab.Coordinator.Tests;

public sealed class RestartBookTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void A_program_that_ends_again_and_again_is_started_after_ever_longer_pauses_and_then_given_up()
    {
        var book = new RestartBook(5, TimeSpan.FromMinutes(10));
        var now = Start;
        foreach (var pause in (int[])[0, 1, 2, 4, 8])
        {
            var ended = now;
            if (pause > 0)
            {
                Assert.Equal(RestartAdvice.Wait, book.Advise(ended, now, out var due));
                Assert.Equal(ended.AddSeconds(pause), due);
                now = due;
            }
            Assert.Equal(RestartAdvice.Start, book.Advise(ended, now, out _));
            book.Started(now);
            now = now.AddSeconds(1);
        }
        Assert.Equal(RestartAdvice.GiveUp, book.Advise(now, now, out _));
        // It does not come back by itself, however long one waits; a person can bring it back.
        Assert.Equal(RestartAdvice.GiveUp, book.Advise(now, now.AddDays(1), out _));
        book.Forgive();
        Assert.Equal(RestartAdvice.Start, book.Advise(now, now.AddDays(1), out _));
        Assert.Equal(5, book.Count);
    }

    [Fact]
    public void A_program_that_ends_now_and_then_is_started_for_ever()
    {
        var book = new RestartBook(3, TimeSpan.FromMinutes(10));
        for (var time = 0; time < 100; time++)
        {
            var ended = Start.AddMinutes(11 * time);
            Assert.Equal(RestartAdvice.Start, book.Advise(ended, ended, out _));
            book.Started(ended);
        }
        Assert.Equal(100, book.Count);
    }

    [Fact]
    public void A_clock_that_was_set_back_makes_nobody_wait_longer_than_the_pause()
    {
        var book = new RestartBook(5, TimeSpan.FromMinutes(10));
        book.Started(Start);
        Assert.Equal(RestartAdvice.Wait, book.Advise(Start.AddHours(5), Start, out var due));
        Assert.Equal(Start.AddSeconds(1), due);
    }

    [Fact]
    public void Without_restarts_it_is_given_up_at_once() => Assert.Equal(RestartAdvice.GiveUp, new RestartBook(0, TimeSpan.FromMinutes(1)).Advise(Start, Start, out _));
}
