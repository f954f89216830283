using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using FedLab.Audit;
using FedLab.Coordinator.Auditing;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

/// <summary>The runs of the lab and what happens to them; the one place where a run's state changes.</summary>
/// <remarks>
/// <code>
///   proposed ──all approve──► approved ──all connected──► running (attempt 1) ──all roles end──► publishing ──► finished
///      │ one refuses              │                          │    ▲
///      ▼                          │          party or coordinator │ all connected again: attempt n + 1
///   refused                       │             was restarted ▼    │
///                                 └──party missing too long──► waiting ──party missing too long, or a role fails──► failed
///   from every state: a lead stops it ──► stopped
/// </code>
/// </remarks>
internal sealed class RunBook : IDisposable
{
    private const int MaximumAttempts = 100; // a party that is killed again and again by what it computes would go on for ever
    private const int RunSuffixBytes = 4;
    private const int MaximumEndedRuns = 200; // those who watch a run may come a little late; everything else is in the store
    private static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ActiveRun> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PartyPresence> _parties;
    private readonly CoordinatorHome _home;
    private readonly ILabStore _store;
    private readonly LabJournal _journal;
    private readonly CheckpointKeeper _checkpoints;
    private readonly ModelShelf _models;
    private readonly ILogger<RunBook> _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _tick;
    private DateTimeOffset _nextCheckpoint;

    public RunBook(CoordinatorHome home, ILabStore store, LabJournal journal, CheckpointKeeper checkpoints, ModelShelf models, ILogger<RunBook> logger, TimeProvider time)
    {
        (_home, _store, _journal, _checkpoints, _models, _logger, _time) = (home, store, journal, checkpoints, models, logger, time);
        LogKey = journal.Log.Key.ToString();
        var seen = store.Parties().ToDictionary(party => party.Name, StringComparer.Ordinal);
        _parties = home.Options.Parties.ToDictionary(
            party => party.Name,
            party => new PartyPresence(new PartySession(party.Name, this, session => new EnvelopeRelay(session, this, home.Directory), (long)home.Options.WindowMiB << 20), seen.GetValueOrDefault(party.Name)),
            StringComparer.Ordinal);
        var now = time.GetUtcNow();
        foreach (var stored in store.OpenRuns()) Reopen(stored, now);
        _nextCheckpoint = now + CheckpointPeriod;
        _tick = time.CreateTimer(_ => Tick(), state: null, TickPeriod, TickPeriod);
    }

    /// <summary>Random bytes of this process.</summary>
    public byte[] Instance { get; } = RandomNumberGenerator.GetBytes(LabProtocol.InstanceBytes);

    /// <summary>Name of the lab.</summary>
    public string Lab => _home.Options.Lab;

    /// <summary>The key of the audit log's checkpoints.</summary>
    public string LogKey { get; }

    private TimeSpan CheckpointPeriod => TimeSpan.FromMinutes(_home.Options.CheckpointMinutes);

    /// <summary>The session of a party; null when the lab has no such party.</summary>
    public PartySession? SessionOf(string party) => _parties.TryGetValue(party, out var presence) ? presence.Session : null;

    /// <summary>Ends all connections.</summary>
    public void CloseSessions()
    {
        foreach (var presence in _parties.Values) presence.Session.Close();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tick.Dispose();
        foreach (var presence in _parties.Values) presence.Session.Dispose();
    }

    // ---------------------------------------------------------------- leads

    /// <summary>Proposes a run.</summary>
    /// <exception cref="ProtocolException">The specification is malformed or names a party that the lab does not have.</exception>
    public RunDescription Propose(ReadOnlySpan<byte> specification, string lead)
    {
        var spec = ExperimentSpec.Parse(specification);
        foreach (var party in spec.Parties)
        {
            if (!_parties.ContainsKey(party.Name)) throw new ProtocolException("party-unknown", Messages.NoSuchParty(party.Name, string.Join(", ", _parties.Keys)));
        }
        var stored = new StoredRun
        {
            Run = $"{Shortened(spec.Name)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RunSuffixBytes))}",
            Experiment = spec.Name,
            Spec = spec.ToBytes(),
            SpecHash = spec.Hash(),
            ProposedBy = lead,
            Created = _time.GetUtcNow(),
        };
        lock (_gate)
        {
            _store.AddRun(stored);
            _journal.Append(AuditEvent.RunProposed(stored.Run, lead, new Sha256Hash(stored.SpecHash)));
            Log.RunProposed(_logger, stored.Run, lead);
            var run = new ActiveRun(stored, spec);
            _runs.Add(stored.Run, run);
            foreach (var name in run.Members.Keys)
            {
                if (_parties[name].IsConnected) SendProposal(run, name);
            }
            return Describe(run);
        }
    }

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

    /// <summary>A run as it is; null when there is none.</summary>
    public RunDescription? Find(string run)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(run, out var active)) return Describe(active);
            return _store.FindRun(run) is { } stored ? Describe(stored) : null;
        }
    }

    /// <summary>Runs, newest first.</summary>
    public IReadOnlyList<RunDescription> List(int limit)
    {
        lock (_gate)
        {
            return _store.ListRuns(limit).Select(stored =>
            {
                var description = _runs.TryGetValue(stored.Run, out var active) ? Describe(active) : Describe(stored);
                description.Spec = ByteString.Empty;
                return description;
            }).ToList();
        }
    }

    /// <summary>The parties of the lab.</summary>
    public IReadOnlyList<LabParty> Parties()
    {
        lock (_gate)
        {
            return _home.Options.Parties.Select(party =>
            {
                var presence = _parties[party.Name];
                return new LabParty { Name = party.Name, Connected = presence.IsConnected, SinceUnixMs = presence.Since?.ToUnixTimeMilliseconds() ?? 0, Software = presence.Software, CosigningVkey = presence.CosigningKey };
            }).ToList();
        }
    }

    /// <summary>Follows a run until it has ended; null when there is none.</summary>
    public async IAsyncEnumerable<RunEvent> WatchAsync(string run, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ActiveRun? active;
        System.Threading.Channels.ChannelReader<bool>? changes = null;
        lock (_gate)
        {
            if (_runs.TryGetValue(run, out active)) changes = active.Watch();
        }
        if (active is null || changes is null)
        {
            if (Find(run) is { } stored) yield return new RunEvent { Run = stored };
            yield break;
        }
        try
        {
            var next = 0L;
            while (true)
            {
                RunEvent change;
                lock (_gate)
                {
                    change = new RunEvent { Run = Describe(active) };
                    (var lines, next) = active.DetailsFrom(next);
                    change.Details.AddRange(lines);
                }
                yield return change;
                if (change.Run.State is RunState.Finished or RunState.Failed or RunState.Stopped or RunState.Refused) yield break;
                await changes.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_gate) active.Unwatch(changes);
        }
    }

    // ---------------------------------------------------------------- sessions

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

    /// <summary>A party has decided on a proposal.</summary>
    public void Decided(PartySession session, Decision decision)
    {
        lock (_gate)
        {
            if (!TryMember(session, decision.Run, out var run, out var member) || run.Stored.State != RunState.Proposed || member.Decision is not null) return;
            var specHash = new Sha256Hash(run.Stored.SpecHash);
            var reason = Clip(decision.Reason);
            if (decision.Approve)
            {
                var approver = EnvelopeHeader.IsName(decision.Approver) ? decision.Approver : "?";
                var approval = new ApprovalRecord(run.Stored.Run, session.Name, approver, specHash);
                if (approver == "?" || !_home.Directory.Verify(session.Name, approval.SigningBytes(), decision.Signature.Span))
                {
                    Deny(session, run, step: null, "approval-signature-invalid", Messages.ApprovalInvalid(session.Name));
                    return;
                }
                _journal.Append(AuditEvent.RunApproved(approval, decision.Signature.Span));
            }
            else
            {
                _journal.Append(AuditEvent.RunRefused(run.Stored.Run, session.Name, specHash, IsCode(decision.ReasonCode) ? decision.ReasonCode : "refused"));
            }
            member.Decision = new StoredDecision(run.Stored.Run, session.Name, decision.Approve, reason, decision.Approver, decision.Signature.ToByteArray(), _time.GetUtcNow());
            _store.AddDecision(member.Decision);
            Log.RunDecided(_logger, run.Stored.Run, session.Name, decision.Approve, reason);
            if (!decision.Approve)
            {
                EndRun(run, RunState.Refused, Messages.RefusedBy(session.Name, reason), "refused");
                return;
            }
            if (run.Members.Values.All(other => other.Decision is { Approve: true }))
            {
                Update(run, run.Stored with { State = RunState.Approved });
                run.WaitingSince = _time.GetUtcNow();
                TryStart(run);
            }
            run.Changed();
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

    /// <summary>A party's role has failed.</summary>
    public void Failed(PartySession session, PartyFailed failed)
    {
        lock (_gate)
        {
            if (!TryMember(session, failed.Run, out var run, out _) || run.Attempt is not { } attempt || attempt.Number != failed.Attempt || run.IsPublishing) return;
            var (step, code) = (IsCode(failed.Step) ? failed.Step : "?", IsCode(failed.Code) ? failed.Code : "?");
            EndRun(run, RunState.Failed, Messages.PartyFailed(session.Name, step, code, RoleFailure.Describe(code)), "party-failed");
        }
    }

    /// <summary>A party reports how far it is.</summary>
    public void Progressed(PartySession session, Progress progress)
    {
        lock (_gate)
        {
            if (!TryMember(session, progress.Run, out var run, out var member) || run.Attempt?.Number != progress.Attempt) return;
            if (progress.Detail.Length > 0) run.AddDetail(_time.GetUtcNow(), session.Name, Clip(progress.Detail));
            progress.Detail = "";
            progress.Phase = Clip(progress.Phase);
            member.Progress = progress;
            run.Changed();
        }
    }

    /// <summary>A party has answered a request to cosign.</summary>
    public void Cosigned(PartySession session, Cosignature answer) => _checkpoints.Answered(session, answer);

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

    // ---------------------------------------------------------------- state machine (all under the lock)

    private PartySession? Deny(PartySession sender, ActiveRun run, string? step, string rule, string reason)
    {
        RecordDenial(sender, run.Stored.Run, step, rule, reason);
        EndRun(run, RunState.Failed, Messages.Denied(sender.Name, reason), "policy-denied");
        return null;
    }

    private void RecordDenial(PartySession sender, string? run, string? step, string rule, string reason)
    {
        _journal.Append(AuditEvent.PolicyDenied(run, sender.Name, rule, step is { Length: > 0 and <= 128 } && EnvelopeHeader.IsName(step) ? step : null));
        var (named, sentence) = (EnvelopeHeader.IsName(step ?? "") ? step : null, Clip(reason));
        Log.PolicyDenied(_logger, rule, sender.Name, run, named, sentence);
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

    private void EndRun(ActiveRun run, RunState state, string reason, string code)
    {
        var now = _time.GetUtcNow();
        if (run.Attempt is { } attempt)
        {
            attempt.IsOver = true;
            _store.EndAttempt(run.Stored.Run, attempt.Number, now, reason);
        }
        if (state is RunState.Failed or RunState.Stopped) _journal.Append(AuditEvent.RunAborted(run.Stored.Run, run.Stored.Attempt, code));
        Update(run, run.Stored with { State = state, Reason = reason, Ended = now });
        Log.RunEnded(_logger, run.Stored.Run, state, reason);
        if (reason.Length > 0) run.AddDetail(now, "", reason);
        foreach (var name in run.Members.Keys)
        {
            if (_parties.TryGetValue(name, out var presence)) presence.Session.Post(new CoordinatorFrame { Ended = new RunEnded { Run = run.Stored.Run, State = state, Reason = reason } });
        }
        run.Changed();
        Forget();
    }

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
            var manifestHash = run.Spec.Kind == RunKind.Train ? _models.Publish(run.Stored.Run, run.Spec, attempt.Finished, _home.Directory) : [];
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

    [SuppressMessage("Design", "CA1031", Justification = "A checkpoint that fails is made again later; it must not end a run.")]
    private async Task CheckpointAsync()
    {
        try
        {
            await _checkpoints.CheckpointAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.CheckpointFailed(_logger, e);
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var patience = TimeSpan.FromSeconds(_home.Options.ReconnectSeconds);
            foreach (var run in _runs.Values.Where(run => run.Stored.State is RunState.Approved or RunState.Running && !run.IsPublishing).ToList())
            {
                foreach (var name in run.Members.Keys)
                {
                    var presence = _parties[name];
                    if (presence.IsConnected) continue;
                    var since = presence.Since is { } left && (run.Attempt is not null || left > run.WaitingSince) ? left : run.WaitingSince;
                    if (now - since < patience) continue;
                    EndRun(run, RunState.Failed, Messages.PartyMissing(name, _home.Options.ReconnectSeconds), "party-lost");
                    break;
                }
            }
            if (now < _nextCheckpoint) return;
            _nextCheckpoint = now + CheckpointPeriod;
        }
        _ = CheckpointAsync();
    }

    private void Update(ActiveRun run, StoredRun stored)
    {
        _store.UpdateRun(stored);
        run.Stored = stored;
    }

    private void SendProposal(ActiveRun run, string party) => _parties[party].Session.Post(
        new CoordinatorFrame { Proposal = new Proposal { Run = run.Stored.Run, Spec = ByteString.CopyFrom(run.Stored.Spec), ProposedBy = run.Stored.ProposedBy } });

    private IEnumerable<ActiveRun> RunsOf(string party) => _runs.Values.Where(run => !run.HasEnded && run.Members.ContainsKey(party));

    private bool TryMember(PartySession session, string run, [NotNullWhen(true)] out ActiveRun? active, [NotNullWhen(true)] out RunMember? member)
    {
        member = null;
        return _runs.TryGetValue(run, out active) && !active.HasEnded && active.Members.TryGetValue(session.Name, out member);
    }

    // ---------------------------------------------------------------- descriptions

    private RunDescription Describe(ActiveRun run)
    {
        var results = run.HasEnded || run.Attempt is null ? _store.Results(run.Stored.Run).ToDictionary(result => result.Party, StringComparer.Ordinal) : null;
        var description = Describe(run.Stored, run.Spec, member => run.Members[member].Decision, member => results?.GetValueOrDefault(member));
        foreach (var party in description.Parties)
        {
            if (run.Members[party.Name].Progress is { } progress)
            {
                party.Phase = progress.Phase;
                party.Done = progress.Done;
                party.Total = progress.Total;
                party.BytesSent = progress.BytesSent;
                party.BytesReceived = progress.BytesReceived;
            }
            if (run.Attempt is null || !run.Attempt.Finished.TryGetValue(party.Name, out var finished)) continue;
            party.Finished = true;
            party.AlignedRows = finished.AlignedRows;
            party.Seconds.Clear();
            party.Seconds.Add(finished.Seconds);
            party.Bytes.Clear();
            party.Bytes.Add(finished.Bytes);
        }
        return description;
    }

    private RunDescription Describe(StoredRun stored)
    {
        var decisions = _store.Decisions(stored.Run).ToDictionary(decision => decision.Party, StringComparer.Ordinal);
        var results = _store.Results(stored.Run).ToDictionary(result => result.Party, StringComparer.Ordinal);
        ExperimentSpec? spec;
        try
        {
            spec = ExperimentSpec.Parse(stored.Spec);
        }
        catch (ProtocolException)
        {
            spec = null; // written by an earlier version of the program
        }
        return Describe(stored, spec, decisions.GetValueOrDefault, results.GetValueOrDefault);
    }

    private RunDescription Describe(StoredRun stored, ExperimentSpec? spec, Func<string, StoredDecision?> decisionOf, Func<string, StoredResult?> resultOf)
    {
        var description = new RunDescription
        {
            Run = stored.Run,
            Experiment = stored.Experiment,
            Spec = ByteString.CopyFrom(stored.Spec),
            SpecHash = ByteString.CopyFrom(stored.SpecHash),
            State = stored.State,
            Attempt = stored.Attempt,
            Reason = stored.Reason,
            ProposedBy = stored.ProposedBy,
            CreatedUnixMs = stored.Created.ToUnixTimeMilliseconds(),
            StartedUnixMs = stored.Started?.ToUnixTimeMilliseconds() ?? 0,
            EndedUnixMs = stored.Ended?.ToUnixTimeMilliseconds() ?? 0,
            ManifestHash = ByteString.CopyFrom(stored.ManifestHash),
        };
        foreach (var party in spec?.Parties ?? [])
        {
            var decision = decisionOf(party.Name);
            var described = new RunParty
            {
                Name = party.Name,
                Role = party.Role switch { PartyRole.Active => "active", PartyRole.Required => "required", _ => "optional" },
                Connected = _parties.TryGetValue(party.Name, out var presence) && presence.IsConnected,
                Decision = decision is null ? PartyDecision.Pending : decision.Approve ? PartyDecision.Approved : PartyDecision.Refused,
                Reason = decision?.Reason ?? "",
            };
            if (resultOf(party.Name) is { } result && result.Attempt == stored.Attempt)
            {
                described.Finished = true;
                described.AlignedRows = result.AlignedRows;
                described.Seconds.Add(result.Seconds.ToDictionary());
                described.Bytes.Add(result.Bytes.ToDictionary());
            }
            description.Parties.Add(described);
        }
        return description;
    }

    /// <summary>Sentences from participants: no control characters, not too long.</summary>
    private static string Clip(string text)
    {
        const int longest = 1000;
        return string.Concat(text.Take(longest).Select(c => char.IsControl(c) ? ' ' : c));
    }

    private static string Shortened(string name) => name.Length <= 80 ? name : name[..80];

    private static bool IsCode(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    private sealed class PartyPresence(PartySession session, StoredParty? seen)
    {
        public PartySession Session { get; } = session;

        public bool IsConnected { get; set; }

        /// <summary>When it connected or was lost; null when this process has not seen it.</summary>
        public DateTimeOffset? Since { get; set; }

        public string CosigningKey { get; set; } = seen?.CosigningKey ?? "";

        public string Software { get; set; } = seen?.Software ?? "";
    }
}
