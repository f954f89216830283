using System.Net;

namespace FedLab.Kernel.Zmtp;

/// <summary>A REP that says back what it is told: Jupyter's heartbeat. It answers from the connection's own task, whatever cells do.</summary>
internal sealed class EchoSocket(IPEndPoint endpoint, ZmtpLimits limits) : IAsyncDisposable
{
    private readonly ZmtpListener _listener = new("REP", ["REQ", "DEALER"], endpoint, limits, EchoAsync);

    /// <summary>The port that it is bound to.</summary>
    public int Port => _listener.Port;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    // The request's envelope (the frames up to the empty one) is the answer's envelope: the whole message goes back.
    private static ValueTask EchoAsync(ZmtpPeer peer, IReadOnlyList<byte[]> frames, CancellationToken cancellationToken)
    {
        RouterSocket.Send(peer, frames);
        return ValueTask.CompletedTask;
    }
}
