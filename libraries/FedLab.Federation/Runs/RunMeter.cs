using FedLab.Federation.Channels;

namespace FedLab.Federation.Runs;

/// <summary>Measures a run at one party: seconds and bytes by phase, and tells the progress.</summary>
/// <param name="context">The attempt.</param>
/// <param name="channel">Where the bytes are counted.</param>
internal sealed class RunMeter(PartyRunContext context, PartyChannel channel)
{
    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _bytes = new(StringComparer.Ordinal);
    private string _phase = "start";
    private long _since = context.Time.GetTimestamp();
    private long _bytesBefore;

    /// <summary>Seconds by phase.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Payload bytes by phase, both directions, at this party.</summary>
    public IReadOnlyDictionary<string, long> Bytes => _bytes;

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
        var now = context.Time.GetTimestamp();
        var bytes = channel.BytesSent + channel.BytesReceived;
        _seconds[_phase] = _seconds.GetValueOrDefault(_phase) + context.Time.GetElapsedTime(_since, now).TotalSeconds;
        _bytes[_phase] = _bytes.GetValueOrDefault(_phase) + bytes - _bytesBefore;
        (_since, _bytesBefore) = (now, bytes);
    }

    /// <summary>Tells how far the phase is.</summary>
    public void Report(int done, int total, string? detail = null) => context.Progress?.Report(new RunProgress(_phase, done, total, channel.BytesSent, channel.BytesReceived, detail));
}
