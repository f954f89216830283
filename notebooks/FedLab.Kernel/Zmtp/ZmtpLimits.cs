namespace FedLab.Kernel.Zmtp;

/// <summary>
/// What one listening socket grants to its peers. Whoever can reach the port can connect, long before a message proves that it knows
/// the notebook's key: so everything that a peer can make the kernel hold is bounded.
/// </summary>
internal sealed record ZmtpLimits
{
    /// <summary>Connections at a time; a front end has one, with its helpers a handful. Further ones are closed at once.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Time for greeting and READY together.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one message, all its frames together.</summary>
    public int MessageBytes { get; init; } = 64 << 20;

    /// <summary>Frames of one message; Jupyter's have seven and the routing prefix.</summary>
    public int MessageFrames { get; init; } = 64;

    /// <summary>Bytes of messages that all peers together have begun and not finished.</summary>
    public long IncomingBytes { get; init; } = 128 << 20;

    /// <summary>Bytes that wait to be written to one peer.</summary>
    public long OutgoingBytes { get; init; } = 64 << 20;

    /// <summary>Prefixes that one peer of a PUB socket may subscribe to.</summary>
    public int Subscriptions { get; init; } = 256;

    /// <summary>For sockets whose peers have little to say: heartbeats and subscriptions.</summary>
    public static ZmtpLimits Small { get; } = new() { MessageBytes = 64 << 10, IncomingBytes = 4 << 20 };
}
