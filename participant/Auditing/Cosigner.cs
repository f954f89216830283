using System.Text;
using FedLab.Audit;
using FedLab.Data;
using FedLab.Participant.Configuration;
using FedLab.Proto;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant.Auditing;

/// <summary>Cosigns the coordinator's checkpoints. The key of its log is the one that was seen first; another one is refused for good.</summary>
internal sealed class Cosigner(ParticipantHome home, ParticipantJournal journal, ILogger logger, TimeProvider time) : IDisposable
{
    private const int MaximumKeyLength = 1024;
    private Witness? _witness;
    private VerifierKey? _logKey;

    /// <summary>Takes the coordinator's log key: remembers it the first time, compares it later.</summary>
    /// <param name="text">The key as a vkey.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when it is accepted; otherwise one sentence for people.</returns>
    public async Task<string?> AcceptLogKeyAsync(string text, CancellationToken cancellationToken)
    {
        if (_logKey is not null) return _logKey.ToString() == text ? null : Messages.LogKeyChanged(home.CoordinatorKeyPath);
        try
        {
            if (text.Length > MaximumKeyLength) return Messages.LogKeyInvalid;
            var key = VerifierKey.Parse(text);
            if (File.Exists(home.CoordinatorKeyPath))
            {
                var known = (await File.ReadAllTextAsync(home.CoordinatorKeyPath, cancellationToken).ConfigureAwait(false)).Trim();
                if (known != text) return Messages.LogKeyChanged(home.CoordinatorKeyPath);
            }
            else
            {
                await AtomicFile.WriteAsync(home.CoordinatorKeyPath, Encoding.UTF8.GetBytes(text + "\n"), cancellationToken).ConfigureAwait(false);
            }
            _witness = await Witness.OpenAsync(home.WitnessFolder, home.Identity.Name, home.CosigningKey, [key], time, cancellationToken).ConfigureAwait(false);
            _logKey = key;
            return null;
        }
        catch (AuditFormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>Cosigns a checkpoint or says why not. What this party did before is on disk first.</summary>
    /// <param name="request">Checkpoint and proof.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Cosignature> CosignAsync(CosignRequest request, CancellationToken cancellationToken)
    {
        if (_witness is null || _logKey is null) return new Cosignature { Refusal = Messages.LogKeyInvalid };
        try
        {
            var checkpoint = SignedCheckpoint.Parse(request.Checkpoint.Span);
            var size = (ulong)checkpoint.Checkpoint.Size;
            if (request.Proof.Any(hash => hash.Length != Sha256Hash.Length) || request.OldSize > long.MaxValue) return Refused(size, Messages.ProofMalformed);
            await journal.Log.FlushAsync(cancellationToken).ConfigureAwait(false);
            var decision = await _witness.CosignAsync((long)request.OldSize, checkpoint, [.. request.Proof.Select(hash => new Sha256Hash(hash.Span))], cancellationToken).ConfigureAwait(false);
            if (decision.Cosignature is null) return Refused(size, decision.Reason);
            journal.Append(AuditEvent.WitnessCosigned(checkpoint, _logKey, home.Identity.Name));
            await journal.Log.CreateCheckpointAsync(cancellationToken).ConfigureAwait(false);
            Log.Cosigned(logger, checkpoint.Checkpoint.Size);
            return new Cosignature { Signature = ByteString.CopyFromUtf8(decision.Cosignature.ToLine()), LastSize = (ulong)decision.LatestSize, Size = size };
        }
        catch (AuditFormatException e)
        {
            return Refused(0, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _witness?.Dispose();

    private Cosignature Refused(ulong size, string reason)
    {
        Log.CosigningRefused(logger, reason);
        return new Cosignature { Refusal = reason, Size = size, LastSize = (ulong)(_witness?.Latest(_logKey!.Name)?.Checkpoint.Size ?? 0) };
    }
}
