using System.Net;

namespace FedLab.Kernel.Zmtp;

/// <summary>A ROUTER: takes requests of many peers and answers each by itself.</summary>
internal sealed class RouterSocket(IPEndPoint endpoint, ZmtpLimits limits, ZmtpReceiver receive) : IAsyncDisposable
{
    private readonly ZmtpListener _listener = new("ROUTER", ["DEALER", "REQ", "ROUTER"], endpoint, limits, receive);

    /// <summary>The port that it is bound to.</summary>
    public int Port => _listener.Port;

    /// <summary>Answers a peer. One that leaves more answers unread than may wait for it loses its connection: a lost answer would keep it waiting for ever.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="frames">The message.</param>
    public static void Send(ZmtpPeer peer, IReadOnlyList<byte[]> frames)
    {
        if (!peer.TrySend(frames)) peer.Abort();
    }

    /// <summary>
    /// Sends to the peers of an identity. Several may claim one, since an identity proves nothing: each gets the message, and only the one that
    /// knows the key can answer.
    /// </summary>
    /// <param name="identity">The identity.</param>
    /// <param name="frames">The message.</param>
    /// <returns>Whether there was such a peer.</returns>
    public bool SendTo(ReadOnlySpan<byte> identity, IReadOnlyList<byte[]> frames)
    {
        var found = false;
        foreach (var peer in _listener.Peers)
        {
            if (identity.Length == 0 || !peer.Identity.AsSpan().SequenceEqual(identity)) continue;
            Send(peer, frames);
            found = true;
        }
        return found;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
