using System.Diagnostics;

namespace FedLab.Cli.Benchmarks;

/// <summary>Operations a second of one thread and of several on objects of their own.</summary>
/// <param name="One">Of one thread.</param>
/// <param name="All">Of all threads together.</param>
internal sealed record ThreadThroughput(double One, double All)
{
    /// <summary>How many times as much all threads do: at best their number.</summary>
    public double Ratio => All / One;

    /// <summary>
    /// Measures alternately one thread, whichever of them, and all of them, and takes the best of each: what another program takes from a
    /// processor now and then is not the operation's doing.
    /// </summary>
    /// <param name="actions">What each thread does; nothing that they write to is shared.</param>
    /// <param name="window">Time of one measurement.</param>
    /// <param name="repetitions">Measurements of each kind.</param>
    /// <param name="cancellationToken">Stops between measurements.</param>
    public static ThreadThroughput Measure(IReadOnlyList<Action> actions, TimeSpan window, int repetitions, CancellationToken cancellationToken)
    {
        var (one, all) = (0.0, 0.0);
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            one = Math.Max(one, Rate([actions[repetition % actions.Count]], window));
            all = Math.Max(all, Rate(actions, window));
        }
        return new ThreadThroughput(one, all);
    }

    private static double Rate(IReadOnlyList<Action> actions, TimeSpan window)
    {
        var rates = new double[actions.Count];
        using var start = new Barrier(actions.Count);
        var threads = actions.Select((action, index) => new Thread(() => rates[index] = Repeat(action, window, start)) { IsBackground = true }).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return rates.Sum();
    }

    private static double Repeat(Action action, TimeSpan window, Barrier start)
    {
        action();
        start.SignalAndWait();
        var began = Stopwatch.GetTimestamp();
        var count = 0;
        TimeSpan elapsed;
        do
        {
            action();
            count++;
            elapsed = Stopwatch.GetElapsedTime(began);
        }
        while (elapsed < window);
        return count / elapsed.TotalSeconds;
    }
}
