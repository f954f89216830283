using FedLab.Client.Labs;

namespace FedLab.Cli.Display;

/// <summary>Progress as lines of text, for logs: one when a phase begins or the run waits for others, one every few seconds, every detail, and one for each institution that begins something else.</summary>
/// <param name="writer">Where to: standard error.</param>
/// <param name="time">Clock.</param>
internal sealed class PlainProgress(TextWriter writer, TimeProvider time) : IProgressView, IProgress<LabProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (PartyState State, LabPhase? Phase)> _parties = new(StringComparer.Ordinal);
    private readonly long _started = time.GetTimestamp();
    private LabPhase? _phase;
    private long _phaseStarted;
    private long _lastLine;
    private string? _awaited;

    /// <inheritdoc/>
    public Task<T> ShowAsync<T>(Func<IProgress<LabProgress>, Task<T>> work) => work(this);

    /// <inheritdoc/>
    public void Report(LabProgress value)
    {
        lock (_lock)
        {
            if (value.Detail is { } detail) Write(detail);
            foreach (var party in value.Parties ?? [])
            {
                if (_parties.TryGetValue(party.Name, out var before) && before == (party.State, party.Phase)) continue;
                _parties[party.Name] = (party.State, party.Phase);
                Write($"{party.Name}: {PhaseText.State(party)}");
            }
            var now = time.GetTimestamp();
            var awaited = PhaseText.Awaited(value);
            var otherwise = awaited != _awaited;
            _awaited = awaited;
            if (_phase != value.Phase)
            {
                _phase = value.Phase;
                _phaseStarted = now;
            }
            else if (!otherwise && time.GetElapsedTime(_lastLine, now) < Interval)
            {
                return;
            }
            _lastLine = now;
            Write(Line(value, time.GetElapsedTime(_phaseStarted, now)));
        }
    }

    private static string Line(LabProgress progress, TimeSpan elapsed)
    {
        var parts = new List<string>(3);
        if (PhaseText.Units(progress) is { Length: > 0 } units) parts.Add(units);
        if (progress.Bytes > 0) parts.Add(Formats.Bytes(progress.Bytes));
        if (PhaseText.TimeLeft(progress, elapsed) is { } left) parts.Add(PhaseText.Left(left));
        if (PhaseText.Awaited(progress) is { } awaited) parts.Add(awaited);
        var name = PhaseText.Name(progress.Phase);
        return parts.Count == 0 ? name : $"{name}: {string.Join(", ", parts)}";
    }

    private void Write(string line) => writer.WriteLine($"[{Formats.Clock(time.GetElapsedTime(_started))}] {line}");
}
