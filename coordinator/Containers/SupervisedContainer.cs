using FedLab.Containers.Containers;
using FedLab.Proto;

namespace FedLab.Coordinator.Containers;

/// <summary>A participant's container and what became of it. Guarded by the supervisor's lock.</summary>
internal sealed class SupervisedContainer(ContainerParty party, string container, RestartBook restarts)
{
    public ContainerParty Party { get; } = party;

    /// <summary>Its name on the engine.</summary>
    public string Container { get; } = container;

    public RestartBook Restarts { get; } = restarts;

    /// <summary>Whether this coordinator's container is known to be in the institution's network: it may have been made anew since the participant's was.</summary>
    public bool IsJoined { get; set; }

    public ContainerCondition Condition { get; set; } = ContainerCondition.Starting;

    public ContainerHealth Health { get; set; }

    /// <summary>Why it is not as it should be; empty otherwise.</summary>
    public string Problem { get; set; } = "";

    public DateTimeOffset? Started { get; set; }

    /// <summary>When something is to be done about it; null: nothing is due.</summary>
    public DateTimeOffset? Due { get; set; }
}
