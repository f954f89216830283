using System.Threading.Channels;
using FedLab.Federation.Channels;
using FedLab.Proto;
using Grpc.Core;

namespace FedLab.Federation.Remote;

/// <summary>
/// The sending half of a session: numbers frames, keeps them until the other side acknowledges them, and writes them again
/// after a connection was lost. One <see cref="PumpAsync"/> runs at a time, for the connection of the day.
/// </summary>
/// <remarks>
/// <code>
///   Enqueue ─► [ 7 | 8 | 9 | 10 | 11 ]   retained
///                ▲       ▲
///     acknowledged       next to write: goes back to the first of the retained when a connection is made
/// </code>
/// </remarks>
/// <typeparam name="TFrame">Frame of the direction.</typeparam>
public sealed class FrameOutbox<TFrame>
    where TFrame : class, INumberedFrame, new()
{
    private const int AcknowledgeFrames = 4; // chunks of 1 MiB, so a window of 32 MiB never waits for the pause below
    private static readonly TimeSpan AcknowledgePause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _retained = new();
    private readonly Channel<bool> _work = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = false });
    private LinkedListNode<Entry>? _next;
    private ulong _last;
    private ulong _received;
    private ulong _told;

    /// <summary>Makes an empty outbox.</summary>
    /// <param name="limit">Unacknowledged payload bytes from which on senders wait (<see cref="Budget"/>).</param>
    public FrameOutbox(long limit) => Budget = new ByteBudget(limit);

    /// <summary>Payload bytes that are not yet acknowledged.</summary>
    public ByteBudget Budget { get; }

    /// <summary>Number of the last frame that was enqueued.</summary>
    public ulong Last
    {
        get
        {
            lock (_gate) return _last;
        }
    }

    /// <summary>Whether the other side has acknowledged everything.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _retained.Count == 0;
        }
    }

    /// <summary>Numbers a frame and puts it last. Never waits; who sends payloads asks <see cref="Budget"/> first.</summary>
    /// <param name="frame">The frame; it must not be changed afterwards.</param>
    /// <param name="bytes">Payload bytes in it.</param>
    /// <param name="hold">The payload that the frame's bytes lie in; disposed with the acknowledgement.</param>
    public void Enqueue(TFrame frame, long bytes = 0, PayloadBuffer? hold = null)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Budget.Add(bytes);
        lock (_gate)
        {
            frame.Sequence = ++_last;
            var node = _retained.AddLast(new Entry(frame, bytes, hold));
            _next ??= node;
        }
        _work.Writer.TryWrite(true);
    }

    /// <summary>Lets go of what the other side has.</summary>
    /// <param name="sequence">Number up to which it needs nothing again.</param>
    /// <exception cref="ProtocolException">That many frames were never sent.</exception>
    public void Acknowledge(ulong sequence)
    {
        long freed = 0;
        lock (_gate)
        {
            if (sequence > _last) throw ProtocolErrors.FrameNotSent(sequence, _last);
            while (_retained.First is { } first && first.Value.Frame.Sequence <= sequence)
            {
                if (ReferenceEquals(_next, first)) _next = first.Next;
                _retained.RemoveFirst();
                freed += Release(first.Value);
            }
        }
        if (freed != 0) Budget.Remove(freed);
    }

    /// <summary>Tells the other side, with the next frame or one of its own, what it need not send again.</summary>
    /// <param name="sequence">Number of the last frame of the other direction that was taken in.</param>
    public void Received(ulong sequence)
    {
        lock (_gate) _received = sequence;
        _work.Writer.TryWrite(true);
    }

    /// <summary>Forgets everything: the other side is another process.</summary>
    public void Reset()
    {
        long freed = 0;
        lock (_gate)
        {
            foreach (var entry in _retained) freed += Release(entry);
            _retained.Clear();
            _next = null;
            _last = _received = _told = 0;
        }
        if (freed != 0) Budget.Remove(freed);
    }

    /// <summary>Writes frames to a connection until it breaks or the token ends it.</summary>
    /// <param name="writer">The connection.</param>
    /// <param name="received">Number of the last frame that the other side has, from its greeting.</param>
    /// <param name="cancellationToken">Ends the pump.</param>
    public async Task PumpAsync(IAsyncStreamWriter<TFrame> writer, ulong received, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Acknowledge(received);
        lock (_gate)
        {
            _next = _retained.First;
            _told = 0;
        }
        Task<bool>? signal = null;
        var mayWait = true;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TakeNext(mayWait, out var entry, out var owesAcknowledgement) is not { } frame)
            {
                signal ??= _work.Reader.WaitToReadAsync(cancellationToken).AsTask();
                // An acknowledgement rides on the next frame if one follows soon: an answer usually does.
                mayWait = !owesAcknowledgement || await Task.WhenAny(signal, Task.Delay(AcknowledgePause, cancellationToken)).ConfigureAwait(false) == signal;
                if (!mayWait) continue;
                await signal.ConfigureAwait(false);
                _work.Reader.TryRead(out _);
                signal = null;
                continue;
            }
            mayWait = true;
            try
            {
                await writer.WriteAsync(frame, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (entry is not null) Written(entry);
            }
        }
    }

    private TFrame? TakeNext(bool mayWait, out Entry? entry, out bool owesAcknowledgement)
    {
        lock (_gate)
        {
            owesAcknowledgement = false;
            entry = _next?.Value;
            if (entry is not null)
            {
                _next = _next!.Next;
                entry.Writing = true;
                entry.Frame.Acknowledged = _told = _received;
                return entry.Frame;
            }
            if (_told == _received) return null;
            owesAcknowledgement = mayWait && _received < _told + AcknowledgeFrames;
            if (owesAcknowledgement) return null;
            _told = _received;
            return new TFrame { Acknowledged = _received };
        }
    }

    /// <summary>The acknowledgement may come before the write returns; only then may the payload go back to the pool.</summary>
    private void Written(Entry entry)
    {
        lock (_gate)
        {
            entry.Writing = false;
            if (entry.Released) entry.Hold?.Dispose();
        }
    }

    private static long Release(Entry entry)
    {
        entry.Released = true;
        if (!entry.Writing) entry.Hold?.Dispose();
        return entry.Bytes;
    }

    private sealed class Entry(TFrame frame, long bytes, PayloadBuffer? hold)
    {
        public TFrame Frame { get; } = frame;

        public long Bytes { get; } = bytes;

        public PayloadBuffer? Hold { get; } = hold;

        public bool Writing { get; set; }

        public bool Released { get; set; }
    }
}
