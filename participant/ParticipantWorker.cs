using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Threading.Channels;
using FedLab.Audit;
using FedLab.Federation.Channels;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Remote;
using FedLab.Participant.Approval;
using FedLab.Participant.Auditing;
using FedLab.Participant.Catalogues;
using FedLab.Participant.Configuration;
using FedLab.Participant.Enrolment;
using FedLab.Participant.Runs;
using FedLab.Proto;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant;

/// <summary>
/// What a participant does with what the coordinator says: it decides on proposals, runs its role in attempts, cosigns
/// checkpoints. The session's reader only hands over; one task works the requests off in order.
/// </summary>
internal sealed class ParticipantWorker : ILabSessionHandler, IDisposable
{
    private const string RuleApprover = "approval-rules";
    private const string PeerRefused = "peer-refused";
    private const string PersonApprover = "person";
    private static readonly TimeSpan DecisionPoll = TimeSpan.FromSeconds(1);

    private readonly Channel<Func<CancellationToken, Task>> _work = Channel.CreateUnbounded<Func<CancellationToken, Task>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, Task> _attempts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Proposal> _undecided = new(StringComparer.Ordinal);

    /// <summary>By run what stood in its decision file when the person was last told that it is no decision.</summary>
    private readonly Dictionary<string, string> _noDecisions = new(StringComparer.Ordinal);
    private readonly ParticipantHome _home;
    private readonly ApprovalBook _approvals;
    private readonly OwnCatalogue _catalogue;
    private readonly ParticipantJournal _journal;
    private readonly Cosigner _cosigner;
    private readonly AttemptRunner _runner;
    private readonly ModelFinder _models;
    private readonly LabSession _session;
    private readonly Action<string> _tell;
    private readonly Action<string> _warn;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    /// <summary>Makes the worker and its session.</summary>
    /// <param name="home">The home folder.</param>
    /// <param name="data">The party's rows.</param>
    /// <param name="catalogue">What it publishes of them.</param>
    /// <param name="journal">The audit log.</param>
    /// <param name="role">The party's role.</param>
    /// <param name="connectTimeout">How long the first connection may take.</param>
    /// <param name="tell">Shows a line to the person at the terminal.</param>
    /// <param name="warn">Shows a failure to that person.</param>
    /// <param name="logger">The program's log.</param>
    /// <param name="time">Clock.</param>
    public ParticipantWorker(ParticipantHome home, OwnData data, OwnCatalogue catalogue, ParticipantJournal journal, PartyRole role, TimeSpan connectTimeout, Action<string> tell, Action<string> warn, ILogger logger, TimeProvider time)
    {
        (_home, _catalogue, _journal, _tell, _warn, _logger, _time) = (home, catalogue, journal, tell, warn, logger, time);
        _approvals = new ApprovalBook(home);
        _cosigner = new Cosigner(home, journal, logger, time);
        _models = new ModelFinder(home);
        _session = new LabSession(
            new LabSessionOptions
            {
                Party = home.Options.Name,
                CosigningKey = VerifierKey.ForWitness(home.Options.Name, home.CosigningKey.PublicKey).ToString(),
                SendWindow = (long)home.Options.WindowMiB << 20,
                LongestDelay = TimeSpan.FromSeconds(home.Options.LongestReconnectSeconds),
                ConnectTimeout = connectTimeout,
            },
            () => new LabChannel(home.Coordinator, home.Identity.Certificate, home.Authority, time),
            this,
            time);
        _runner = new AttemptRunner(home, data, _approvals, journal, role, _session.Post, warn, logger, time);
    }

    /// <summary>Whether the coordinator is connected.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Works until the token ends it.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="SessionRefusedException">One side refuses the other for good.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var session = _session.RunAsync(stop.Token);
        var work = WorkAsync(stop.Token);
        var renewal = new CertificateRenewal(_home, _logger, _time).RunAsync(stop.Token);
        try
        {
            var first = await Task.WhenAny(session, work).ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(session, work, renewal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // Only now: an item under way when the stop came may still have begun an attempt.
            await Task.WhenAll(_attempts.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _cosigner.Dispose();
    }

    /// <inheritdoc/>
    public void Connected(string lab, string logKey, bool resumed)
    {
        IsConnected = true;
        Log.Connected(_logger, lab, resumed);
        if (!resumed)
        {
            _tell(Messages.Connected(lab));
            // A coordinator that was restarted knows it already; one that is new does not.
            if (_catalogue.Notice is { } notice) _session.Post(new ParticipantFrame { Catalogue = notice.Clone() });
        }
        Enqueue(async token =>
        {
            if (await _cosigner.AcceptLogKeyAsync(logKey, token).ConfigureAwait(false) is { } refusal) throw new SessionRefusedException(refusal);
        });
    }

    /// <inheritdoc/>
    public void Disconnected(string reason, TimeSpan delay)
    {
        IsConnected = false;
        Log.Disconnected(_logger, (long)delay.TotalMilliseconds, reason);
    }

    /// <inheritdoc/>
    public void Proposed(Proposal proposal) => Enqueue(token => ConsiderAsync(proposal, token));

    /// <inheritdoc/>
    public void Started(StartAttempt start, AttemptTransport transport) => Enqueue(async token =>
    {
        // The attempt before must have let go of the run's files.
        if (_attempts.Remove(start.Run, out var before)) await before.ConfigureAwait(false);
        if (_home.Peers.Accept(start.Certificates, start.RevocationList, _journal, _logger) is { } refusal)
        {
            Log.PeerRefused(_logger, refusal);
            _warn(refusal);
            _session.Post(new ParticipantFrame { Failed = new PartyFailed { Run = start.Run, Attempt = start.Attempt, Code = PeerRefused, Step = "start" } });
            return;
        }
        if (EnvelopeHeader.IsName(start.Run)) _attempts[start.Run] = _runner.RunAsync(start, transport, token);
    });

    /// <inheritdoc/>
    public void Aborted(AbortAttempt abort) => Enqueue(_ =>
    {
        Log.AttemptAborted(_logger, abort.Run, abort.Attempt, abort.Reason);
        _journal.Append(AuditEvent.RunAborted(abort.Run, abort.Attempt, "attempt-aborted"));
        return Task.CompletedTask;
    });

    /// <inheritdoc/>
    public void Ended(RunEnded ended) => Enqueue(async _ =>
    {
        Log.RunEnded(_logger, ended.Run, ended.State, ended.Reason);
        _tell(Messages.RunEnded(ended.Run, StateName(ended.State), ended.Reason));
        Forget(ended.Run);
        if (_attempts.Remove(ended.Run, out var attempt)) await attempt.ConfigureAwait(false);
        if (EnvelopeHeader.IsName(ended.Run)) StoredKeys.Delete(Path.Combine(_home.RunsFolder, ended.Run));
    });

    /// <inheritdoc/>
    public void CosignRequested(CosignRequest request) => Enqueue(async token => _session.Post(new ParticipantFrame { Cosignature = await _cosigner.CosignAsync(request, token).ConfigureAwait(false) }));

    /// <inheritdoc/>
    public void CatalogueJudged(CatalogueReceipt receipt) => Enqueue(_ =>
    {
        if (receipt.Refusal.Length > 0)
        {
            Log.CatalogueRefused(_logger, receipt.Refusal);
            _warn(Messages.CatalogueRefused(receipt.Refusal));
        }
        else
        {
            var isOwn = receipt.Sha256.Span.SequenceEqual(_catalogue.Hash);
            Log.CatalogueTaken(_logger, isOwn);
        }
        return Task.CompletedTask;
    });

    private void Enqueue(Func<CancellationToken, Task> item) => _work.Writer.TryWrite(item);

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (_undecided.Count > 0) pause.CancelAfter(DecisionPoll);
            try
            {
                await _work.Reader.WaitToReadAsync(pause.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                foreach (var proposal in _undecided.Values.ToList()) await DecideByPersonAsync(proposal, cancellationToken).ConfigureAwait(false);
            }
            while (_work.Reader.TryRead(out var item)) await item(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ConsiderAsync(Proposal proposal, CancellationToken cancellationToken)
    {
        if (!EnvelopeHeader.IsName(proposal.Run)) return;
        var specHash = Convert.ToHexStringLower(SHA256.HashData(proposal.Spec.Span));
        if (await _approvals.FindAsync(proposal.Run, cancellationToken).ConfigureAwait(false) is { } decided && decided.SpecSha256 == specHash)
        {
            Tell(proposal, decided); // decided before; the answer was lost with a restart
            return;
        }
        var objection = _home.Peers.Accept(proposal.Certificates, proposal.RevocationList, _journal, _logger) is { } refusal ? new Objection(PeerRefused, refusal) : null;
        objection ??= ProposalReview.Judge(proposal.Spec.Span, _home.Options, _home.Directory.Names.Contains, hash => _models.Find(hash) is not null, out _);
        if (objection is null && !_home.Options.Approval.Automatic)
        {
            Log.DecisionNeeded(_logger, proposal.Run, proposal.ProposedBy);
            _tell(Messages.DecisionNeeded(proposal.Run, _home.ProposalsFolder));
            await _approvals.ShowAsync(proposal.Run, proposal.Spec.Memory, cancellationToken).ConfigureAwait(false);
            _undecided[proposal.Run] = proposal;
            return;
        }
        await DecideAsync(proposal, new StoredApproval(proposal.Run, specHash, objection is null, objection?.Code ?? "", objection?.Reason ?? "", RuleApprover), cancellationToken).ConfigureAwait(false);
    }

    private async Task DecideByPersonAsync(Proposal proposal, CancellationToken cancellationToken)
    {
        if (await _approvals.ManualTextAsync(proposal.Run, cancellationToken).ConfigureAwait(false) is not { } text) return;
        if (ManualDecision.Parse(text) is not { } decision)
        {
            if (_noDecisions.GetValueOrDefault(proposal.Run) == text) return;
            _noDecisions[proposal.Run] = text;
            var path = _approvals.ManualPath(proposal.Run);
            Log.NotADecision(_logger, proposal.Run, path);
            _warn(Messages.NotADecision(proposal.Run, path));
            return;
        }
        Forget(proposal.Run);
        var specHash = Convert.ToHexStringLower(SHA256.HashData(proposal.Spec.Span));
        await DecideAsync(proposal, new StoredApproval(proposal.Run, specHash, decision.Approve, decision.Approve ? "" : "refused-by-person", decision.Reason, PersonApprover), cancellationToken).ConfigureAwait(false);
    }

    private void Forget(string run)
    {
        _undecided.Remove(run);
        _noDecisions.Remove(run);
    }

    private async Task DecideAsync(Proposal proposal, StoredApproval approval, CancellationToken cancellationToken)
    {
        await _approvals.SaveAsync(approval, cancellationToken).ConfigureAwait(false);
        Tell(proposal, approval);
    }

    private void Tell(Proposal proposal, StoredApproval approval)
    {
        var specHash = new Sha256Hash(SHA256.HashData(proposal.Spec.Span));
        var record = new ApprovalRecord(approval.Run, _home.Options.Name, approval.Approver, specHash);
        var decision = new Decision { Run = approval.Run, Approve = approval.Approve, Reason = approval.Reason, ReasonCode = approval.Code, Approver = approval.Approver };
        if (approval.Approve)
        {
            var signature = _home.Identity.Sign(record.SigningBytes());
            decision.Signature = ByteString.CopyFrom(signature);
            _journal.Append(AuditEvent.RunApproved(record, signature));
        }
        else
        {
            _journal.Append(AuditEvent.RunRefused(approval.Run, _home.Options.Name, specHash, approval.Code));
        }
        Log.Decided(_logger, approval.Run, proposal.ProposedBy, approval.Approve, approval.Reason);
        _tell(approval.Approve ? Messages.Approved(approval.Run) : Messages.Refused(approval.Run, approval.Reason));
        _session.Post(new ParticipantFrame { Decision = decision });
    }

    [SuppressMessage("Globalization", "CA1308", Justification = "The state's name in the words of the contract.")]
    private static string StateName(RunState state) => state.ToString().ToLowerInvariant();
}
