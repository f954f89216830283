namespace FedLab.Coordinator;

/// <summary>Everything that the coordinator logs: names, sizes, states and sentences, never a row, a key or a payload.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "The lab '{Lab}' listens on {Address}.")]
    public static partial void Listening(ILogger logger, string lab, string address);

    [LoggerMessage(EventId = 101, Level = LogLevel.Information, Message = "The coordinator stops.")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(EventId = 102, Level = LogLevel.Critical, Message = "The coordinator cannot go on and stops: {Reason}")]
    public static partial void BrokeDown(ILogger logger, string reason);

    [LoggerMessage(EventId = 110, Level = LogLevel.Warning, Message = "A call from {Peer} was refused: {Reason}")]
    public static partial void CallRefused(ILogger logger, string peer, string reason);

    [LoggerMessage(EventId = 120, Level = LogLevel.Information, Message = "'{Party}' connected (program {Software}, session resumed: {Resumed}).")]
    public static partial void Connected(ILogger logger, string party, string software, bool resumed);

    [LoggerMessage(EventId = 121, Level = LogLevel.Information, Message = "'{Party}' disconnected.")]
    public static partial void Disconnected(ILogger logger, string party);

    [LoggerMessage(EventId = 122, Level = LogLevel.Information, Message = "'{Party}' has published a catalogue of {Features} features.")]
    public static partial void CataloguePublished(ILogger logger, string party, int features);

    [LoggerMessage(EventId = 123, Level = LogLevel.Information, Message = "'{Party}' has taken its catalogue back.")]
    public static partial void CatalogueWithdrawn(ILogger logger, string party);

    [LoggerMessage(EventId = 200, Level = LogLevel.Information, Message = "Run {Run}: proposed by '{Lead}'.")]
    public static partial void RunProposed(ILogger logger, string run, string lead);

    [LoggerMessage(EventId = 201, Level = LogLevel.Information, Message = "Run {Run}: '{Party}' decided, approved: {Approved} {Reason}")]
    public static partial void RunDecided(ILogger logger, string run, string party, bool approved, string reason);

    [LoggerMessage(EventId = 202, Level = LogLevel.Information, Message = "Run {Run}: attempt {Attempt} starts.")]
    public static partial void AttemptStarted(ILogger logger, string run, int attempt);

    [LoggerMessage(EventId = 203, Level = LogLevel.Warning, Message = "Run {Run}: attempt {Attempt} is aborted: {Reason}")]
    public static partial void AttemptAborted(ILogger logger, string run, int attempt, string reason);

    [LoggerMessage(EventId = 204, Level = LogLevel.Information, Message = "Run {Run}: '{Party}' has ended its role in attempt {Attempt}.")]
    public static partial void RoleFinished(ILogger logger, string run, string party, int attempt);

    [LoggerMessage(EventId = 205, Level = LogLevel.Information, Message = "Run {Run}: {State}. {Reason}")]
    public static partial void RunEnded(ILogger logger, string run, Proto.RunState state, string reason);

    [LoggerMessage(EventId = 206, Level = LogLevel.Error, Message = "Run {Run}: publishing failed.")]
    public static partial void PublishingFailed(ILogger logger, string run, Exception exception);

    [LoggerMessage(EventId = 207, Level = LogLevel.Warning, Message = "Run {Run}: goes on without '{Party}'.")]
    public static partial void PartyLeft(ILogger logger, string run, string party);

    [LoggerMessage(EventId = 300, Level = LogLevel.Warning, Message = "Denied by rule {Rule}: '{Party}', run {Run}, step {Step}: {Reason}")]
    public static partial void PolicyDenied(ILogger logger, string rule, string party, string? run, string? step, string reason);

    [LoggerMessage(EventId = 310, Level = LogLevel.Information, Message = "'{Party}' cosigned the audit log at size {Size}.")]
    public static partial void Cosigned(ILogger logger, string party, long size);

    [LoggerMessage(EventId = 311, Level = LogLevel.Warning, Message = "'{Party}' did not cosign the audit log: {Reason}")]
    public static partial void CosigningRefused(ILogger logger, string party, string reason);

    [LoggerMessage(EventId = 312, Level = LogLevel.Warning, Message = "Not every connected party has cosigned the audit log at size {Size} in time.")]
    public static partial void CosigningLate(ILogger logger, long size);

    [LoggerMessage(EventId = 313, Level = LogLevel.Error, Message = "A checkpoint could not be made.")]
    public static partial void CheckpointFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 130, Level = LogLevel.Information, Message = "'{Party}' was invited by '{Inviter}' until {Expires:u}.")]
    public static partial void Invited(ILogger logger, string party, string inviter, DateTimeOffset expires);

    [LoggerMessage(EventId = 131, Level = LogLevel.Information, Message = "'{Party}' enrolled.")]
    public static partial void Enrolled(ILogger logger, string party);

    [LoggerMessage(EventId = 132, Level = LogLevel.Information, Message = "The certificate of '{Party}' was renewed; it is valid until {Until:yyyy-MM-dd}.")]
    public static partial void Renewed(ILogger logger, string party, DateTime until);

    [LoggerMessage(EventId = 133, Level = LogLevel.Warning, Message = "'{Party}' was put out of the lab by '{Lead}'. {Reason}")]
    public static partial void Revoked(ILogger logger, string party, string lead, string reason);

    [LoggerMessage(EventId = 134, Level = LogLevel.Error, Message = "The coordinator's certificate could not be renewed.")]
    public static partial void RenewalFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 400, Level = LogLevel.Information, Message = "The container {Container} was made and started.")]
    public static partial void ContainerStarted(ILogger logger, string container);

    [LoggerMessage(EventId = 401, Level = LogLevel.Warning, Message = "The container {Container} was started again: {Reason}")]
    public static partial void ContainerRestarted(ILogger logger, string container, string reason);

    [LoggerMessage(EventId = 402, Level = LogLevel.Error, Message = "The container {Container} is not started again: {Reason}")]
    public static partial void ContainerGivenUp(ILogger logger, string container, string reason);

    [LoggerMessage(EventId = 403, Level = LogLevel.Information, Message = "The container {Container} was made from something else and is made anew.")]
    public static partial void ContainerReplaced(ILogger logger, string container);

    [LoggerMessage(EventId = 404, Level = LogLevel.Information, Message = "The container {Container} is not wanted any more and was removed.")]
    public static partial void ContainerRemoved(ILogger logger, string container);

    [LoggerMessage(EventId = 405, Level = LogLevel.Error, Message = "The container {Container} cannot be looked after: {Reason}")]
    public static partial void ContainerFailed(ILogger logger, string container, string reason);

    [LoggerMessage(EventId = 406, Level = LogLevel.Error, Message = "The container engine cannot be reached: {Reason}")]
    public static partial void EngineLost(ILogger logger, string reason);

    [LoggerMessage(EventId = 407, Level = LogLevel.Information, Message = "'{Lead}' had the container of '{Party}' restarted.")]
    public static partial void ContainerRestartAsked(ILogger logger, string lead, string party);
}
