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
    private readonly Func<Envelope, Envelope?>? _coordinator;
    private readonly Func<EnvelopeHeader, string, bool>? _withhold;
    private readonly Lock _gate = new();

    /// <summary>Makes the network.</summary>
    /// <param name="parties">Names of all parties.</param>
    /// <param name="observer">Sees every envelope in passing; must neither keep nor change it without a hold of its own.</param>
    /// <param name="coordinator">The coordinator's part: sees every broadcast after it was delivered and may answer with one of its own.</param>
    /// <param name="withhold">Says which broadcasts a dishonest coordinator withholds from which party; tests need it.</param>
    public InMemoryNetwork(IEnumerable<string> parties, Action<Envelope>? observer = null, Func<Envelope, Envelope?>? coordinator = null, Func<EnvelopeHeader, string, bool>? withhold = null)
    {
        _withhold = withhold;
        _queues = parties.ToDictionary(party => party, _ => Channel.CreateUnbounded<Envelope>(), StringComparer.Ordinal);
        _observer = observer;
        _coordinator = coordinator;
    }

    /// <summary>A party's end of the network.</summary>
    /// <param name="party">The party's name.</param>
    public IEnvelopeTransport For(string party) => new End(this, _queues[party]);

    private void Broadcast(Envelope envelope)
    {
        lock (_gate)
        {
            using (envelope)
            {
                Deliver(envelope);
                if (_coordinator?.Invoke(envelope) is not { } answer) return;
                using (answer) Deliver(answer);
            }
        }
    }

    private void Deliver(Envelope envelope)
    {
        foreach (var (party, queue) in _queues)
        {
            if (party != envelope.Header.Sender && _withhold?.Invoke(envelope.Header, party) != true) queue.Writer.TryWrite(envelope with { Payload = envelope.Payload.Share() });
        }
    }

    private sealed class End(InMemoryNetwork network, Channel<Envelope> queue) : IEnvelopeTransport
    {
        public ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            network._observer?.Invoke(envelope);
            if (envelope.Header.Receiver == EnvelopeHeader.Everyone)
            {
                network.Broadcast(envelope);
                return ValueTask.CompletedTask;
            }
            if (!network._queues.TryGetValue(envelope.Header.Receiver, out var target)) throw ProtocolErrors.NotAPartyOfNetwork(envelope.Header.Receiver);
            return target.Writer.WriteAsync(envelope, cancellationToken);
        }

        public ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken) => queue.Reader.ReadAsync(cancellationToken);
    }
}
