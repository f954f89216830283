using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

// Attempts: when all parties are there, until their roles have ended or the attempt is aborted.
internal sealed partial class RunBook
{
    /// <summary>A participant has connected.</summary>
    /// <param name="session">Its session.</param>
    /// <param name="hello">Its greeting.</param>
    /// <param name="resumed">Whether it is the process that was connected before, and knows this one.</param>
    public void Connected(PartySession session, Hello hello, bool resumed)
    {
        lock (_gate)
        {
            var presence = _parties[session.Name];
            var now = _time.GetUtcNow();
            Log.Connected(_logger, session.Name, hello.Software, resumed);
            presence.IsConnected = true;
            presence.Since = now;
            if (hello.CosigningVkey.Length > 0)
            {
                var key = VerifierKey.Parse(hello.CosigningVkey);
                if (presence.CosigningKey != hello.CosigningVkey)
                    _journal.Append(AuditEvent.PartyJoined(session.Name, Sha256Hash.Of(_home.PartyCertificates[session.Name].RawData), key));
                _checkpoints.Joined(session, key);
            }
            if (presence.CosigningKey != hello.CosigningVkey || presence.Software != hello.Software) _store.PutParty(new StoredParty(session.Name, hello.CosigningVkey, hello.Software, now));
            presence.CosigningKey = hello.CosigningVkey;
            presence.Software = hello.Software;

            foreach (var run in RunsOf(session.Name).ToList())
            {
                if (!resumed)
                {
                    if (run.Stored.State == RunState.Proposed && run.Members[session.Name].Decision is null) SendProposal(run, session.Name);
                    if (run.Attempt is not null && !run.IsPublishing) AbortAttempt(run, Messages.PartyRestarted(session.Name), "party-restarted");
                }
                TryStart(run);
                run.Changed();
            }
        }
    }

    /// <summary>A participant's connection was lost.</summary>
    public void Disconnected(PartySession session)
    {
        lock (_gate)
        {
            var presence = _parties[session.Name];
            Log.Disconnected(_logger, session.Name);
            presence.IsConnected = false;
            presence.Since = _time.GetUtcNow();
            _checkpoints.Left(session);
            foreach (var run in RunsOf(session.Name)) run.Changed();
        }
    }

    /// <summary>A party's role has ended.</summary>
    public void Finished(PartySession session, PartyFinished finished)
    {
        lock (_gate)
        {
            if (!TryMember(session, finished.Run, out var run, out _) || run.Attempt is not { } attempt || attempt.Number != finished.Attempt || run.IsPublishing) return;
            if (!attempt.Finished.TryAdd(session.Name, finished)) return;
            _store.PutResult(new StoredResult(run.Stored.Run, session.Name, attempt.Number, finished.AlignedRows, finished.Seconds, finished.Bytes));
            Log.RoleFinished(_logger, run.Stored.Run, session.Name, attempt.Number);
            if (attempt.Finished.Count == run.Members.Count)
            {
                attempt.IsOver = true;
                run.IsPublishing = true;
                _ = PublishAsync(run, attempt);
            }
            run.Changed();
        }
    }

    /// <summary>A party reports how far it is.</summary>
    public void Progressed(PartySession session, Progress progress)
    {
        lock (_gate)
        {
            if (!TryMember(session, progress.Run, out var run, out var member) || run.Attempt?.Number != progress.Attempt) return;
            if (progress.Detail.Length > 0) run.AddDetail(_time.GetUtcNow(), session.Name, RunText.Clip(progress.Detail));
            progress.Detail = "";
            progress.Phase = RunText.Clip(progress.Phase);
            member.Progress = progress;
            run.Changed();
        }
    }

    private void Reopen(StoredRun stored, DateTimeOffset now)
    {
        ActiveRun run;
        try
        {
            run = new ActiveRun(stored, ExperimentSpec.Parse(stored.Spec));
        }
        catch (ProtocolException e)
        {
            _store.UpdateRun(stored with { State = RunState.Failed, Reason = e.Message, Ended = now });
            return;
        }
        foreach (var decision in _store.Decisions(stored.Run))
        {
            if (run.Members.TryGetValue(decision.Party, out var member)) member.Decision = decision;
        }
        run.WaitingSince = now;
        _runs.Add(stored.Run, run);
        if (stored.State == RunState.Running)
        {
            _store.EndAttempt(stored.Run, stored.Attempt, now, Messages.CoordinatorRestarted);
            _journal.Append(AuditEvent.RunAborted(stored.Run, stored.Attempt, "coordinator-restarted"));
            Log.AttemptAborted(_logger, stored.Run, stored.Attempt, Messages.CoordinatorRestarted);
        }
        var missing = run.Members.Keys.FirstOrDefault(name => !_parties.ContainsKey(name));
        if (missing is not null) EndRun(run, RunState.Failed, Messages.NoSuchParty(missing, string.Join(", ", _parties.Keys)), "party-removed");
    }

    private void TryStart(ActiveRun run)
    {
        if (run.Attempt is not null || run.Stored.State is not (RunState.Approved or RunState.Running)) return;
        if (!run.Members.Keys.All(name => _parties[name].IsConnected)) return;
        var number = run.Stored.Attempt + 1;
        if (number > MaximumAttempts)
        {
            EndRun(run, RunState.Failed, Messages.TooManyAttempts(MaximumAttempts), "too-many-attempts");
            return;
        }
        var now = _time.GetUtcNow();
        _store.BeginAttempt(run.Stored.Run, number, now);
        Update(run, run.Stored with { State = RunState.Running, Attempt = number, Started = run.Stored.Started ?? now, Reason = "" });
        _journal.Append(number == 1 ? AuditEvent.RunStarted(run.Stored.Run, number, new Sha256Hash(run.Stored.SpecHash)) : AuditEvent.RunResumed(run.Stored.Run, number));
        Log.AttemptStarted(_logger, run.Stored.Run, number);
        run.Attempt = new RunAttempt(number);
        foreach (var member in run.Members.Values)
        {
            member.Progress = null;
            _parties[member.Party.Name].Session.Post(new CoordinatorFrame { Start = new StartAttempt { Run = run.Stored.Run, Attempt = number, Spec = ByteString.CopyFrom(run.Stored.Spec) } });
        }
        if (number == 1) _nextCheckpoint = now; // the approvals are to be cosigned before much happens
    }

    private void AbortAttempt(ActiveRun run, string reason, string code)
    {
        if (run.Attempt is not { } attempt) return;
        attempt.IsOver = true;
        run.Attempt = null;
        run.WaitingSince = _time.GetUtcNow();
        _store.EndAttempt(run.Stored.Run, attempt.Number, run.WaitingSince, reason);
        _journal.Append(AuditEvent.RunAborted(run.Stored.Run, attempt.Number, code));
        Log.AttemptAborted(_logger, run.Stored.Run, attempt.Number, reason);
        run.AddDetail(run.WaitingSince, "", reason);
        foreach (var name in run.Members.Keys)
            _parties[name].Session.Post(new CoordinatorFrame { Abort = new Proto.AbortAttempt { Run = run.Stored.Run, Attempt = attempt.Number, Reason = reason } });
    }
}
