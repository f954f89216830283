using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;

namespace FedLab.Coordinator.Runs;

/// <summary>A party of the lab and whether it is connected. Guarded by the book's lock.</summary>
internal sealed class PartyPresence(PartySession session, StoredParty? seen)
{
    public PartySession Session { get; } = session;

    public bool IsConnected { get; set; }

    /// <summary>When it connected or was lost; null when this process has not seen it.</summary>
    public DateTimeOffset? Since { get; set; }

    public string CosigningKey { get; set; } = seen?.CosigningKey ?? "";

    public string Software { get; set; } = seen?.Software ?? "";
}
