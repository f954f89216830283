using System.Security.Cryptography;
using FedLab.Coordinator.Runs;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;

namespace FedLab.Coordinator.Sessions;

/// <summary>
/// Checks and forwards the envelopes of one sender. Chunks are passed on as they come, so that an envelope is never held
/// whole; the last one only after the hash over all of them is the one that was signed, so that nobody receives a whole
/// envelope that was changed on its way.
/// </summary>
/// <remarks>
/// <code>
///   head ──► names, class, length ──► signature ──► run, attempt, parties, sequence ──► to the receiver
///   chunk ─► length ──► hash over all so far ──► to the receiver; the last one after comparing the hash ──► relay.forwarded
/// </code>
/// Not thread-safe: the reader of the sender's session owns it.
/// </remarks>
internal sealed class EnvelopeRelay(PartySession sender, RunBook book, PartyDirectory directory)
{
    private readonly Dictionary<ulong, Passage> _open = [];

    /// <summary>Takes the head of an envelope.</summary>
    /// <param name="start">The frame's body.</param>
    public void Start(EnvelopeStart start)
    {
        EnvelopeHeader header;
        byte[] signature;
        var id = start.Id; // the head goes on under another number
        try
        {
            if (_open.ContainsKey(id)) throw new ProtocolException("envelope-number-in-use", Messages.EnvelopeNumberInUse(id));
            header = EnvelopeFrames.ToHeader(start, out signature);
        }
        catch (ProtocolException e)
        {
            book.Denied(sender, start.Run, start.Attempt, start.Step, "envelope-malformed", e.Message);
            return;
        }
        if (header.Sender != sender.Name)
        {
            Deny(header, "sender-forged", Messages.SenderForged(sender.Name, header.Sender));
            return;
        }
        if (!directory.Verify(header.Sender, header.SigningBytes(), signature))
        {
            Deny(header, "signature-invalid", Messages.SignatureInvalid(header.Sender, header.Step, header.Sequence));
            return;
        }
        var passage = new Passage(header, signature);
        if (header.Length == 0)
        {
            if (!passage.HashHolds())
            {
                Deny(header, "hash-mismatch", Messages.HashMismatch(header.Sender, header.Step, header.Sequence));
                return;
            }
            if (book.Route(sender, passage, start) is not null) book.Forwarded(passage);
            passage.Dispose();
            return;
        }
        if (book.Route(sender, passage, start) is { } receiver)
        {
            passage.Receiver = receiver;
            _open.Add(id, passage);
        }
        else
        {
            passage.Dispose();
        }
    }

    /// <summary>Takes a piece of a payload; pieces of envelopes that were refused or whose attempt is over are dropped.</summary>
    /// <param name="chunk">The frame's body.</param>
    /// <returns>Completes when the receiver's session has room for more.</returns>
    public Task Append(PayloadChunk chunk)
    {
        if (!_open.TryGetValue(chunk.Id, out var passage)) return Task.CompletedTask;
        if (passage.Attempt is not { IsOver: false })
        {
            Close(chunk.Id, passage);
            return Task.CompletedTask;
        }
        var data = chunk.Data;
        if (data.Length == 0 || data.Length > Math.Min(passage.Missing, LabProtocol.MaximumChunkBytes))
        {
            Close(chunk.Id, passage);
            Deny(passage.Header, "length-mismatch", Messages.LengthMismatch(passage.Header.Sender, passage.Header.Step, passage.Header.Sequence));
            return Task.CompletedTask;
        }
        passage.Add(data.Span);
        var receiver = passage.Receiver!;
        if (passage.Missing == 0)
        {
            Close(chunk.Id, passage, dispose: false);
            using (passage)
            {
                if (!passage.HashHolds())
                {
                    Deny(passage.Header, "hash-mismatch", Messages.HashMismatch(passage.Header.Sender, passage.Header.Step, passage.Header.Sequence));
                    return Task.CompletedTask;
                }
                book.Forwarded(passage);
            }
        }
        receiver.Outbox.Enqueue(new CoordinatorFrame { Chunk = new PayloadChunk { Id = passage.OutgoingId, Data = data } }, data.Length);
        return receiver.Outbox.Budget.WhenBelowLimit();
    }

    /// <summary>Forgets everything: the sender is another process.</summary>
    public void Reset()
    {
        foreach (var passage in _open.Values) passage.Dispose();
        _open.Clear();
    }

    private void Close(ulong id, Passage passage, bool dispose = true)
    {
        _open.Remove(id);
        if (dispose) passage.Dispose();
    }

    private void Deny(EnvelopeHeader header, string rule, string reason) => book.Denied(sender, header.Run, header.Attempt, header.Step, rule, reason);
}

/// <summary>An envelope on its way through the coordinator.</summary>
internal sealed class Passage(EnvelopeHeader header, byte[] signature) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public EnvelopeHeader Header { get; } = header;

    public byte[] Signature { get; } = signature;

    public PartySession? Receiver { get; set; }

    /// <summary>The attempt that it belongs to.</summary>
    public RunAttempt? Attempt { get; set; }

    /// <summary>Its number on the way to the receiver.</summary>
    public ulong OutgoingId { get; set; }

    /// <summary>Bytes that have not come yet.</summary>
    public long Missing { get; private set; } = header.Length;

    public void Add(ReadOnlySpan<byte> data)
    {
        _hash.AppendData(data);
        Missing -= data.Length;
    }

    /// <summary>Whether what came is what was signed. To be asked once, at the end.</summary>
    public bool HashHolds() => CryptographicOperations.FixedTimeEquals(_hash.GetHashAndReset(), Header.PayloadHash);

    public void Dispose() => _hash.Dispose();
}
