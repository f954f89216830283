using FedLab.Cli.Resources;
using FedLab.Client.Labs;

namespace FedLab.Cli.Display;

/// <summary>Progress in words.</summary>
internal static class PhaseText
{
    /// <summary>Name of a phase.</summary>
    /// <param name="phase">The phase.</param>
    public static string Name(LabPhase phase) => phase switch
    {
        LabPhase.Generating => Messages.PhaseGenerating,
        LabPhase.Reading => Messages.PhaseReading,
        LabPhase.Starting => Messages.PhaseStarting,
        LabPhase.Alignment => Messages.PhaseAlignment,
        LabPhase.Training => Messages.PhaseTraining,
        LabPhase.Evaluation => Messages.PhaseEvaluation,
        LabPhase.Publication => Messages.PhasePublication,
        LabPhase.Scoring => Messages.PhaseScoring,
        LabPhase.Comparison => Messages.PhaseComparison,
        LabPhase.Audit => Messages.PhaseAudit,
        _ => phase.ToString(),
    };

    /// <summary>How far a phase is, such as "tree 17 of 50"; empty when it has no units.</summary>
    /// <param name="progress">The progress.</param>
    public static string Units(LabProgress progress)
    {
        if (progress.Total <= 0) return "";
        // Files are measured in bytes, everything else in things.
        var (done, total) = progress.Phase == LabPhase.Reading
            ? (Formats.Bytes(progress.Done), Formats.Bytes(progress.Total))
            : (Formats.Count(progress.Done), Formats.Count(progress.Total));
        return progress.Phase == LabPhase.Training ? Messages.TreeOf(done, total) : Messages.StepOf(done, total);
    }

    /// <summary>An estimate of the time left, or null when nothing can be said yet.</summary>
    /// <param name="progress">The progress.</param>
    /// <param name="elapsed">Time since the phase began.</param>
    public static TimeSpan? TimeLeft(LabProgress progress, TimeSpan elapsed) =>
        progress.Done > 0 && progress.Total > progress.Done ? elapsed / progress.Done * (progress.Total - progress.Done) : null;
}
