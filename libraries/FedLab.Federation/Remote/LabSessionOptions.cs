namespace FedLab.Federation.Remote;

/// <summary>How a participant's session behaves.</summary>
public sealed record LabSessionOptions
{
    /// <summary>The party's name.</summary>
    public required string Party { get; init; }

    /// <summary>The key of this party's cosignatures, in the C2SP form of a vkey; empty when it does not cosign.</summary>
    public string CosigningKey { get; init; } = "";

    /// <summary>Payload bytes on their way from which on <see cref="Channels.IEnvelopeTransport.SendAsync"/> waits.</summary>
    public long SendWindow { get; init; } = 32L << 20;

    /// <summary>Bytes of whole envelopes that no role has taken yet, from which on the other side is made to wait.</summary>
    public long ReceiveWindow { get; init; } = 256L << 20;

    /// <summary>The first wait before dialling again, at most.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before dialling again; 30 s suit lines between institutions.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the first connection may take, retries included; infinite: as long as it takes.</summary>
    public TimeSpan ConnectTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Version of the contract to speak; another than <see cref="LabProtocol.Version"/> only in tests.</summary>
    internal int ProtocolVersion { get; init; } = LabProtocol.Version;
}

/// <summary>What a session tells its owner. The calls come one after the other from the session's reader and must not block.</summary>
public interface ILabSessionHandler
{
    /// <summary>A connection was made.</summary>
    /// <param name="lab">Name of the lab.</param>
    /// <param name="logKey">The key that the coordinator's checkpoints verify with.</param>
    /// <param name="resumed">Whether the session goes on; otherwise every attempt has been closed.</param>
    void Connected(string lab, string logKey, bool resumed);

    /// <summary>A connection was lost or could not be made; it is tried again.</summary>
    /// <param name="reason">Why, for the log.</param>
    /// <param name="delay">How long until the next try.</param>
    void Disconnected(string reason, TimeSpan delay);

    /// <summary>A run is proposed.</summary>
    /// <param name="proposal">The proposal.</param>
    void Proposed(Proto.Proposal proposal);

    /// <summary>An attempt starts.</summary>
    /// <param name="start">Run, attempt and specification.</param>
    /// <param name="transport">Carries this attempt's envelopes.</param>
    void Started(Proto.StartAttempt start, AttemptTransport transport);

    /// <summary>An attempt is over; its transport is closed already.</summary>
    /// <param name="abort">Run, attempt and reason.</param>
    void Aborted(Proto.AbortAttempt abort);

    /// <summary>A run is over; its transport is closed already.</summary>
    /// <param name="ended">Run, state and reason.</param>
    void Ended(Proto.RunEnded ended);

    /// <summary>A checkpoint is to be cosigned.</summary>
    /// <param name="request">Checkpoint and proof.</param>
    void CosignRequested(Proto.CosignRequest request);

    /// <summary>The coordinator has judged the catalogue that this party sent.</summary>
    /// <param name="receipt">What it keeps, and why it refused if it did.</param>
    void CatalogueJudged(Proto.CatalogueReceipt receipt)
    {
        // A party that publishes nothing has nothing judged.
    }
}

/// <summary>The coordinator refused this party, or this party the coordinator, for good; the message is one sentence for people.</summary>
public sealed class SessionRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One sentence for people.</param>
    /// <param name="innerException">The cause, where there is one.</param>
    public SessionRefusedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
