using System.Net;
using System.Runtime.CompilerServices;

namespace FedLab.Kernel.Zmtp;

/// <summary>A PUB: sends each message to the peers that subscribed to a prefix of its first frame. A peer that does not read loses messages, nobody else.</summary>
internal sealed class PublisherSocket : IAsyncDisposable
{
    private readonly ConditionalWeakTable<ZmtpPeer, List<byte[]>> _subscriptions = [];
    private readonly ZmtpLimits _limits;
    private readonly ZmtpListener _listener;

    /// <summary>Binds.</summary>
    /// <param name="endpoint">Where; port 0 takes a free one.</param>
    /// <param name="limits">What peers may make this side hold.</param>
    public PublisherSocket(IPEndPoint endpoint, ZmtpLimits limits)
    {
        _limits = limits;
        _listener = new ZmtpListener("PUB", ["SUB", "XSUB"], endpoint, limits, SubscribeAsync);
    }

    /// <summary>The port that it is bound to.</summary>
    public int Port => _listener.Port;

    /// <summary>Sends to all that subscribed; callable from any thread.</summary>
    /// <param name="frames">The message; the first frame is its topic.</param>
    public void Publish(IReadOnlyList<byte[]> frames)
    {
        foreach (var peer in _listener.Peers)
        {
            if (IsSubscribed(peer, frames[0])) peer.TrySend(frames);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private bool IsSubscribed(ZmtpPeer peer, ReadOnlySpan<byte> topic)
    {
        if (!_subscriptions.TryGetValue(peer, out var prefixes)) return false;
        lock (prefixes)
        {
            foreach (var prefix in prefixes)
            {
                if (topic.StartsWith(prefix)) return true;
            }
        }
        return false;
    }

    // ZMTP 3.0: a subscription is a message of one frame, 1 or 0 and the prefix (RFC 23, "Publish-Subscribe").
    private ValueTask SubscribeAsync(ZmtpPeer peer, IReadOnlyList<byte[]> frames, CancellationToken cancellationToken)
    {
        if (frames is not [[var kind, .. var prefix]] || kind > 1) return ValueTask.CompletedTask;
        var prefixes = _subscriptions.GetValue(peer, static _ => []);
        lock (prefixes)
        {
            if (kind == 1)
            {
                if (prefixes.Count == _limits.Subscriptions) throw new InvalidDataException("The peer subscribes to more than it may.");
                prefixes.Add(prefix);
            }
            else
            {
                var index = prefixes.FindIndex(known => known.AsSpan().SequenceEqual(prefix));
                if (index >= 0) prefixes.RemoveAt(index);
            }
        }
        return ValueTask.CompletedTask;
    }
}
