using System.Collections.Concurrent;

namespace FedLab.Learning.Tests.Trees;

/// <summary>Several holders of rows in one process: each runs the learner as a task of its own, and a round's sum is there when all have given theirs.</summary>
internal sealed class Holders(int count, SumCapacity capacity)
{
    private readonly ConcurrentDictionary<string, Round> _rounds = new(StringComparer.Ordinal);

    /// <summary>The sums of every round so far, by its name.</summary>
    public Dictionary<string, long[]> Known => _rounds.ToDictionary(pair => pair.Key, pair => pair.Value.Sum, StringComparer.Ordinal);

    /// <summary>Runs the learner of every holder to its end; a failure of one ends all.</summary>
    public T[] Run<T>(Func<int, ISummation, CancellationToken, Task<T>> learner)
    {
        using var failure = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        return Task.WhenAll(Enumerable.Range(0, count).Select(holder => Task.Run(async () =>
        {
            try
            {
                return await learner(holder, new Sums(this), failure.Token);
            }
            catch
            {
                await failure.CancelAsync();
                throw;
            }
        }))).GetAwaiter().GetResult();
    }

    private sealed class Sums(Holders holders) : ISummation
    {
        public async ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct)
        {
            var values = own(ct);
            Assert.Equal(count, values.Length);
            var bound = 1L << holders.Capacity.MagnitudeBits;
            Assert.True(Array.TrueForAll(values, value => value >= -bound && value <= bound), $"Round {round} has a value that the capacity does not allow.");
            var shared = holders._rounds.GetOrAdd(round, _ => new Round(count, holders.Count));
            shared.Add(values);
            await shared.Done.WaitAsync(ct);
            return [.. shared.Sum];
        }
    }

    private int Count => count;

    private SumCapacity Capacity => capacity;

    private sealed class Round(int length, int holders)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _waiting = holders;

        public long[] Sum { get; } = new long[length];

        public Task Done => _done.Task;

        public void Add(long[] values)
        {
            lock (Sum)
            {
                Assert.Equal(Sum.Length, values.Length);
                for (var i = 0; i < values.Length; i++)
                    Sum[i] += values[i];
                if (--_waiting == 0)
                    _done.SetResult();
            }
        }
    }
}

/// <summary>Sums that are known already, as after a restart: nobody's own values are asked for.</summary>
internal sealed class KnownSums(IReadOnlyDictionary<string, long[]> known) : ISummation
{
    public ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct)
    {
        Assert.Equal(count, known[round].Length);
        return ValueTask.FromResult<long[]>([.. known[round]]);
    }
}

/// <summary>Own sums that a test changes on the way, as a faulty holder would.</summary>
internal sealed class ChangedSums(Func<string, long[], long[]> change) : ISummation
{
    public ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct) =>
        ValueTask.FromResult(change(round, own(ct)));
}
