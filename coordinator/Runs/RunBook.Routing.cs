using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Remote;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

// The way of an envelope, and what happens to one that breaks a rule.
internal sealed partial class RunBook
{
    /// <summary>Finds the way of an envelope whose signature holds, and sends its head there: to one party, or to all others of the attempt.</summary>
    /// <param name="sender">The session that it came from.</param>
    /// <param name="passage">The envelope; attempt and ways are set.</param>
    /// <param name="start">Its head; passed on under other numbers.</param>
    /// <returns>False when the envelope is dropped, because its attempt is over or because it was denied.</returns>
    public bool Route(PartySession sender, Passage passage, EnvelopeStart start)
    {
        var header = passage.Header;
        lock (_gate)
        {
            if (!_runs.TryGetValue(header.Run, out var run) || !run.Members.ContainsKey(sender.Name))
            {
                // A run of this coordinator's earlier life that has ended is over; any other is none of the sender's business.
                if (_store.FindRun(header.Run) is null || run is not null) Denied(sender, header.Run, header.Attempt, header.Step, "run-unknown", Messages.NotAParty(sender.Name, header.Run));
                return false;
            }
            if (run.Attempt is not { IsOver: false } attempt || header.Attempt < attempt.Number) return false;
            if (!run.Includes(sender.Name))
            {
                // It is told, but a bank that has left cannot end the run of the others.
                RecordDenial(sender, header.Run, header.Step, "sender-absent", Messages.HasLeft(sender.Name, header.Run));
                return false;
            }
            if (header.Attempt > attempt.Number) return Deny(sender, run, header.Step, "attempt-unknown", Messages.AttemptUnknown(header.Attempt, attempt.Number));
            var isBroadcast = header.Receiver == EnvelopeHeader.Everyone;
            if (header.Step == Steps.SumTotal.Name) return Deny(sender, run, header.Step, "step-of-coordinator", Messages.StepOfCoordinator(header.Step));
            if (!isBroadcast && (header.Receiver == sender.Name || !attempt.Parties.Contains(header.Receiver))) return Deny(sender, run, header.Step, "receiver-unknown", Messages.NotAParty(header.Receiver, header.Run));
            if (!attempt.Take(header.Sender, header.Receiver, header.Sequence, out var expected))
                return Deny(sender, run, header.Step, "sequence", Messages.WrongSequence(header.Sender, header.Receiver, header.Sequence, expected));
            passage.Attempt = attempt;
            passage.Collected = attempt.Adder is not null && header.Step == Steps.SumPart.Name ? new PayloadBuffer() : null;
            foreach (var name in isBroadcast ? attempt.Parties.Where(name => name != sender.Name) : [header.Receiver])
            {
                var receiver = _parties[name].Session;
                var way = new Way(receiver, receiver.NextEnvelope());
                passage.Ways.Add(way);
                var head = start.Clone();
                head.Id = way.Id;
                receiver.Outbox.Enqueue(new CoordinatorFrame { Envelope = head }, EnvelopeFrames.HeadBytes);
            }
            return true;
        }
    }

    /// <summary>Records that an envelope is passed on, unless its attempt has ended: what a party is put out with is not recorded behind that.</summary>
    /// <returns>Whether it may be passed on.</returns>
    public bool Forwarded(Passage passage)
    {
        lock (_gate)
        {
            if (passage.Attempt is not { IsOver: false }) return false;
            _journal.Forwarded(passage.Header, passage.Signature);
        }
        CoordinatorTelemetry.Forwarded(passage.Header);
        return true;
    }

    /// <summary>A bank's contribution has been passed on whole: it is added, and when it was the last one the sum is announced to all banks.</summary>
    public void Contributed(PartySession sender, Passage passage)
    {
        if (passage is not { Collected: { } payload, Attempt: { Adder: { } adder } attempt }) return;
        try
        {
            // Under the adder's lock until the announcement is on its way, so that sums are announced in their order.
            lock (adder)
            {
                if (attempt.IsOver || adder.Add(passage.Header, payload.AsSequence()) is not { } announcement) return;
                using (announcement) Announce(attempt, announcement);
            }
        }
        catch (ProtocolException e)
        {
            Denied(sender, passage.Header.Run, passage.Header.Attempt, passage.Header.Step, "sum-part-invalid", Messages.PartNotAdded(e.Message));
        }
    }

    private void Announce(RunAttempt attempt, Envelope announcement)
    {
        attempt.HasSums = true;
        _journal.Sent(announcement.Header, announcement.Signature);
        foreach (var name in attempt.Parties)
        {
            var receiver = _parties[name].Session;
            var id = receiver.NextEnvelope();
            receiver.Post(new CoordinatorFrame { Envelope = EnvelopeFrames.ToStart(id, announcement.Header, announcement.Signature) });
            receiver.Post(new CoordinatorFrame { Chunk = new PayloadChunk { Id = id, Data = ByteString.CopyFrom(announcement.Payload.ToArray()) } });
        }
    }

    /// <summary>An envelope breaks a rule: it is recorded and refused, and the run ends.</summary>
    public void Denied(PartySession sender, string run, int attempt, string step, string rule, string reason)
    {
        lock (_gate)
        {
            // What is over may still be on its way; what breaks a rule breaks it all the same.
            if (_runs.TryGetValue(run, out var active) && active.Includes(sender.Name) && !active.HasEnded && active.Attempt is { } current && (attempt == current.Number || attempt < 1))
            {
                Deny(sender, active, step, rule, reason);
                return;
            }
            RecordDenial(sender, EnvelopeHeader.IsName(run) ? run : null, step, rule, reason);
        }
    }

    private bool Deny(PartySession sender, ActiveRun run, string? step, string rule, string reason)
    {
        RecordDenial(sender, run.Stored.Run, step, rule, reason);
        EndRun(run, RunState.Failed, Messages.Denied(sender.Name, reason), "policy-denied");
        return false;
    }

    private void RecordDenial(PartySession sender, string? run, string? step, string rule, string reason)
    {
        CoordinatorTelemetry.Refused(rule);
        _journal.Append(AuditEvent.PolicyDenied(run, sender.Name, rule, step is { Length: > 0 and <= 128 } && EnvelopeHeader.IsName(step) ? step : null));
        var (named, sentence) = (EnvelopeHeader.IsName(step ?? "") ? step : null, RunText.Clip(reason));
        Log.PolicyDenied(_logger, rule, sender.Name, run, named, sentence);
    }
}
