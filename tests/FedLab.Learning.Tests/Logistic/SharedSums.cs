namespace FedLab.Learning.Tests.LogisticRegression;

/// <summary>Several holders in one process: each round waits for all of them and checks that they ask for the same.</summary>
internal sealed class SharedSums(int holders)
{
    private readonly Lock _lock = new();
    private readonly List<long[]> _parts = [];
    private string _asked = "";
    private TaskCompletionSource<long[]> _round = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Name and sum of every round.</summary>
    public List<(string Round, long[] Sum)> Rounds { get; } = [];

    public ISummation Holder() => new HolderSums(this);

    private Task<long[]> AddAsync(string round, int count, long[] own)
    {
        lock (_lock)
        {
            var asked = $"{round} with {count} values";
            if (_parts.Count == 0)
                _asked = asked;
            if (asked != _asked || own.Length != count)
                throw new InvalidOperationException($"One holder asks for {asked} and has {own.Length}, another asks for {_asked}.");
            if (Array.Exists(own, value => Math.Abs(value) > 1L << FixedPoint.MagnitudeBits))
                throw new InvalidOperationException($"A value of {asked} is larger than announced.");
            _parts.Add(own);
            var current = _round;
            if (_parts.Count == holders)
            {
                var sum = new long[count];
                foreach (var part in _parts)
                {
                    for (var i = 0; i < count; i++)
                        sum[i] += part[i];
                }

                Rounds.Add((round, sum));
                _parts.Clear();
                _round = new(TaskCreationOptions.RunContinuationsAsynchronously);
                current.SetResult(sum);
            }

            return current.Task;
        }
    }

    private sealed class HolderSums(SharedSums shared) : ISummation
    {
        public async ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct) =>
            [.. await shared.AddAsync(round, count, own(ct)).WaitAsync(ct)];
    }
}

/// <summary>Sums that are known already, as after a restart.</summary>
internal sealed class KnownSums(IReadOnlyList<(string Round, long[] Sum)> rounds) : ISummation
{
    private int _next;

    public ValueTask<long[]> SumAsync(string round, int count, Func<CancellationToken, long[]> own, CancellationToken ct)
    {
        var (name, sum) = rounds[_next++];
        Assert.Equal(name, round);
        Assert.Equal(sum.Length, count);
        return ValueTask.FromResult<long[]>([.. sum]);
    }
}
