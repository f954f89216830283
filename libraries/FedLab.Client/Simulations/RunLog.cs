using FedLab.Client.Labs;

namespace FedLab.Client.Simulations;

/// <summary>Keeps every detail of a run in <see cref="LabWorkspace.LogFile"/> and hands progress on.</summary>
internal sealed class RunLog : IProgress<LabProgress>, IDisposable
{
    private readonly IProgress<LabProgress> _next;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly StreamWriter _writer;
    private LabPhase? _phase;

    /// <summary>Opens the log.</summary>
    /// <param name="workspace">The run's folder.</param>
    /// <param name="next">Who else is told.</param>
    /// <param name="time">Clock.</param>
    public RunLog(LabWorkspace workspace, IProgress<LabProgress> next, TimeProvider time)
    {
        _next = next;
        _time = time;
        _writer = new StreamWriter(workspace.LogFile, append: true) { AutoFlush = true };
    }

    /// <inheritdoc/>
    public void Report(LabProgress value)
    {
        lock (_lock)
        {
            if (_phase != value.Phase)
            {
                _phase = value.Phase;
                Write(value.Phase.ToString());
            }
            if (value.Detail is { } detail) Write(detail);
        }
        _next.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) _writer.Dispose();
    }

    private void Write(string line) => _writer.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {line}"));
}
