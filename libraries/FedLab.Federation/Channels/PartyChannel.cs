using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Runs;

namespace FedLab.Federation.Channels;

/// <summary>
/// The one implementation of <see cref="IPartyChannel"/>: seals, hashes, signs and journals what goes out; checks limits,
/// signature, class, sequence and hash of what comes in, opens it and hands it to the role that waits for it.
/// </summary>
public sealed class PartyChannel : IPartyChannel, IAsyncDisposable
{
    private readonly string _run;
    private readonly int _attempt;
    private readonly PartyIdentity _identity;
    private readonly PartyDirectory _directory;
    private readonly IEnvelopeTransport _transport;
    private readonly IRunJournal _journal;
    private readonly SealingKeys _keys;
    private readonly Dictionary<string, Inbox> _inboxes;
    private readonly Dictionary<string, Outbox> _outboxes;
    private readonly ECDsa? _coordinator;
    private readonly ConcurrentDictionary<string, long> _bytes = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _pump;
    private long _sent;
    private long _received;

    /// <summary>Opens the channel of one attempt and starts to receive.</summary>
    /// <param name="context">The attempt.</param>
    public PartyChannel(PartyRunContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        (_run, _attempt, _identity, _directory, _transport, _journal) = (context.Run, context.Attempt, context.Identity, context.Directory, context.Transport, context.Journal);
        _keys = new SealingKeys(Self, _run, _attempt);
        Peers = [.. context.Parties.Where(name => name != Self)];
        _coordinator = context.CoordinatorCertificate?.GetECDsaPublicKey();
        Coordinator = context.CoordinatorCertificate is { } certificate ? LabCertificates.NameOf(certificate) : null;
        IEnumerable<string> senders = Coordinator is null ? Peers : [.. Peers, Coordinator];
        _inboxes = senders.ToDictionary(peer => peer, _ => new Inbox(), StringComparer.Ordinal);
        _outboxes = Peers.Append(EnvelopeHeader.Everyone).ToDictionary(peer => peer, _ => new Outbox(), StringComparer.Ordinal);
        _pump = PumpAsync();
    }

    /// <inheritdoc/>
    public string Self => _identity.Name;

    /// <summary>The other parties of this attempt, in the order of the specification.</summary>
    public IReadOnlyList<string> Peers { get; }

    /// <summary>Name of the coordinator, where it takes part in the protocol; null otherwise.</summary>
    public string? Coordinator { get; }

    /// <summary>This party's ephemeral key-agreement key, for its hello.</summary>
    public byte[] AgreementKey => _keys.PublicKey;

    /// <summary>Payload bytes sent so far.</summary>
    public long BytesSent => Interlocked.Read(ref _sent);

    /// <summary>Payload bytes received so far.</summary>
    public long BytesReceived => Interlocked.Read(ref _received);

    /// <summary>Payload bytes by step, both directions, as of one moment, while messages arrive.</summary>
    // The dictionary's own copy, under its locks: one by LINQ fails when a step is counted for the first time meanwhile.
    public IReadOnlyList<KeyValuePair<string, long>> CountBytesByStep() => _bytes.ToArray();

    /// <summary>Agrees on the sealing keys with a peer whose hello has arrived.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="agreementKey">Its ephemeral key.</param>
    public void Agree(string peer, ReadOnlySpan<byte> agreementKey) => _keys.Add(peer, agreementKey);

    /// <inheritdoc/>
    public async ValueTask SendAsync(string receiver, Step step, PayloadBuffer payload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(payload);
        var body = payload;
        try
        {
            var outbox = _outboxes.TryGetValue(receiver, out var found) ? found : throw ProtocolErrors.NotAPartyOfExperiment(receiver);
            // One message at a time for each receiver: the sequence on the wire is the sequence in the log.
            await outbox.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var sequence = outbox.Next;
                if (step.Class == MessageClass.Sealed)
                {
                    body = _keys.Seal(receiver, step, sequence, payload);
                    payload.Dispose();
                }
                var header = new EnvelopeHeader(_run, _attempt, step.Name, sequence, Self, receiver, step.Class, body.Length, body.Hash());
                header.Validate();
                var signature = _identity.Sign(header.SigningBytes());
                _journal.Sent(header, signature);
                outbox.Next = sequence + 1;
                Count(step.Name, body.Length, ref _sent);
                RunTelemetry.Sent(step.Class, body.Length);
                var envelope = new Envelope(header, signature, body);
                body = null;
                await _transport.SendAsync(envelope, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                outbox.Gate.Release();
            }
        }
        finally
        {
            body?.Dispose();
        }
    }

    /// <summary>Sends one message to all other parties.</summary>
    /// <param name="step">Kind of message, a broadcast.</param>
    /// <param name="payload">The content; the channel takes over the caller's hold.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask BroadcastAsync(Step step, PayloadBuffer payload, CancellationToken cancellationToken) => SendAsync(EnvelopeHeader.Everyone, step, payload, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<PayloadBuffer> ReceiveAsync(string sender, Step step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        var (_, payload) = await ReceiveAnyAsync(sender, [step], cancellationToken).ConfigureAwait(false);
        return payload;
    }

    /// <summary>Waits for the next message of a party, which must be of one of several steps.</summary>
    /// <param name="sender">Name of the sending party.</param>
    /// <param name="steps">The steps that the protocol allows here.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The step and the content, opened; the caller disposes the content.</returns>
    /// <exception cref="ProtocolException">The message is of another step, or breaks a rule of the channel.</exception>
    public async ValueTask<(Step Step, PayloadBuffer Payload)> ReceiveAnyAsync(string sender, IReadOnlyList<Step> steps, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (!_inboxes.TryGetValue(sender, out var inbox)) throw ProtocolErrors.NotAPartyOfExperiment(sender);
        Envelope envelope;
        try
        {
            envelope = await inbox.Messages.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e) when (e.InnerException is ProtocolException cause)
        {
            throw new ProtocolException(cause.Code, cause.Message, cause);
        }
        var step = Steps.Find(envelope.Header.Step)!;
        if (!steps.Contains(step))
        {
            envelope.Dispose();
            throw ProtocolErrors.StepUnexpected(sender, step.Name, string.Join(" / ", steps.Select(s => s.Name)));
        }
        if (step.Class != MessageClass.Sealed) return (step, envelope.Payload);
        using (envelope) return (step, _keys.Open(sender, step, envelope.Header.Sequence, envelope.Payload));
    }

    /// <summary>Takes the next message of a party if it has arrived already and is of a step.</summary>
    /// <param name="sender">Name of the sending party.</param>
    /// <param name="step">The step expected, not sealed.</param>
    /// <returns>The content; null when nothing has arrived, or a message of another step, which stays. The caller disposes it.</returns>
    public PayloadBuffer? TryReceive(string sender, Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (!_inboxes.TryGetValue(sender, out var inbox)) throw ProtocolErrors.NotAPartyOfExperiment(sender);
        if (!inbox.Messages.Reader.TryPeek(out var next) || next.Header.Step != step.Name) return null;
        return inbox.Messages.Reader.TryRead(out var envelope) ? envelope.Payload : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        _coordinator?.Dispose();
        foreach (var inbox in _inboxes.Values)
        {
            while (inbox.Messages.Reader.TryRead(out var envelope)) envelope.Dispose();
        }
        foreach (var outbox in _outboxes.Values) outbox.Gate.Dispose();
        _stop.Dispose();
        _keys.Dispose();
    }

    private async Task PumpAsync()
    {
        Exception? cause = null;
        try
        {
            while (true)
            {
                var envelope = await _transport.ReceiveAsync(_stop.Token).ConfigureAwait(false);
                try
                {
                    Accept(envelope);
                }
                catch
                {
                    envelope.Dispose();
                    throw;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The attempt is over.
        }
        catch (ProtocolException e)
        {
            cause = e;
        }
        catch (Exception e)
        {
            cause = ProtocolErrors.ConnectionFailed(e.Message, e);
        }
        foreach (var inbox in _inboxes.Values) inbox.Messages.Writer.TryComplete(cause);
    }

    private void Accept(Envelope envelope)
    {
        var header = envelope.Header;
        header.Validate();
        if (header.Run != _run || (header.Receiver != Self && header.Receiver != EnvelopeHeader.Everyone)) throw ProtocolErrors.MessageMisdirected(header.Receiver, header.Run, Self, _run);
        if (header.Attempt != _attempt) throw ProtocolErrors.AttemptMismatch(header.Attempt, _attempt);
        if (!_inboxes.TryGetValue(header.Sender, out var inbox)) throw ProtocolErrors.NotAPartyOfExperiment(header.Sender);
        if (!Verify(header, envelope.Signature)) throw ProtocolErrors.SignatureInvalid(header.Sender, header.Sequence, header.Step);
        var expected = header.Receiver == Self ? inbox.Next : inbox.NextBroadcast;
        if (header.Sequence != expected) throw ProtocolErrors.SequenceGap(header.Sequence, header.Sender, expected);
        if (header.Length != envelope.Payload.Length || !CryptographicOperations.FixedTimeEquals(header.PayloadHash, envelope.Payload.Hash()))
            throw ProtocolErrors.ContentMismatch(header.Sequence, header.Sender, header.Step);
        if (header.Receiver == Self) inbox.Next++;
        else inbox.NextBroadcast++;
        Count(header.Step, header.Length, ref _received);
        RunTelemetry.Received(header.Class, header.Length);
        _journal.Received(header, envelope.Signature);
        inbox.Messages.Writer.TryWrite(envelope);
    }

    private bool Verify(EnvelopeHeader header, byte[] signature)
    {
        if (header.Sender != Coordinator) return _directory.Verify(header.Sender, header.SigningBytes(), signature);
        return _coordinator is not null && _coordinator.VerifyData(header.SigningBytes(), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private void Count(string step, long length, ref long total)
    {
        Interlocked.Add(ref total, length);
        _bytes.AddOrUpdate(step, length, (_, sum) => sum + length);
    }

    private sealed class Inbox
    {
        public Channel<Envelope> Messages { get; } = Channel.CreateUnbounded<Envelope>(new UnboundedChannelOptions { SingleWriter = true });

        public long Next { get; set; }

        public long NextBroadcast { get; set; }
    }

    private sealed class Outbox
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public long Next { get; set; }
    }
}
