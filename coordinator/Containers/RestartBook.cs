namespace FedLab.Coordinator.Containers;

/// <summary>What is to be done about a program that has ended.</summary>
internal enum RestartAdvice
{
    /// <summary>Start it now.</summary>
    Start,

    /// <summary>Start it later.</summary>
    Wait,

    /// <summary>Leave it: it ended too often.</summary>
    GiveUp,
}

/// <summary>
/// When a container whose program ended is started again: at once the first time, then after 1, 2, 4 … seconds, at most 30, and
/// no more once it ended more than <paramref name="limit"/> times within <paramref name="window"/>. Time heals: what lies
/// further back does not count.
/// </summary>
/// <param name="limit">Largest number of restarts within the window.</param>
/// <param name="window">The time within which they count.</param>
internal sealed class RestartBook(int limit, TimeSpan window)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Queue<DateTimeOffset> _starts = new();
    private bool _givenUp;

    /// <summary>Restarts in all.</summary>
    public int Count { get; private set; }

    /// <summary>Advises what to do with a program that has ended.</summary>
    /// <param name="ended">When it ended.</param>
    /// <param name="now">The time.</param>
    /// <param name="due">When it is to be started, for <see cref="RestartAdvice.Wait"/>.</param>
    public RestartAdvice Advise(DateTimeOffset ended, DateTimeOffset now, out DateTimeOffset due)
    {
        due = now;
        while (_starts.TryPeek(out var oldest) && now - oldest > window && !_givenUp) _starts.Dequeue();
        _givenUp |= _starts.Count >= limit;
        if (_givenUp) return RestartAdvice.GiveUp;
        var pause = _starts.Count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, _starts.Count - 1)));
        // A clock that was set back must not make it wait longer than the pause.
        due = (ended < now ? ended : now) + pause;
        return due <= now ? RestartAdvice.Start : RestartAdvice.Wait;
    }

    /// <summary>It was started again.</summary>
    /// <param name="now">The time.</param>
    public void Started(DateTimeOffset now)
    {
        _starts.Enqueue(now);
        Count++;
    }

    /// <summary>A person asked for it: what was before is forgotten.</summary>
    public void Forgive()
    {
        _starts.Clear();
        _givenUp = false;
    }
}
