using System.Text.Json;
using FedLab.Federation.Channels;

namespace FedLab.Federation.Runs;

/// <summary>
/// Measures a run at one party: seconds and bytes by phase over all attempts, and tells the progress. The figures are kept in the
/// run's store, behind the work and not more often than once a second, so that an attempt that was killed counts but for its
/// last moment.
/// </summary>
internal sealed class RunMeter : IAsyncDisposable
{
    /// <summary>Name of the file in a run's store.</summary>
    public const string FileName = "meter.json";

    private static readonly TimeSpan SavePeriod = TimeSpan.FromSeconds(1);

    private readonly PartyRunContext _context;
    private readonly PartyChannel _channel;
    private readonly CheckpointWriter _writer;
    private readonly Figures _before;
    private readonly Dictionary<string, double> _seconds;
    private readonly Dictionary<string, long> _bytes;
    private string _phase = "start";
    private long _since;
    private long _saved;
    private long _bytesBefore;

    private RunMeter(PartyRunContext context, PartyChannel channel, Figures before)
    {
        (_context, _channel, _before) = (context, channel, before);
        _seconds = new(before.Seconds, StringComparer.Ordinal);
        _bytes = new(before.Bytes, StringComparer.Ordinal);
        _since = _saved = context.Time.GetTimestamp();
        _writer = new CheckpointWriter(context.Store, FileName, storedTrees: 0);
    }

    /// <summary>Number of attempts that the figures add up, this one included.</summary>
    public int Attempts => _before.Attempts + 1;

    /// <summary>Seconds by phase.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Payload bytes by phase, both directions, at this party.</summary>
    public IReadOnlyDictionary<string, long> Bytes => _bytes;

    /// <summary>Payload bytes by step, both directions, at this party.</summary>
    public IReadOnlyDictionary<string, long> BytesByStep => Sum(_before.BytesByStep, _channel.BytesByStep);

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
        _phase = phase;
        Report(0, total);
    }

    /// <summary>Closes the last phase.</summary>
    public void Close()
    {
        var now = _context.Time.GetTimestamp();
        var bytes = _channel.BytesSent + _channel.BytesReceived;
        _seconds[_phase] = _seconds.GetValueOrDefault(_phase) + _context.Time.GetElapsedTime(_since, now).TotalSeconds;
        _bytes[_phase] = _bytes.GetValueOrDefault(_phase) + bytes - _bytesBefore;
        (_since, _saved, _bytesBefore) = (now, now, bytes);
        _writer.Post(0, new Figures(Attempts, _seconds, _bytes, BytesByStep).ToBytes());
    }

    /// <summary>Tells how far the phase is.</summary>
    public void Report(int done, int total, string? detail = null)
    {
        if (_context.Time.GetElapsedTime(_saved) >= SavePeriod) Close();
        _context.Progress?.Report(new RunProgress(_phase, done, total, _channel.BytesSent, _channel.BytesReceived, detail));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Close();
        return _writer.DisposeAsync();
    }

    private static SortedDictionary<string, long> Sum(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> now)
    {
        var sum = new SortedDictionary<string, long>(before.ToDictionary(), StringComparer.Ordinal);
        foreach (var (step, bytes) in now) sum[step] = sum.GetValueOrDefault(step) + bytes;
        return sum;
    }

    /// <summary>What the store keeps between attempts.</summary>
    private sealed record Figures(int Attempts, IReadOnlyDictionary<string, double> Seconds, IReadOnlyDictionary<string, long> Bytes, IReadOnlyDictionary<string, long> BytesByStep)
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
