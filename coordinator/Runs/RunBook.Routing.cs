using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Federation.Channels;
using FedLab.Proto;

namespace FedLab.Coordinator.Runs;

// The way of an envelope, and what happens to one that breaks a rule.
internal sealed partial class RunBook
{
    /// <summary>Finds the way of an envelope whose signature holds, and sends its head there.</summary>
    /// <param name="sender">The session that it came from.</param>
    /// <param name="passage">The envelope; attempt and outgoing number are set.</param>
    /// <param name="start">Its head; passed on under another number.</param>
    /// <returns>The receiver's session; null when the envelope is dropped, because its attempt is over or because it was denied.</returns>
    public PartySession? Route(PartySession sender, Passage passage, EnvelopeStart start)
    {
        var header = passage.Header;
        lock (_gate)
        {
            if (!_runs.TryGetValue(header.Run, out var run) || !run.Members.ContainsKey(sender.Name))
            {
                // A run of this coordinator's earlier life that has ended is over; any other is none of the sender's business.
                if (_store.FindRun(header.Run) is null || run is not null) Denied(sender, header.Run, header.Attempt, header.Step, "run-unknown", Messages.NotAParty(sender.Name, header.Run));
                return null;
            }
            if (run.Attempt is not { IsOver: false } attempt || header.Attempt < attempt.Number) return null;
            if (header.Attempt > attempt.Number) return Deny(sender, run, header.Step, "attempt-unknown", Messages.AttemptUnknown(header.Attempt, attempt.Number));
            if (header.Receiver == sender.Name || !run.Members.ContainsKey(header.Receiver)) return Deny(sender, run, header.Step, "receiver-unknown", Messages.NotAParty(header.Receiver, header.Run));
            if (!attempt.Take(header.Sender, header.Receiver, header.Sequence, out var expected))
                return Deny(sender, run, header.Step, "sequence", Messages.WrongSequence(header.Sender, header.Receiver, header.Sequence, expected));
            var receiver = _parties[header.Receiver].Session;
            passage.Attempt = attempt;
            passage.OutgoingId = receiver.NextEnvelope();
            start.Id = passage.OutgoingId;
            receiver.Post(new CoordinatorFrame { Envelope = start });
            return receiver;
        }
    }

    /// <summary>Records that an envelope was passed on.</summary>
    public void Forwarded(Passage passage) => _journal.Forwarded(passage.Header, passage.Signature);

    /// <summary>An envelope breaks a rule: it is recorded and refused, and the run ends.</summary>
    public void Denied(PartySession sender, string run, int attempt, string step, string rule, string reason)
    {
        lock (_gate)
        {
            // What is over may still be on its way; what breaks a rule breaks it all the same.
            if (_runs.TryGetValue(run, out var active) && active.Members.ContainsKey(sender.Name) && !active.HasEnded && active.Attempt is { } current && (attempt == current.Number || attempt < 1))
            {
                Deny(sender, active, step, rule, reason);
                return;
            }
            RecordDenial(sender, EnvelopeHeader.IsName(run) ? run : null, step, rule, reason);
        }
    }

    private PartySession? Deny(PartySession sender, ActiveRun run, string? step, string rule, string reason)
    {
        RecordDenial(sender, run.Stored.Run, step, rule, reason);
        EndRun(run, RunState.Failed, Messages.Denied(sender.Name, reason), "policy-denied");
        return null;
    }

    private void RecordDenial(PartySession sender, string? run, string? step, string rule, string reason)
    {
        _journal.Append(AuditEvent.PolicyDenied(run, sender.Name, rule, step is { Length: > 0 and <= 128 } && EnvelopeHeader.IsName(step) ? step : null));
        var (named, sentence) = (EnvelopeHeader.IsName(step ?? "") ? step : null, RunText.Clip(reason));
        Log.PolicyDenied(_logger, rule, sender.Name, run, named, sentence);
    }
}
