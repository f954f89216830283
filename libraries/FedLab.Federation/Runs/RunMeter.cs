using System.Diagnostics;
using System.Text.Json;
using FedLab.Federation.Channels;

namespace FedLab.Federation.Runs;

/// <summary>
/// Measures a run at one party: seconds and bytes by phase over all attempts and, where the party knows it, the loss by round; and tells the progress, of which the
/// loss is no part: it stays with the party. The figures are kept in the
/// run's store, behind the work and not more often than once a second, so that an attempt that was killed counts but for its
/// last moment.
/// </summary>
internal sealed class RunMeter : IAsyncDisposable
{
    /// <summary>Name of the file in a run's store.</summary>
    public const string FileName = RunFigures.FileName;

    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);

    private readonly PartyRunContext _context;
    private readonly PartyChannel _channel;
    private readonly CheckpointWriter _writer;
    private readonly Figures _before;
    private readonly Dictionary<string, double> _seconds;
    private readonly Dictionary<string, long> _bytes;
    private readonly List<double?> _losses;
    private SortedDictionary<string, long> _steps;
    private string _phase = "start";
    private long _since;
    private long _saved;
    private long _bytesBefore;
    private readonly ActivityContext _attempt = Activity.Current?.Context ?? default;
    private Activity? _trace;
    private long _phaseSince;
    private int _done;

    private RunMeter(PartyRunContext context, PartyChannel channel, Figures before)
    {
        (_context, _channel, _before) = (context, channel, before);
        _seconds = new(before.Seconds, StringComparer.Ordinal);
        _bytes = new(before.Bytes, StringComparer.Ordinal);
        _losses = [.. before.Losses ?? []];
        _steps = new(before.BytesByStep.ToDictionary(), StringComparer.Ordinal);
        _since = _saved = _phaseSince = context.Time.GetTimestamp();
        _writer = new CheckpointWriter(context.Store, FileName, storedTrees: 0);
    }

    /// <summary>Number of attempts that the figures add up, this one included.</summary>
    public int Attempts => _before.Attempts + 1;

    /// <summary>Seconds by phase.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Payload bytes by phase, both directions, at this party.</summary>
    public IReadOnlyDictionary<string, long> Bytes => _bytes;

    /// <summary>Payload bytes by step, both directions, at this party; as of the same moment as <see cref="Bytes"/>, so that the two add up to the same.</summary>
    public IReadOnlyDictionary<string, long> BytesByStep => _steps;

    /// <summary>Mean log loss after each round, over all attempts; null for a round whose figure was lost with its attempt, empty at a party that does not know it.</summary>
    public IReadOnlyList<double?> Losses => _losses;

    /// <summary>Starts to measure an attempt, from the figures of the attempts before it.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="channel">Where the bytes are counted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<RunMeter> OpenAsync(PartyRunContext context, PartyChannel channel, CancellationToken cancellationToken) =>
        new(context, channel, Figures.Parse(await context.Store.LoadAsync(FileName, cancellationToken).ConfigureAwait(false)));

    /// <summary>Starts a phase and closes the one before.</summary>
    public void Phase(string phase, int total = 0)
    {
        Close();
        EndTrace();
        (_phase, _done) = (phase, 0);
        _trace = RunTelemetry.Phase(phase, _attempt);
        Report(0, total);
    }

    /// <summary>Closes the last phase.</summary>
    public void Close()
    {
        var now = _context.Time.GetTimestamp();
        // Messages arrive meanwhile: what is counted by step is what is counted.
        var steps = _channel.CountBytesByStep();
        var bytes = steps.Sum(step => step.Value);
        _steps = Sum(_before.BytesByStep, steps);
        _seconds[_phase] = _seconds.GetValueOrDefault(_phase) + _context.Time.GetElapsedTime(_since, now).TotalSeconds;
        _bytes[_phase] = _bytes.GetValueOrDefault(_phase) + bytes - _bytesBefore;
        (_since, _saved, _bytesBefore) = (now, now, bytes);
        _writer.Post(0, new Figures(Attempts, _seconds, _bytes, BytesByStep, [.. _losses]).ToBytes());
    }

    /// <summary>Remembers the loss after a round; those of later rounds, of an attempt that went further than its checkpoints, are forgotten.</summary>
    /// <param name="round">Number of the round, from 1.</param>
    /// <param name="loss">Mean log loss of the rows that this party knows the label and the score of.</param>
    public void Loss(int round, double loss)
    {
        if (_losses.Count >= round) _losses.RemoveRange(round - 1, _losses.Count - round + 1);
        while (_losses.Count < round - 1) _losses.Add(null);
        _losses.Add(loss);
    }

    /// <summary>Tells how far the phase is.</summary>
    public void Report(int done, int total, string? detail = null)
    {
        if (_context.Time.GetElapsedTime(_saved) >= SavePeriod) Close();
        if (total > 0) RunTelemetry.RoundsDone(_phase, done - _done);
        _done = done;
        _context.Progress?.Report(new RunProgress(_phase, done, total, _channel.BytesSent, _channel.BytesReceived, detail));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Close();
        EndTrace();
        return _writer.DisposeAsync();
    }

    private void EndTrace()
    {
        var now = _context.Time.GetTimestamp();
        RunTelemetry.PhaseEnded(_phase, _context.Time.GetElapsedTime(_phaseSince, now).TotalSeconds);
        _phaseSince = now;
        _trace?.Dispose();
        _trace = null;
    }

    private static SortedDictionary<string, long> Sum(IReadOnlyDictionary<string, long> before, IEnumerable<KeyValuePair<string, long>> now)
    {
        var sum = new SortedDictionary<string, long>(before.ToDictionary(), StringComparer.Ordinal);
        foreach (var (step, bytes) in now) sum[step] = sum.GetValueOrDefault(step) + bytes;
        return sum;
    }

    /// <summary>What the store keeps between attempts.</summary>
    private sealed record Figures(int Attempts, IReadOnlyDictionary<string, double> Seconds, IReadOnlyDictionary<string, long> Bytes, IReadOnlyDictionary<string, long> BytesByStep, IReadOnlyList<double?>? Losses = null)
    {
        private static readonly Figures None = new(0, new Dictionary<string, double>(StringComparer.Ordinal), new Dictionary<string, long>(StringComparer.Ordinal), new Dictionary<string, long>(StringComparer.Ordinal));

        public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

        /// <summary>Figures are told, not used: where the file is damaged they start anew.</summary>
        public static Figures Parse(byte[]? content)
        {
            try
            {
                return content is not null && JsonSerializer.Deserialize<Figures>(content) is { Seconds: not null, Bytes: not null, BytesByStep: not null } read ? read : None;
            }
            catch (JsonException)
            {
                return None;
            }
        }
    }
}
