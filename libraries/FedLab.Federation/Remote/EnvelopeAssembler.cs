using FedLab.Federation.Channels;
using FedLab.Proto;

namespace FedLab.Federation.Remote;

/// <summary>Puts envelopes together from their chunks and hands them on in the order in which each sender began them.</summary>
/// <remarks>Not thread-safe: the session's reader owns it.</remarks>
internal sealed class EnvelopeAssembler : IDisposable
{
    private readonly Dictionary<ulong, Partial> _open = [];
    private readonly Dictionary<(string Run, int Attempt, string Sender), Queue<Partial>> _order = [];

    /// <summary>Takes the head of an envelope.</summary>
    /// <param name="start">The frame's body.</param>
    /// <returns>Envelopes that are complete now.</returns>
    /// <exception cref="ProtocolException">A field is out of range, or the number is in use.</exception>
    public IReadOnlyList<Envelope> Start(EnvelopeStart start)
    {
        var header = EnvelopeFrames.ToHeader(start, out var signature);
        if (_open.ContainsKey(start.Id)) throw ProtocolErrors.EnvelopeNumberInUse(start.Id);
        var partial = new Partial(header, signature);
        var key = (header.Run, header.Attempt, header.Sender);
        if (!_order.TryGetValue(key, out var queue)) _order.Add(key, queue = new Queue<Partial>());
        queue.Enqueue(partial);
        if (header.Length > 0)
        {
            _open.Add(start.Id, partial);
            return [];
        }
        return Complete(key, queue);
    }

    /// <summary>Takes a piece of a payload; pieces of envelopes that were dropped are ignored.</summary>
    /// <param name="chunk">The frame's body.</param>
    /// <returns>Envelopes that are complete now.</returns>
    /// <exception cref="ProtocolException">The payload is longer than its header says.</exception>
    public IReadOnlyList<Envelope> Append(PayloadChunk chunk)
    {
        if (!_open.TryGetValue(chunk.Id, out var partial)) return [];
        var data = chunk.Data.Span;
        var missing = partial.Header.Length - partial.Payload.Length;
        if (data.Length == 0 || data.Length > missing) throw ProtocolErrors.PieceTooLong(partial.Header.Step, partial.Header.Sender, data.Length, missing);
        data.CopyTo(partial.Payload.GetSpan(data.Length));
        partial.Payload.Advance(data.Length);
        if (data.Length < missing) return [];
        _open.Remove(chunk.Id);
        var key = (partial.Header.Run, partial.Header.Attempt, partial.Header.Sender);
        return Complete(key, _order[key]);
    }

    /// <summary>Drops what has not arrived whole of some attempts.</summary>
    /// <param name="which">Says by run and attempt what is dropped.</param>
    public void Drop(Func<string, int, bool> which)
    {
        foreach (var id in _open.Where(pair => which(pair.Value.Header.Run, pair.Value.Header.Attempt)).Select(pair => pair.Key).ToList()) _open.Remove(id);
        foreach (var key in _order.Keys.Where(key => which(key.Run, key.Attempt)).ToList())
        {
            foreach (var partial in _order[key]) partial.Payload.Dispose();
            _order.Remove(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Drop((_, _) => true);

    private List<Envelope> Complete((string Run, int Attempt, string Sender) key, Queue<Partial> queue)
    {
        var complete = new List<Envelope>(1);
        while (queue.TryPeek(out var first) && first.Payload.Length == first.Header.Length)
        {
            queue.Dequeue();
            complete.Add(new Envelope(first.Header, first.Signature, first.Payload));
        }
        if (queue.Count == 0) _order.Remove(key);
        return complete;
    }

    private sealed class Partial(EnvelopeHeader header, byte[] signature)
    {
        public EnvelopeHeader Header { get; } = header;

        public byte[] Signature { get; } = signature;

        public PayloadBuffer Payload { get; } = new();
    }
}
