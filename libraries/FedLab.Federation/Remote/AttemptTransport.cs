using System.Threading.Channels;
using FedLab.Federation.Channels;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Federation.Remote;

/// <summary>Carries the envelopes of one attempt of a run through a session with the coordinator.</summary>
/// <remarks>
/// <code>
///   role ── SendAsync ──► outbox ══ chunks of 1 MiB ══► coordinator ══► outbox there ══► the other party's inbox ── ReceiveAsync ──► role
///              waits while the window is full      checks, forwards, forgets       waits while the inbox is full
/// </code>
/// Lost connections do not show here: the session sends again what has not arrived. When the attempt is over, both calls
/// throw <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class AttemptTransport : IEnvelopeTransport, IDisposable
{
    private readonly Channel<Envelope> _inbox = Channel.CreateUnbounded<Envelope>();
    private readonly CancellationTokenSource _closed = new();
    private readonly FrameOutbox<ParticipantFrame> _outbox;
    private readonly ByteBudget _received;
    private readonly Func<ulong> _nextId;
    private bool _isClosed;

    internal AttemptTransport(string run, int attempt, FrameOutbox<ParticipantFrame> outbox, ByteBudget received, Func<ulong> nextId)
    {
        Run = run;
        Attempt = attempt;
        _outbox = outbox;
        _received = received;
        _nextId = nextId;
        Closed = _closed.Token;
    }

    /// <summary>Identifier of the run.</summary>
    public string Run { get; }

    /// <summary>Number of the attempt.</summary>
    public int Attempt { get; }

    /// <summary>Cancelled when the attempt is over.</summary>
    public CancellationToken Closed { get; }

    /// <inheritdoc/>
    public async ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        using (envelope)
        {
            if (envelope.Header.Run != Run || envelope.Header.Attempt != Attempt) throw new ArgumentException("The envelope belongs to another attempt.", nameof(envelope));
            if (envelope.Payload.Length != envelope.Header.Length) throw new ArgumentException("The payload has another length than the header says.", nameof(envelope));
            ThrowIfOver(cancellationToken);
            // The head is enqueued before the first wait, so that envelopes leave in the order of the calls; their chunks carry its number and may mix.
            var id = _nextId();
            _outbox.Enqueue(new ParticipantFrame { Envelope = EnvelopeFrames.ToStart(id, envelope.Header, envelope.Signature) }, EnvelopeFrames.HeadBytes);
            foreach (var piece in EnvelopeFrames.Chunks(envelope.Payload))
            {
                await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
                _outbox.Enqueue(new ParticipantFrame { Chunk = new PayloadChunk { Id = id, Data = UnsafeByteOperations.UnsafeWrap(piece) } }, piece.Length, envelope.Payload.Share());
            }
            await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken)
    {
        Envelope envelope;
        try
        {
            envelope = await _inbox.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new OperationCanceledException(Closed);
        }
        _received.Remove(envelope.Header.Length);
        return envelope;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _closed.Dispose();
    }

    internal void Deliver(Envelope envelope)
    {
        _received.Add(envelope.Header.Length);
        if (_inbox.Writer.TryWrite(envelope)) return;
        _received.Remove(envelope.Header.Length);
        envelope.Dispose();
    }

    internal void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, true)) return;
        // First the word, then what follows from it: whoever is thrown out of a wait finds that the attempt is over.
        _closed.Cancel();
        _inbox.Writer.TryComplete();
        while (_inbox.Reader.TryRead(out var envelope))
        {
            _received.Remove(envelope.Header.Length);
            envelope.Dispose();
        }
    }

    private async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        var room = _outbox.Budget.WhenBelowLimit();
        if (!room.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Closed);
            await room.WaitAsync(over.Token).ConfigureAwait(false);
        }
        ThrowIfOver(cancellationToken);
    }

    private void ThrowIfOver(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Closed.ThrowIfCancellationRequested();
    }
}
