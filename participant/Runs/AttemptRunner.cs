using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using FedLab.Audit;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FedLab.Participant.Approval;
using FedLab.Participant.Auditing;
using FedLab.Participant.Configuration;
using FedLab.Proto;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Runs;

/// <summary>A party's role in one attempt: <see cref="PartyRun.ExecuteAsync"/>, or a small role of a test.</summary>
/// <param name="context">The attempt.</param>
/// <param name="cancellationToken">Ends the attempt.</param>
public delegate Task<PartyRunResult> PartyRole(PartyRunContext context, CancellationToken cancellationToken);

/// <summary>Runs this party's role in the attempts that the coordinator starts, and tells what came of it.</summary>
internal sealed class AttemptRunner(ParticipantHome home, OwnData data, ApprovalBook approvals, ParticipantJournal journal, PartyRole role, Action<ParticipantFrame> post, Action<string> warn, ILogger logger, TimeProvider time)
{
    private readonly ModelFinder _models = new(home);

    private const string BeforeFirstPhase = "start";

    /// <summary>Runs one attempt to its end; never throws.</summary>
    /// <param name="start">Run, attempt and specification.</param>
    /// <param name="transport">The attempt's network.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a role throws ends the run with a sentence instead of ending the participant.")]
    public async Task RunAsync(StartAttempt start, AttemptTransport transport, CancellationToken cancellationToken)
    {
        var progress = new ProgressPost(start, post, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, transport.Closed);
        try
        {
            var spec = await ApprovedSpecAsync(start, over.Token).ConfigureAwait(false);
            journal.Append(start.Attempt == 1 ? AuditEvent.RunStarted(start.Run, start.Attempt, new Sha256Hash(spec.Hash())) : AuditEvent.RunResumed(start.Run, start.Attempt));
            journal.Append(AuditEvent.DatasetCommitted(start.Run, home.Identity.Name, data.Commitment, data.RowCount, data.Schema));
            Log.AttemptStarted(logger, start.Run, start.Attempt);
            var context = new PartyRunContext
            {
                Run = start.Run,
                Attempt = start.Attempt,
                Spec = spec,
                Identity = home.Identity,
                Directory = home.Directory,
                Data = data.ForRun(spec, home.Identity.Name),
                Settings = home.Options.Settings.ToPartySettings(),
                Transport = transport,
                Store = new RunFolder(Path.Combine(home.RunsFolder, start.Run)),
                ModelStore = spec.Kind == RunKind.Score ? _models.Find(spec.ManifestHash!) : null,
                Journal = new RunJournal(journal, start.Run, home.Identity.Name),
                Progress = progress,
                Time = time,
            };
            var result = await Task.Run(() => role(context, over.Token), over.Token).ConfigureAwait(false);
            await FinishAsync(start, result, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // Aborted, or the program ends: whatever the role threw on its way out says no more than that.
        }
        catch (Exception e)
        {
            // No sentence leaves the house: it may hold names, values and paths. The others learn a word of the program.
            var code = RoleFailure.CodeOf(e);
            var sentence = e is ProtocolException or LearningException ? e.Message : Messages.RoleBroke(e.GetType().Name);
            Log.RoleFailed(logger, start.Run, start.Attempt, sentence, e);
            warn(Messages.RoleFailed(start.Run, sentence, code));
            if (e is not AuditException) journal.Append(AuditEvent.RunAborted(start.Run, start.Attempt, "role-failed"));
            post(new ParticipantFrame { Failed = new PartyFailed { Run = start.Run, Attempt = start.Attempt, Code = code, Step = progress.Phase } });
        }
    }

    /// <summary>A run starts only with the specification that this party approved.</summary>
    private async Task<ExperimentSpec> ApprovedSpecAsync(StartAttempt start, CancellationToken cancellationToken)
    {
        var approval = await approvals.FindAsync(start.Run, cancellationToken).ConfigureAwait(false);
        if (approval is not { Approve: true } || approval.SpecSha256 != Convert.ToHexStringLower(SHA256.HashData(start.Spec.Span))) throw new ProtocolException(RoleFailure.NotApproved, Messages.NotApproved(home.Identity.Name, start.Run));
        return ExperimentSpec.Parse(start.Spec.Span);
    }

    private async Task FinishAsync(StartAttempt start, PartyRunResult result, CancellationToken cancellationToken)
    {
        journal.Append(AuditEvent.RunFinished(start.Run, start.Attempt, result.Manifest is { } manifest ? Sha256Hash.Of(manifest) : null));
        await journal.Log.FlushAsync(cancellationToken).ConfigureAwait(false);
        var finished = new PartyFinished { Run = start.Run, Attempt = start.Attempt, Manifest = ByteString.CopyFrom(result.Manifest ?? []), AlignedRows = result.AlignedRows };
        foreach (var (party, signature) in result.Signatures) finished.Signatures.Add(party, ByteString.CopyFrom(signature));
        finished.Seconds.Add(result.Seconds.ToDictionary());
        finished.Bytes.Add(result.Bytes.ToDictionary());
        Log.RoleFinished(logger, start.Run, start.Attempt);
        post(new ParticipantFrame { Finished = finished });
    }

    /// <summary>Sends progress, not more often than people can read; a new phase, a full count and a line of the log always.</summary>
    private sealed class ProgressPost(StartAttempt start, Action<ParticipantFrame> post, TimeProvider time) : IProgress<RunProgress>
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
        private readonly Lock _gate = new();
        private string _phase = BeforeFirstPhase;
        private long? _last;

        /// <summary>Where the role is.</summary>
        public string Phase
        {
            get
            {
                lock (_gate) return _phase;
            }
        }

        public void Report(RunProgress value)
        {
            lock (_gate)
            {
                if (value.Phase == _phase && value.Done != value.Total && value.Detail is null && _last is { } last && time.GetElapsedTime(last) < Pause) return;
                (_phase, _last) = (value.Phase, time.GetTimestamp());
            }
            post(new ParticipantFrame
            {
                Progress = new Progress
                {
                    Run = start.Run,
                    Attempt = start.Attempt,
                    Phase = value.Phase,
                    Done = value.Done,
                    Total = value.Total,
                    BytesSent = value.BytesSent,
                    BytesReceived = value.BytesReceived,
                    Detail = value.Detail ?? "",
                },
            });
        }
    }
}
