namespace FedLab.Client.Plans;

/// <summary>What a lab on this machine is made from, whichever federation it is for.</summary>
public interface ILabPlan
{
    /// <summary>The institutions in the order of the specification.</summary>
    IReadOnlyList<PartyFile> Parties { get; }

    /// <summary>Smallest number of rows on either side of a source's split.</summary>
    int MinimumCohort { get; }

    /// <summary>Port of the coordinator; null for a free one.</summary>
    int? Port { get; }

    /// <summary>Whether the institutions' policies allow by name that each of two banks learns the other's sums by subtraction.</summary>
    bool AllowsTwoBanks => false;

    /// <summary>Whether the institutions' policies allow keys of which some banks' parts suffice.</summary>
    bool AllowsThresholdKeys => false;
}
