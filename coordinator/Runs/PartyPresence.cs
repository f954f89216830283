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

    /// <summary>Whether it was put out of the lab.</summary>
    public bool IsOut { get; set; }

    public string CosigningKey { get; set; } = seen?.CosigningKey ?? "";

    /// <summary>What it has published; null when that is nothing.</summary>
    public PublishedCatalogue? Catalogue { get; set; }

    /// <summary>The rule by which its last catalogue was refused; empty when it was taken.</summary>
    public string CatalogueRefusal { get; set; } = "";

    /// <summary>How often it has changed its catalogue since <see cref="CatalogueChangesSince"/>.</summary>
    public int CatalogueChanges { get; set; }

    public DateTimeOffset CatalogueChangesSince { get; set; }

    public string Software { get; set; } = seen?.Software ?? "";
}
