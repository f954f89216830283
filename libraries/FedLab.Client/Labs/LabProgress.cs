namespace FedLab.Client.Labs;

/// <summary>What is going on, in the order in which it happens.</summary>
public enum LabPhase
{
    /// <summary>The demo's files are generated.</summary>
    Generating,

    /// <summary>The files are read and checked.</summary>
    Reading,

    /// <summary>Keys are made and processes started.</summary>
    Starting,

    /// <summary>The institutions consider the proposal.</summary>
    Deciding,

    /// <summary>All have approved; some are not connected yet.</summary>
    Gathering,

    /// <summary>The parties find the enterprises that they share.</summary>
    Alignment,

    /// <summary>The banks agree on the collective key.</summary>
    Keys,

    /// <summary>The model is trained on encrypted gradients.</summary>
    Training,

    /// <summary>The held-out rows are scored.</summary>
    Evaluation,

    /// <summary>The manifest is signed by all.</summary>
    Publication,

    /// <summary>New rows are scored.</summary>
    Scoring,

    /// <summary>Models of one institution's rows or columns alone, and of all in one place, are trained for comparison.</summary>
    Comparison,

    /// <summary>The audit trail is collected and verified.</summary>
    Audit,
}

/// <summary>What an institution does in a run right now.</summary>
public enum PartyState
{
    /// <summary>It has not decided on the proposal.</summary>
    Undecided,

    /// <summary>It does not take part.</summary>
    Refused,

    /// <summary>It takes part and waits for the others.</summary>
    Approved,

    /// <summary>It is not connected.</summary>
    Away,

    /// <summary>It computes.</summary>
    Working,

    /// <summary>Its part is done.</summary>
    Finished,

    /// <summary>It has left a run between banks, which goes on without it.</summary>
    Left,
}

/// <summary>How far an institution is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What it does.</param>
/// <param name="Phase">In which phase, while it works.</param>
/// <param name="Done">Units done in the phase.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Reason">Why it refused; empty otherwise.</param>
public sealed record PartyProgress(string Name, PartyState State, LabPhase? Phase = null, long Done = 0, long Total = 0, string Reason = "")
{
    /// <summary>Whether the run waits for it.</summary>
    public bool IsAwaited => State is PartyState.Undecided or PartyState.Away;
}

/// <summary>How far a run is.</summary>
/// <param name="Phase">What is going on.</param>
/// <param name="Done">Units done in the phase, such as trees.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Bytes">Payload bytes that all parties have sent in the run so far.</param>
/// <param name="Detail">A line for the log, or null.</param>
/// <param name="Parties">How far each institution is, in a lab whose institutions are not this person's; null otherwise.</param>
public sealed record LabProgress(LabPhase Phase, long Done = 0, long Total = 0, long Bytes = 0, string? Detail = null, IReadOnlyList<PartyProgress>? Parties = null)
{
    /// <summary>Names of the institutions that the run waits for.</summary>
    public IEnumerable<string> Awaited => (Parties ?? []).Where(party => party.IsAwaited).Select(party => party.Name);

    /// <summary>The phase of a role's progress report, or null for a name that is not known.</summary>
    /// <param name="name">Name of the phase in the protocol.</param>
    public static LabPhase? PhaseOf(string name) => name switch
    {
        "alignment" => LabPhase.Alignment,
        "keys" => LabPhase.Keys,
        "training" => LabPhase.Training,
        "evaluation" => LabPhase.Evaluation,
        "publication" => LabPhase.Publication,
        "comparison" => LabPhase.Comparison,
        "scoring" => LabPhase.Scoring,
        _ => null,
    };
}
