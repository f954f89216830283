using System.Diagnostics.CodeAnalysis;
using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Proto;

namespace FedLab.Coordinator.Runs;

// The ways in which a run ends: published, failed, stopped, refused, or given up.
internal sealed partial class RunBook
{
    /// <summary>Ends a run.</summary>
    /// <returns>The run; null when there is none.</returns>
    /// <exception cref="InvalidOperationException">It has ended already.</exception>
    public RunDescription? Stop(string run, string reason, string lead)
    {
        lock (_gate)
        {
            if (!_runs.TryGetValue(run, out var active) || active.HasEnded)
                return _store.FindRun(run) is { } ended ? throw new InvalidOperationException(Messages.RunHasEnded(run, ended.State.ToString())) : null;
            if (active.IsPublishing) throw new InvalidOperationException(Messages.RunHasEnded(run, nameof(RunState.Finished)));
            EndRun(active, RunState.Stopped, reason.Length > 0 ? Messages.StoppedBecause(lead, reason) : Messages.Stopped(lead), "stopped");
            return Describe(active);
        }
    }

    /// <summary>A party's role has failed.</summary>
    public void Failed(PartySession session, PartyFailed failed)
    {
        lock (_gate)
        {
            if (!TryMember(session, failed.Run, out var run, out _) || run.Attempt is not { } attempt || attempt.Number != failed.Attempt || run.IsPublishing) return;
            var (step, code) = (RunText.IsCode(failed.Step) ? failed.Step : "?", RunText.IsCode(failed.Code) ? failed.Code : "?");
            EndRun(run, RunState.Failed, Messages.PartyFailed(session.Name, step, code, RoleFailure.Describe(code)), "party-failed");
        }
    }

    private void EndRun(ActiveRun run, RunState state, string reason, string code)
    {
        var now = _time.GetUtcNow();
        if (run.Attempt is { } attempt)
        {
            attempt.End();
            _store.EndAttempt(run.Stored.Run, attempt.Number, now, reason);
        }
        if (state is RunState.Failed or RunState.Stopped) _journal.Append(AuditEvent.RunAborted(run.Stored.Run, run.Stored.Attempt, code));
        Update(run, run.Stored with { State = state, Reason = reason, Ended = now });
        Log.RunEnded(_logger, run.Stored.Run, state, reason);
        if (reason.Length > 0) run.AddDetail(now, "", reason);
        foreach (var name in run.Members.Keys)
        {
            if (_parties.TryGetValue(name, out var presence)) SendEnd(run, presence.Session);
        }
        run.Changed();
        Forget();
    }

    private static void SendEnd(ActiveRun run, PartySession session) => session.Post(new CoordinatorFrame { Ended = new RunEnded { Run = run.Stored.Run, State = run.Stored.State, Reason = run.Stored.Reason } });

    private void Forget()
    {
        foreach (var ended in _runs.Values.Where(run => run.HasEnded).OrderByDescending(run => run.Stored.Ended).Skip(MaximumEndedRuns).ToList()) _runs.Remove(ended.Stored.Run);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever publishing meets ends the run with a reason instead of leaving it open.")]
    private async Task PublishAsync(ActiveRun run, RunAttempt attempt)
    {
        await Task.Yield(); // leaves the caller's lock
        try
        {
            var manifestHash = run.Spec.Kind == RunKind.Train ? _models.Publish(run.Stored.Run, run.Spec, attempt.Finished, _roster.Directory) : [];
            lock (_gate)
            {
                if (manifestHash.Length > 0) _journal.Append(AuditEvent.ModelPublished(run.Stored.Run, new Sha256Hash(manifestHash), run.Spec.Name));
                _journal.Append(AuditEvent.RunFinished(run.Stored.Run, attempt.Number, manifestHash.Length > 0 ? new Sha256Hash(manifestHash) : null));
                run.Stored = run.Stored with { ManifestHash = manifestHash };
            }
            await CheckpointAsync().ConfigureAwait(false);
            lock (_gate) EndRun(run, RunState.Finished, "", "");
        }
        catch (ProtocolException e)
        {
            lock (_gate) EndRun(run, RunState.Failed, e.Message, "publication-invalid");
        }
        catch (Exception e)
        {
            Log.PublishingFailed(_logger, run.Stored.Run, e);
            lock (_gate) EndRun(run, RunState.Failed, Messages.PublishingFailed, "publication-failed");
        }
    }

    private void Tick()
    {
        try
        {
            Watch();
        }
        catch (Exception e) when (e is AuditException or LabStoreException)
        {
            // The host has been told and stops; a timer must not end the process before it has.
        }
    }

    private void Watch()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var absence = TimeSpan.FromSeconds(_home.Options.AbsenceSeconds);
            var patience = TimeSpan.FromSeconds(_home.Options.ReconnectSeconds);
            foreach (var run in _runs.Values.Where(run => run.Stored.State is RunState.Approved or RunState.Running && !run.IsPublishing).ToList())
            {
                var isEnough = run.Threshold is { } threshold && run.Present.Count(name => _parties[name].IsConnected) >= threshold;
                run.EnoughSince = isEnough ? run.EnoughSince ?? now : null;
                foreach (var name in run.Present.ToList())
                {
                    var presence = _parties[name];
                    if (presence.IsConnected || run.IsDone(name)) continue;
                    var since = presence.Since is { } left && (run.Attempt is not null || left > run.WaitingSince) ? left : run.WaitingSince;
                    if (run.EnoughSince is { } enough && CanGoOnWithOneLess(run))
                    {
                        // When the lab's own line was down, all banks come back, and none is left behind for being the last.
                        if (now - (since > enough ? since : enough) < absence) continue;
                        GoOnWithout(run, name);
                        break;
                    }
                    if (now - since < patience) continue;
                    EndRun(run, RunState.Failed, Messages.PartyMissing(name, _home.Options.ReconnectSeconds), "party-lost");
                    break;
                }
            }
            if (now < _nextCheckpoint) return;
            _nextCheckpoint = now + CheckpointPeriod;
        }
        Begun(CheckpointAsync());
    }
}
