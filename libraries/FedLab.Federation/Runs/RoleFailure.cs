using FedLab.Learning;

namespace FedLab.Federation.Runs;

/// <summary>
/// What the others learn of a role that failed: a code. The exception's sentence may hold values, names and paths of the party
/// that met it; it stays in that party's own log and on its own terminal. The code is a constant of the program, and so is
/// what <see cref="Describe"/> says of it, so that neither can hold anybody's data.
/// </summary>
public static class RoleFailure
{
    /// <summary>The active party's data have no label.</summary>
    public const string LabelMissing = "label-missing";

    /// <summary>The active party's data have no column that marks the test rows.</summary>
    public const string FoldMissing = "fold-missing";

    /// <summary>The party has not approved the specification.</summary>
    public const string NotApproved = "not-approved";

    /// <summary>The credential that the party shares with its scan workers cannot be read.</summary>
    public const string WorkerCredential = "worker-credential";

    /// <summary>The learner cannot work with the data or the settings.</summary>
    public const string Learning = "learning";

    /// <summary>Something that no part of the protocol expects.</summary>
    public const string Internal = "internal";

    /// <summary>The code of what a role threw.</summary>
    /// <param name="exception">The exception.</param>
    public static string CodeOf(Exception exception) => exception switch
    {
        ProtocolException protocol => protocol.Code,
        LearningException => Learning,
        _ => Internal,
    };

    /// <summary>A code in words, in the reader's language.</summary>
    /// <param name="code">The code, as another party sent it.</param>
    public static string Describe(string code) => code switch
    {
        "no-row-in-common" => LabMessages.FailureNoRowInCommon,
        "data-changed" => LabMessages.FailureDataChanged,
        LabelMissing => LabMessages.FailureLabelMissing,
        FoldMissing => LabMessages.FailureFoldMissing,
        WorkerCredential => LabMessages.FailureWorkerCredential,
        NotApproved => LabMessages.FailureNotApproved,
        "model-share-missing" or "model-share-lost" or "model-manifest-missing" => LabMessages.FailureModelShareMissing,
        "model-column-missing" => LabMessages.FailureModelColumnMissing,
        "scan-too-large" => LabMessages.FailureScanTooLarge,
        "sum-differs" or "sum-part-withheld" => LabMessages.FailureSumDiffers,
        "sum-unreadable" => LabMessages.FailureSumUnreadable,
        "absent-too-early" => LabMessages.FailureAbsentTooEarly,
        "keys-lost" => LabMessages.FailureKeysLost,
        Learning => LabMessages.FailureLearning,
        Internal => LabMessages.FailureInternal,
        _ => LabMessages.FailureOther,
    };
}
