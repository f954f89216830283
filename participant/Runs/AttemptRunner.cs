using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using FedLab.Audit;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Federation.Scan.Workers;
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
    private const string AbsentFile = "absent.json";

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
            using var coordinator = CoordinatorOf(start, spec);
            using var workers = WorkersOf(start);
            var store = RunFolder.Begin(Path.Combine(home.RunsFolder, start.Run));
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
                CoordinatorCertificate = coordinator,
                Absent = await AbsentOf(start, spec, store, over.Token).ConfigureAwait(false),
                SecretFolder = Path.Combine(home.RunsFolder, start.Run),
                Store = store,
                ModelStore = spec.Kind == RunKind.Score ? _models.Find(spec.ManifestHash!) : null,
                Journal = new RunJournal(journal, start.Run, home.Identity.Name),
                Progress = progress,
                ScanWorkers = workers,
                Time = time,
            };
            using var trace = RunTelemetry.Attempt(start.Run, start.Attempt, spec.Parties.First(party => party.Name == home.Identity.Name).Role.ToString());
            var result = await Task.Run(() => role(context, over.Token), over.Token).ConfigureAwait(false);
            await FinishAsync(start, result, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (over.IsCancellationRequested || transport.Closed.IsCancellationRequested)
        {
            // Asked of the transport too: a role that waited for its end can be back before the end has reached the linked token.
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

    /// <summary>The institution's scan workers. Their credential was read when the participant started, but a run may come much later.</summary>
    private ScanWorkerPool? WorkersOf(StartAttempt start)
    {
        try
        {
            return home.Options.Workers?.Open(home.Folder, name => Log.WorkerFound(logger, start.Run, name), (name, reason) => Log.WorkerLost(logger, start.Run, name, reason), () => Log.NoWorkerLeft(logger, start.Run));
        }
        catch (Exception e) when (e is KeyFileException or IOException or UnauthorizedAccessException)
        {
            throw new ProtocolException(RoleFailure.WorkerCredential, e.Message, e);
        }
    }

    /// <summary>The certificate with which the coordinator signs in a run between banks.</summary>
    private X509Certificate2? CoordinatorOf(StartAttempt start, ExperimentSpec spec)
    {
        if (!spec.IsHorizontal) return null;
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(start.CoordinatorCertificate.Span);
        }
        catch (CryptographicException e)
        {
            throw new ProtocolException("coordinator-certificate", Messages.CoordinatorCertificateMissing, e);
        }
        var refusal = LabCertificates.Refusal(certificate, home.Authority, LabRole.Coordinator, time);
        // A coordinator that is named like a bank could speak for it.
        if (refusal is null && spec.Parties.Any(party => party.Name == LabCertificates.NameOf(certificate))) refusal = Messages.CoordinatorNamedAsParty(LabCertificates.NameOf(certificate));
        if (refusal is null) return certificate;
        certificate.Dispose();
        throw new ProtocolException("coordinator-certificate", refusal);
    }

    /// <summary>
    /// The banks without which the run goes on, if the experiment and this party's rules allow that. Who has left does not come back: sums with and without a bank by turns
    /// would show by their differences what each bank contributes.
    /// </summary>
    private async Task<string[]> AbsentOf(StartAttempt start, ExperimentSpec spec, RunFolder store, CancellationToken cancellationToken)
    {
        var before = await store.LoadAsync(AbsentFile, cancellationToken).ConfigureAwait(false) is { } stored ? JsonSerializer.Deserialize<string[]>(stored)! : [];
        string[] absent = [.. start.Absent.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (before.FirstOrDefault(name => !absent.Contains(name, StringComparer.Ordinal)) is { } back) throw new ProtocolException("absent-not-allowed", Messages.AbsentIsBack(back));
        if (absent.Length == 0) return [];
        var present = spec.Parties.Count - absent.Length;
        var isAllowed = spec.IsHorizontal && RunSettings.Parse(spec).Threshold is { } threshold && present >= threshold && home.Options.Approval.ThresholdKeys
            && absent.All(name => name != home.Identity.Name && spec.Parties.Any(party => party.Name == name));
        if (!isAllowed) throw new ProtocolException("absent-not-allowed", Messages.AbsentNotAllowed(string.Join(", ", absent.Where(EnvelopeHeader.IsName))));
        if (absent.Length > before.Length) await store.SaveAsync(AbsentFile, JsonSerializer.SerializeToUtf8Bytes(absent), cancellationToken).ConfigureAwait(false);
        return absent;
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
