using Microsoft.Extensions.Logging;

namespace FedLab.Participant;

/// <summary>Everything that the participant logs: names, sizes, states and sentences, never a row, a key or a payload.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 400, Level = LogLevel.Information, Message = "'{Party}' has read its data: {Rows} rows.")]
    public static partial void DataRead(ILogger logger, string party, int rows);

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "The participant stops.")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(EventId = 402, Level = LogLevel.Critical, Message = "The audit log cannot be written; the participant stops: {Reason}")]
    public static partial void AuditFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 403, Level = LogLevel.Error, Message = "The session was refused: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(EventId = 410, Level = LogLevel.Information, Message = "Connected to the lab '{Lab}' (session resumed: {Resumed}).")]
    public static partial void Connected(ILogger logger, string lab, bool resumed);

    [LoggerMessage(EventId = 411, Level = LogLevel.Warning, Message = "No connection; next try in {Milliseconds} ms: {Reason}")]
    public static partial void Disconnected(ILogger logger, long milliseconds, string reason);

    [LoggerMessage(EventId = 412, Level = LogLevel.Information, Message = "The coordinator has taken the catalogue; it is the one that was sent: {IsOwn}.")]
    public static partial void CatalogueTaken(ILogger logger, bool isOwn);

    [LoggerMessage(EventId = 413, Level = LogLevel.Error, Message = "The coordinator has refused the catalogue: {Reason}")]
    public static partial void CatalogueRefused(ILogger logger, string reason);

    [LoggerMessage(EventId = 414, Level = LogLevel.Warning, Message = "About the catalogue: {Remark}")]
    public static partial void CatalogueRemark(ILogger logger, string remark);

    [LoggerMessage(EventId = 500, Level = LogLevel.Information, Message = "Run {Run}: proposed by '{Lead}'; decision: {Approved} {Reason}")]
    public static partial void Decided(ILogger logger, string run, string lead, bool approved, string reason);

    [LoggerMessage(EventId = 501, Level = LogLevel.Information, Message = "Run {Run}: proposed by '{Lead}'; it waits for a person's decision.")]
    public static partial void DecisionNeeded(ILogger logger, string run, string lead);

    [LoggerMessage(EventId = 502, Level = LogLevel.Warning, Message = "Run {Run}: {File} holds no decision, the run waits. It may hold 'approve' alone, or 'refuse' alone or with a reason behind it: 'refuse: reason'.")]
    public static partial void NotADecision(ILogger logger, string run, string file);

    [LoggerMessage(EventId = 510, Level = LogLevel.Information, Message = "Run {Run}: attempt {Attempt} starts.")]
    public static partial void AttemptStarted(ILogger logger, string run, int attempt);

    [LoggerMessage(EventId = 511, Level = LogLevel.Warning, Message = "Run {Run}: attempt {Attempt} is aborted: {Reason}")]
    public static partial void AttemptAborted(ILogger logger, string run, int attempt, string reason);

    [LoggerMessage(EventId = 512, Level = LogLevel.Information, Message = "Run {Run}: the role has ended in attempt {Attempt}.")]
    public static partial void RoleFinished(ILogger logger, string run, int attempt);

    [LoggerMessage(EventId = 513, Level = LogLevel.Error, Message = "Run {Run}: the role failed in attempt {Attempt}: {Reason}")]
    public static partial void RoleFailed(ILogger logger, string run, int attempt, string reason, Exception exception);

    [LoggerMessage(EventId = 514, Level = LogLevel.Information, Message = "Run {Run}: {State}. {Reason}")]
    public static partial void RunEnded(ILogger logger, string run, Proto.RunState state, string reason);

    [LoggerMessage(EventId = 520, Level = LogLevel.Information, Message = "Cosigned the coordinator's audit log at size {Size}.")]
    public static partial void Cosigned(ILogger logger, long size);

    [LoggerMessage(EventId = 521, Level = LogLevel.Error, Message = "The coordinator's audit log was not cosigned: {Reason}")]
    public static partial void CosigningRefused(ILogger logger, string reason);

    [LoggerMessage(EventId = 420, Level = LogLevel.Information, Message = "The certificate of '{Party}' is pinned: {Fingerprint}")]
    public static partial void PeerPinned(ILogger logger, string party, string fingerprint);

    [LoggerMessage(EventId = 421, Level = LogLevel.Error, Message = "A party's certificate was refused: {Reason}")]
    public static partial void PeerRefused(ILogger logger, string reason);

    [LoggerMessage(EventId = 422, Level = LogLevel.Information, Message = "The own certificate was renewed; it is valid until {Until:yyyy-MM-dd}.")]
    public static partial void Renewed(ILogger logger, DateTime until);

    [LoggerMessage(EventId = 423, Level = LogLevel.Warning, Message = "The own certificate could not be renewed; it is tried again: {Reason}")]
    public static partial void RenewalFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 530, Level = LogLevel.Information, Message = "Run {Run}: scan worker {Worker} takes part.")]
    public static partial void WorkerFound(ILogger logger, string run, string worker);

    [LoggerMessage(EventId = 531, Level = LogLevel.Warning, Message = "Run {Run}: scan worker {Worker} is lost; others redo what it held: {Reason}")]
    public static partial void WorkerLost(ILogger logger, string run, string worker, string reason);

    [LoggerMessage(EventId = 532, Level = LogLevel.Warning, Message = "Run {Run}: no scan worker is left; the participant computes the rest of this scan itself.")]
    public static partial void NoWorkerLeft(ILogger logger, string run);

    [LoggerMessage(EventId = 424, Level = LogLevel.Warning, Message = "The coordinator has no later certificate yet; it is asked again.")]
    public static partial void RenewalNotLater(ILogger logger);
}
