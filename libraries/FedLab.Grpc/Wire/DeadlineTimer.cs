namespace Grpc.Wire;

/// <summary>Calls back once when a time has passed, however long: timers alone reach only 49 days.</summary>
internal sealed class DeadlineTimer : IDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TimeSpan _timeout;
    private readonly Action _callback;
    private readonly ITimer _timer;

    public DeadlineTimer(TimeProvider time, TimeSpan timeout, Action callback)
    {
        _time = time;
        _start = time.GetTimestamp();
        _timeout = timeout;
        _callback = callback;
        _timer = time.CreateTimer(static state => ((DeadlineTimer)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(timeout);
    }

    public void Dispose() => _timer.Dispose();

    private void Arm(TimeSpan left)
    {
        // Rounded up to whole milliseconds, the timer's resolution, so that it does not fire early and spin.
        var wait = left < LongestTimer ? TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(left.TotalMilliseconds))) : LongestTimer;
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Tick()
    {
        var left = _timeout - _time.GetElapsedTime(_start);
        if (left > TimeSpan.Zero) Arm(left);
        else _callback();
    }
}
