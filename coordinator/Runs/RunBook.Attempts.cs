using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Learning;
using FedLab.Proto;
using Google.Protobuf;
using Grpc.Transport;

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
            if (PresenceOf(session) is not { IsOut: false } presence) return; // put out while it greeted
            var now = _time.GetUtcNow();
            Log.Connected(_logger, session.Name, hello.Software, resumed);
            if (!resumed && presence is { IsConnected: false, Since: { } away })
            {
                // What its former process was to be told went with that process, and what was sent over a line that was dead before it was known to be;
                // the new one may keep keys of these runs. Some it hears of for the second time.
                foreach (var run in _runs.Values.Where(run => run.HasEnded && run.Members.ContainsKey(session.Name) && run.Stored.Ended >= away - LongSessions.LongestSilence)) SendEnd(run, session);
            }
            presence.IsConnected = true;
            presence.Since = now;
            if (hello.CosigningVkey.Length > 0)
            {
                var key = VerifierKey.Parse(hello.CosigningVkey);
                if (presence.CosigningKey != hello.CosigningVkey)
                    _journal.Append(AuditEvent.PartyJoined(session.Name, Sha256Hash.Of(_roster.Find(session.Name)!.RawData), key));
                _checkpoints.Joined(session, key);
            }
            if (presence.CosigningKey != hello.CosigningVkey || presence.Software != hello.Software) _store.PutParty(new StoredParty(session.Name, hello.CosigningVkey, hello.Software, now));
            presence.CosigningKey = hello.CosigningVkey;
            presence.Software = hello.Software;

            foreach (var run in RunsOf(session.Name).ToList())
            {
                if (!resumed)
                {
                    run.Members[session.Name].IsAsked = false;
                    if (run.Attempt is { } attempt && attempt.Parties.Contains(session.Name) && !run.IsDone(session.Name) && !run.IsPublishing) AbortAttempt(run, Messages.PartyRestarted(session.Name), "party-restarted");
                }
                // Also what was proposed while only its line was down.
                if (run.Stored.State == RunState.Proposed && run.Members[session.Name] is { Decision: null, IsAsked: false }) SendProposal(run, session.Name);
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
            if (PresenceOf(session) is not { } presence) return;
            Log.Disconnected(_logger, session.Name);
            presence.IsConnected = false;
            presence.Since = _time.GetUtcNow();
            _checkpoints.Left(session);
            foreach (var run in RunsOf(session.Name))
            {
                if (run.Stored.State is RunState.Approved or RunState.Running && !run.Absent.Contains(session.Name) && !run.IsDone(session.Name)) run.AddDetail(presence.Since.Value, "", Messages.WaitingFor(session.Name));
                run.Changed();
            }
        }
    }

    /// <summary>The presence that a session belongs to; null when the party was put out and has come back with another.</summary>
    private PartyPresence? PresenceOf(PartySession session) => _parties.TryGetValue(session.Name, out var presence) && ReferenceEquals(presence.Session, session) ? presence : null;

    /// <summary>A party's role has ended.</summary>
    public void Finished(PartySession session, PartyFinished finished)
    {
        lock (_gate)
        {
            if (!TryMember(session, finished.Run, out var run, out _) || run.Attempt is not { } attempt || attempt.Number != finished.Attempt || run.IsPublishing) return;
            if (!attempt.Finished.TryAdd(session.Name, finished)) return;
            _store.PutResult(new StoredResult(run.Stored.Run, session.Name, attempt.Number, finished.AlignedRows, finished.Seconds, finished.Bytes));
            Log.RoleFinished(_logger, run.Stored.Run, session.Name, attempt.Number);
            if (attempt.Finished.Count == attempt.Parties.Count)
            {
                attempt.End();
                run.IsPublishing = true;
                Begun(PublishAsync(run, attempt));
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
        catch (Exception e) when (e is ProtocolException or LearningException)
        {
            _store.UpdateRun(stored with { State = RunState.Failed, Reason = e.Message, Ended = now });
            return;
        }
        foreach (var decision in _store.Decisions(stored.Run))
        {
            if (run.Members.TryGetValue(decision.Party, out var member)) member.Decision = decision;
        }
        foreach (var (party, _) in _store.Absences(stored.Run)) run.Absent.Add(party);
        run.WaitingSince = now;
        run.HadSums = stored.Attempt > 0; // nobody wrote down when; a bank that lacks its keys says so
        _runs.Add(stored.Run, run);
        if (stored.State == RunState.Running)
        {
            _store.EndAttempt(stored.Run, stored.Attempt, now, Messages.CoordinatorRestarted);
            _journal.Append(AuditEvent.RunAborted(stored.Run, stored.Attempt, "coordinator-restarted"));
            Log.AttemptAborted(_logger, stored.Run, stored.Attempt, Messages.CoordinatorRestarted);
        }
        var missing = run.Present.FirstOrDefault(name => !_parties.ContainsKey(name));
        if (missing is not null) EndRun(run, RunState.Failed, Messages.NoSuchParty(missing, string.Join(", ", PartyNames)), "party-removed");
    }

    private void TryStart(ActiveRun run)
    {
        if (run.Attempt is not null || run.Stored.State is not (RunState.Approved or RunState.Running)) return;
        if (!run.Present.All(name => _parties[name].IsConnected)) return;
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
        List<string> present = [.. run.Present];
        run.Attempt = new RunAttempt(number, present, run.Spec.IsHorizontal ? new BlindAdder(_home.Identity, run.Stored.Run, number, run.Spec, present) : null);
        foreach (var name in present)
        {
            run.Members[name].Progress = null;
            var start = new StartAttempt { Run = run.Stored.Run, Attempt = number, Spec = ByteString.CopyFrom(run.Stored.Spec) };
            start.Absent.AddRange(run.Absent);
            start.Certificates.AddRange(CertificatesOf(present));
            start.RevocationList = _revocations;
            if (run.Spec.IsHorizontal) start.CoordinatorCertificate = ByteString.CopyFrom(_home.Certificate.RawData);
            _parties[name].Session.Post(new CoordinatorFrame { Start = start });
        }
        if (number == 1) _nextCheckpoint = now; // the approvals are to be cosigned before much happens
    }

    private void AbortAttempt(ActiveRun run, string reason, string code)
    {
        if (run.Attempt is not { } attempt) return;
        attempt.End();
        run.HadSums |= attempt.HasSums;
        run.Attempt = null;
        run.WaitingSince = _time.GetUtcNow();
        _store.EndAttempt(run.Stored.Run, attempt.Number, run.WaitingSince, reason);
        _journal.Append(AuditEvent.RunAborted(run.Stored.Run, attempt.Number, code));
        Log.AttemptAborted(_logger, run.Stored.Run, attempt.Number, reason);
        run.AddDetail(run.WaitingSince, "", reason);
        foreach (var name in attempt.Parties)
            _parties[name].Session.Post(new CoordinatorFrame { Abort = new Proto.AbortAttempt { Run = run.Stored.Run, Attempt = attempt.Number, Reason = reason } });
    }

    /// <summary>Whether a run can do without one more bank. Before the first sum it cannot: the others may lack their shares of the keys.</summary>
    private static bool CanGoOnWithOneLess(ActiveRun run) => run.Threshold is { } threshold && run.Present.Count() > threshold && (run.HadSums || run.Attempt is { HasSums: true });

    /// <summary>A bank has been gone too long for a run that can go on without it: it leaves the run for good, and the others start a new attempt.</summary>
    private void GoOnWithout(ActiveRun run, string bank)
    {
        _journal.Append(AuditEvent.PartyLeft(run.Stored.Run, bank, run.Stored.Attempt));
        _store.AddAbsence(run.Stored.Run, bank, run.Stored.Attempt);
        run.Absent.Add(bank);
        Log.PartyLeft(_logger, run.Stored.Run, bank);
        if (run.Attempt is null) run.AddDetail(_time.GetUtcNow(), "", Messages.GoesOnWithout(bank, _home.Options.AbsenceSeconds));
        else AbortAttempt(run, Messages.GoesOnWithout(bank, _home.Options.AbsenceSeconds), "party-absent");
        TryStart(run);
        run.Changed();
    }
}
