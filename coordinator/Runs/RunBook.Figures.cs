namespace FedLab.Coordinator.Runs;

/// <summary>How the lab is at a moment, for monitoring.</summary>
/// <param name="OpenRuns">Runs that have not ended.</param>
/// <param name="Parties">For each party whether it is connected, and the payload bytes on their way to it.</param>
internal sealed record LabFigures(int OpenRuns, IReadOnlyList<(string Name, bool IsConnected, long QueuedBytes)> Parties);

// What monitoring asks.
internal sealed partial class RunBook
{
    /// <summary>How the lab is now.</summary>
    public LabFigures Figures()
    {
        lock (_gate)
        {
            return new LabFigures(_runs.Values.Count(run => !run.HasEnded), [.. _parties.Values.Select(presence => (presence.Session.Name, presence.IsConnected, presence.Session.Outbox.Budget.Used))]);
        }
    }
}
