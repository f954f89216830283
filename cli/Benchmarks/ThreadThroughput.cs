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
    /// Measures in turn one thread, whichever of them, and all of them, on the operation and on arithmetic in registers, and takes the best of each:
    /// what another program takes from a processor now and then is not the operation's doing.
    /// </summary>
    /// <param name="actions">What each thread does; nothing that they write to is shared.</param>
    /// <param name="window">Time of one measurement.</param>
    /// <param name="repetitions">Measurements of each kind.</param>
    /// <param name="cancellationToken">Stops between measurements.</param>
    /// <returns>The operation's throughput, and that of the arithmetic: what the machine had to give.</returns>
    public static (ThreadThroughput Own, ThreadThroughput Ceiling) Measure(IReadOnlyList<Action> actions, TimeSpan window, int repetitions, CancellationToken cancellationToken)
    {
        Action[] spins = [.. Enumerable.Repeat<Action>(Spin, actions.Count)];
        var own = new ThreadThroughput(0, 0);
        var ceiling = own;
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            own = own.Best(Rate([actions[repetition % actions.Count]], window), Rate(actions, window));
            ceiling = ceiling.Best(Rate([Spin], window / 2), Rate(spins, window / 2));
        }
        return (own, ceiling);
    }

    private ThreadThroughput Best(double one, double all) => new(Math.Max(One, one), Math.Max(All, all));

    /// <summary>Touches no memory: whatever keeps two threads of it from twice the throughput of one is not contention.</summary>
    private static void Spin()
    {
        const int steps = 20_000;
        var state = (ulong)Environment.CurrentManagedThreadId;
        for (var step = 0; step < steps; step++)
            state = (state * 6364136223846793005) + 1442695040888963407;

        // Without a use of the result the loop would be left out.
        if (state == 0) Thread.SpinWait(1);
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
