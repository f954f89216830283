using FedLab.Client.Labs;
using FedLab.Client.Resources;
using FedLab.Client.Simulations;

namespace FedLab.Client.Wording;

/// <summary>Progress in words.</summary>
public static class PhaseText
{
    /// <summary>Name of a phase.</summary>
    /// <param name="phase">The phase.</param>
    public static string Name(LabPhase phase) => phase switch
    {
        LabPhase.Generating => Words.PhaseGenerating,
        LabPhase.Reading => Words.PhaseReading,
        LabPhase.Starting => Words.PhaseStarting,
        LabPhase.Deciding => Words.PhaseDeciding,
        LabPhase.Gathering => Words.PhaseGathering,
        LabPhase.Alignment => Words.PhaseAlignment,
        LabPhase.Keys => Words.PhaseKeys,
        LabPhase.Training => Words.PhaseTraining,
        LabPhase.Evaluation => Words.PhaseEvaluation,
        LabPhase.Publication => Words.PhasePublication,
        LabPhase.Scoring => Words.PhaseScoring,
        LabPhase.Comparison => Words.PhaseComparison,
        LabPhase.Audit => Words.PhaseAudit,
        _ => phase.ToString(),
    };

    /// <summary>Name of a phase as the protocol calls it; a name that is none of the protocol's stays as it is.</summary>
    /// <param name="phase">Name in the protocol, such as <c>training</c>.</param>
    public static string Name(string phase) => phase == PhaseBytes.Start ? Words.PhaseStarting : LabProgress.PhaseOf(phase) is { } known ? Name(known) : phase;

    /// <summary>How far a phase is, such as "tree 17 of 50"; empty when it has no units.</summary>
    /// <param name="progress">The progress.</param>
    public static string Units(LabProgress progress)
    {
        // Nobody knows how many steps a regression takes.
        if (progress.Total <= 0) return progress is { Done: > 0, Phase: LabPhase.Training or LabPhase.Comparison } ? Words.StepNumber(Formats.Count(progress.Done)) : "";
        // Files are measured in bytes, everything else in things.
        var (done, total) = progress.Phase == LabPhase.Reading
            ? (Formats.Bytes(progress.Done), Formats.Bytes(progress.Total))
            : (Formats.Count(progress.Done), Formats.Count(progress.Total));
        return progress.Phase == LabPhase.Training ? Words.TreeOf(done, total) : Words.StepOf(done, total);
    }

    /// <summary>What an institution does, such as "Training, tree 17 of 50".</summary>
    /// <param name="party">The institution.</param>
    public static string State(PartyProgress party) => party.State switch
    {
        PartyState.Undecided => Words.StateUndecided,
        PartyState.Refused => party.Reason.Length > 0 ? Words.StateRefusedBecause(party.Reason) : Words.StateRefused,
        PartyState.Approved => Words.StateApproved,
        PartyState.Away => Words.StateAway,
        PartyState.Finished => Words.StateFinished,
        PartyState.Left => Words.StateLeft,
        _ when party.Phase is { } phase => Units(new LabProgress(phase, party.Done, party.Total)) is { Length: > 0 } units ? $"{Name(phase)}, {units}" : Name(phase),
        _ => "",
    };

    /// <summary>For whom a run waits; null for nobody.</summary>
    /// <param name="progress">The progress.</param>
    public static string? Awaited(LabProgress progress) => progress.Awaited.ToArray() is { Length: > 0 } names ? Words.WaitsFor(string.Join(", ", names)) : null;

    /// <summary>A time left in words, such as "0:12 left".</summary>
    /// <param name="left">The time.</param>
    public static string Left(TimeSpan left) => Words.TimeLeft(Formats.Clock(left));

    /// <summary>An estimate of the time left, or null when nothing can be said yet.</summary>
    /// <param name="progress">The progress.</param>
    /// <param name="elapsed">Time since the phase began.</param>
    public static TimeSpan? TimeLeft(LabProgress progress, TimeSpan elapsed) =>
        progress.Done > 0 && progress.Total > progress.Done ? elapsed / progress.Done * (progress.Total - progress.Done) : null;
}
