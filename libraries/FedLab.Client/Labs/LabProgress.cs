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

    /// <summary>The parties find the enterprises that they share.</summary>
    Alignment,

    /// <summary>Trees are trained on encrypted gradients.</summary>
    Training,

    /// <summary>The held-out rows are scored.</summary>
    Evaluation,

    /// <summary>The manifest is signed by all.</summary>
    Publication,

    /// <summary>New rows are scored.</summary>
    Scoring,

    /// <summary>Bank-only and pooled models are trained from the files, for comparison.</summary>
    Comparison,

    /// <summary>The audit trail is collected and verified.</summary>
    Audit,
}

/// <summary>How far a simulation is.</summary>
/// <param name="Phase">What is going on.</param>
/// <param name="Done">Units done in the phase, such as trees.</param>
/// <param name="Total">Units in all; 0 when unknown.</param>
/// <param name="Bytes">Payload bytes that all parties have sent in the run so far.</param>
/// <param name="Detail">A line for the log, or null.</param>
public sealed record LabProgress(LabPhase Phase, long Done = 0, long Total = 0, long Bytes = 0, string? Detail = null)
{
    /// <summary>The phase of a role's progress report, or null for a name that is not known.</summary>
    /// <param name="name">Name of the phase in the protocol.</param>
    public static LabPhase? PhaseOf(string name) => name switch
    {
        "alignment" => LabPhase.Alignment,
        "training" => LabPhase.Training,
        "evaluation" => LabPhase.Evaluation,
        "publication" => LabPhase.Publication,
        "scoring" => LabPhase.Scoring,
        _ => null,
    };
}
