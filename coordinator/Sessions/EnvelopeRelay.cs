using System.Buffers;
using System.Security.Cryptography;
using FedLab.Coordinator.Runs;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Sessions;

/// <summary>
/// Checks and forwards the envelopes of one sender. Chunks are passed on as they come, so that an envelope is never held
/// whole; the last one only after the hash over all of them is the one that was signed, so that nobody receives a whole
/// envelope that was changed on its way. Contributions between banks are held until the coordinator has added them, of each
/// bank one at a time.
/// </summary>
/// <remarks>
/// <code>
///   head ──► names, class, length ──► signature ──► run, attempt, parties, sequence ──► to the receiver
///   chunk ─► length ──► hash over all so far ──► to the receiver; the last one after comparing the hash ──► relay.forwarded
/// </code>
/// Not thread-safe: the reader of the sender's session owns it. What a sender has on its way while a receiver has no room is bounded: one that goes on regardless of its
/// window breaks a rule.
/// </remarks>
internal sealed class EnvelopeRelay(PartySession sender, RunBook book, PartyDirectory directory, long window)
{
    private readonly Dictionary<ulong, Passage> _open = [];
    private readonly Queue<(Task Room, int Bytes)> _waiting = new();
    private long _waitingBytes;

    /// <summary>Takes the head of an envelope.</summary>
    /// <param name="start">The frame's body.</param>
    /// <returns>Completes when the sessions of all receivers have room for more, or the attempt is over.</returns>
    public Task Start(EnvelopeStart start)
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
            return Task.CompletedTask;
        }
        if (header.Sender != sender.Name)
        {
            Deny(header, "sender-forged", Messages.SenderForged(sender.Name, header.Sender));
            return Task.CompletedTask;
        }
        if (!directory.Verify(header.Sender, header.SigningBytes(), signature))
        {
            // What a party that was put out had on its way is dropped; it has broken no rule by it.
            if (!sender.IsRefused) Deny(header, "signature-invalid", Messages.SignatureInvalid(header.Sender, header.Step, header.Sequence));
            return Task.CompletedTask;
        }
        if (!HasRoomFor(EnvelopeFrames.HeadBytes))
        {
            DenyWindow(header);
            return Task.CompletedTask;
        }
        foreach (var (left, over) in _open.Where(pair => pair.Value.Attempt is { IsOver: true }).ToList()) Close(left, over);
        var passage = new Passage(header, signature);
        if (header.Length == 0)
        {
            if (!passage.HashHolds())
            {
                Deny(header, "hash-mismatch", Messages.HashMismatch(header.Sender, header.Step, header.Sequence));
                return Task.CompletedTask;
            }
            var isRouted = book.Route(sender, passage, start);
            if (isRouted && book.Forwarded(passage)) book.Contributed(sender, passage);
            passage.Dispose();
            return isRouted ? WhenRoom(passage, EnvelopeFrames.HeadBytes) : Task.CompletedTask;
        }
        if (!book.Route(sender, passage, start))
        {
            passage.Dispose();
            return Task.CompletedTask;
        }
        var holdsAnother = passage.Collected is not null && _open.Values.Any(open => open.Collected is not null && open.Attempt == passage.Attempt);
        _open.Add(id, passage);
        if (holdsAnother) Deny(header, "sum-part-invalid", Messages.PartBeforeLastWhole(header.Sender));
        return WhenRoom(passage, EnvelopeFrames.HeadBytes);
    }

    /// <summary>Takes a piece of a payload; pieces of envelopes that were refused or whose attempt is over are dropped.</summary>
    /// <param name="chunk">The frame's body.</param>
    /// <returns>Completes when the sessions of all receivers have room for more, or the attempt is over.</returns>
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
        if (!HasRoomFor(data.Length))
        {
            Close(chunk.Id, passage);
            DenyWindow(passage.Header);
            return Task.CompletedTask;
        }
        passage.Add(data.Span);
        if (passage.Missing > 0) return Forward(passage, data);
        Close(chunk.Id, passage, dispose: false);
        if (passage.HashHolds())
        {
            if (!book.Forwarded(passage))
            {
                passage.Dispose();
                return Task.CompletedTask;
            }
            var room = Forward(passage, data);
            // Only after it is on its way to every bank: an announcement never overtakes a part of its sum.
            book.Contributed(sender, passage);
            passage.Dispose();
            return room;
        }
        passage.Dispose();
        Deny(passage.Header, "hash-mismatch", Messages.HashMismatch(passage.Header.Sender, passage.Header.Step, passage.Header.Sequence));
        return Task.CompletedTask;
    }

    private Task Forward(Passage passage, ByteString data)
    {
        foreach (var way in passage.Ways) way.Receiver.Outbox.Enqueue(new CoordinatorFrame { Chunk = new PayloadChunk { Id = way.Id, Data = data } }, data.Length);
        return WhenRoom(passage, data.Length);
    }

    private Task WhenRoom(Passage passage, int bytes)
    {
        var room = passage.Ways.Count == 1 ? passage.Ways[0].Receiver.Outbox.Budget.WhenBelowLimit() : Task.WhenAll(passage.Ways.Select(way => way.Receiver.Outbox.Budget.WhenBelowLimit()));
        if (room.IsCompleted) return room;
        // A receiver that stays away may not hold up what its peers send in other runs, or in this one without it.
        var waiting = Task.WhenAny(room, passage.Attempt!.Over);
        _waiting.Enqueue((waiting, bytes));
        _waitingBytes += bytes;
        return waiting;
    }

    private bool HasRoomFor(int bytes)
    {
        while (_waiting.TryPeek(out var first) && first.Room.IsCompleted)
        {
            _waitingBytes -= first.Bytes;
            _waiting.Dequeue();
        }
        return _waitingBytes + bytes <= window + LabProtocol.WindowSlackBytes;
    }

    private void DenyWindow(EnvelopeHeader header) => Deny(header, "window-ignored", Messages.WindowIgnored(header.Sender, window >> 20));

    /// <summary>Forgets everything: the sender is another process.</summary>
    public void Reset()
    {
        foreach (var passage in _open.Values) passage.Dispose();
        _open.Clear();
        _waiting.Clear();
        _waitingBytes = 0;
    }

    private void Close(ulong id, Passage passage, bool dispose = true)
    {
        _open.Remove(id);
        if (dispose) passage.Dispose();
    }

    private void Deny(EnvelopeHeader header, string rule, string reason) => book.Denied(sender, header.Run, header.Attempt, header.Step, rule, reason);
}

/// <summary>One receiver of an envelope, and the envelope's number on the way to it.</summary>
internal sealed record Way(PartySession Receiver, ulong Id);

/// <summary>An envelope on its way through the coordinator.</summary>
internal sealed class Passage(EnvelopeHeader header, byte[] signature) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public EnvelopeHeader Header { get; } = header;

    public byte[] Signature { get; } = signature;

    /// <summary>Where it goes.</summary>
    public List<Way> Ways { get; } = new(1);

    /// <summary>The payload of a contribution that the coordinator adds; null for everything else.</summary>
    public PayloadBuffer? Collected { get; set; }

    /// <summary>The attempt that it belongs to.</summary>
    public RunAttempt? Attempt { get; set; }

    /// <summary>Bytes that have not come yet.</summary>
    public long Missing { get; private set; } = header.Length;

    public void Add(ReadOnlySpan<byte> data)
    {
        _hash.AppendData(data);
        Collected?.Write(data);
        Missing -= data.Length;
    }

    /// <summary>Whether what came is what was signed. To be asked once, at the end.</summary>
    public bool HashHolds() => CryptographicOperations.FixedTimeEquals(_hash.GetHashAndReset(), Header.PayloadHash);

    public void Dispose()
    {
        _hash.Dispose();
        Collected?.Dispose();
    }
}
