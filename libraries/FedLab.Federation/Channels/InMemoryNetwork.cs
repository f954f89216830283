using System.Threading.Channels;

namespace FedLab.Federation.Channels;

/// <summary>
/// All parties of a run in one process: what tests and <c>simulate --in-memory</c> use in place of gRPC. The same envelopes,
/// signatures and seals pass; an observer sees each one, as the coordinator does.
/// </summary>
public sealed class InMemoryNetwork
{
    private readonly Dictionary<string, Channel<Envelope>> _queues;
    private readonly Action<Envelope>? _observer;

    /// <summary>Makes the network.</summary>
    /// <param name="parties">Names of all parties.</param>
    /// <param name="observer">Sees every envelope in passing; must neither keep nor change it without a hold of its own.</param>
    public InMemoryNetwork(IEnumerable<string> parties, Action<Envelope>? observer = null)
    {
        _queues = parties.ToDictionary(party => party, _ => Channel.CreateUnbounded<Envelope>(), StringComparer.Ordinal);
        _observer = observer;
    }

    /// <summary>A party's end of the network.</summary>
    /// <param name="party">The party's name.</param>
    public IEnvelopeTransport For(string party) => new End(this, _queues[party]);

    private sealed class End(InMemoryNetwork network, Channel<Envelope> queue) : IEnvelopeTransport
    {
        public ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            network._observer?.Invoke(envelope);
            if (!network._queues.TryGetValue(envelope.Header.Receiver, out var target)) throw ProtocolErrors.NotAPartyOfNetwork(envelope.Header.Receiver);
            return target.Writer.WriteAsync(envelope, cancellationToken);
        }

        public ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken) => queue.Reader.ReadAsync(cancellationToken);
    }
}
