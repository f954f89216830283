using System.Text;
using FedLab.Audit;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Auditing;

/// <summary>Makes checkpoints of the audit log and has them cosigned by the participants, so that a log that is rewritten later finds no cosigner.</summary>
internal sealed class CheckpointKeeper(LabJournal journal, ILabStore store, ILogger<CheckpointKeeper> logger, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Witness> _witnesses = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>A party that cosigns has connected.</summary>
    public void Joined(PartySession session, VerifierKey key)
    {
        lock (_gate)
        {
            _witnesses.TryGetValue(session.Name, out var known);
            _witnesses[session.Name] = new Witness(session, key, known?.LastSize ?? LastCosignedSize(key));
        }
    }

    /// <summary>A party has disconnected.</summary>
    public void Left(PartySession session)
    {
        lock (_gate)
        {
            if (!_witnesses.TryGetValue(session.Name, out var witness)) return;
            witness.IsConnected = false;
            witness.Answer?.TrySetResult();
        }
    }

    /// <summary>Makes a checkpoint of all that is logged and waits a while for the cosignatures of those who are connected.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var checkpoint = await journal.Log.CreateCheckpointAsync(cancellationToken).ConfigureAwait(false);
            // Before anybody is asked to vouch for it: whoever takes over the lab must find it.
            store.PutHead(journal.Log.Name, checkpoint.Checkpoint.Size, checkpoint.Checkpoint.Root.ToArray());
            List<Task> answers;
            lock (_gate) answers = [.. _witnesses.Values.Where(witness => witness.IsConnected).Select(witness => Ask(witness, checkpoint))];
            try
            {
                await Task.WhenAll(answers).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                Log.CosigningLate(logger, checkpoint.Checkpoint.Size);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>A party's answer to a request.</summary>
    public void Answered(PartySession session, Cosignature answer) => _ = TakeAsync(session, answer);

    private async Task TakeAsync(PartySession session, Cosignature answer)
    {
        Witness? witness;
        lock (_gate)
        {
            if (!_witnesses.TryGetValue(session.Name, out witness)) return;
            var refusedForSize = answer.Signature.IsEmpty && (long)answer.LastSize != witness.LastSize && answer.LastSize <= answer.Size && answer.Size <= long.MaxValue;
            witness.LastSize = (long)Math.Min(answer.LastSize, long.MaxValue);
            if (refusedForSize && !witness.HasRetried && journal.Log.Checkpoints.FirstOrDefault(checkpoint => checkpoint.Checkpoint.Size == (long)answer.Size) is { } asked)
            {
                // The proof did not start where the party's last cosignature was: once more, from there.
                witness.HasRetried = true;
                Send(witness, asked);
                return;
            }
        }
        try
        {
            if (answer.Signature.IsEmpty)
            {
                Log.CosigningRefused(logger, session.Name, Clip(answer.Refusal));
            }
            else
            {
                var cosignature = NoteSignature.ParseLine(Encoding.UTF8.GetString(answer.Signature.Span));
                await journal.Log.AddCosignatureAsync((long)answer.Size, cosignature, witness.Key).ConfigureAwait(false);
                Log.Cosigned(logger, session.Name, (long)answer.Size);
            }
        }
        catch (AuditException e)
        {
            Log.CosigningRefused(logger, session.Name, e.Message);
        }
        finally
        {
            witness.Answer?.TrySetResult();
        }
    }

    private Task Ask(Witness witness, SignedCheckpoint checkpoint)
    {
        witness.HasRetried = false;
        witness.Answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(witness, checkpoint);
        return witness.Answer.Task;
    }

    private void Send(Witness witness, SignedCheckpoint checkpoint)
    {
        var size = checkpoint.Checkpoint.Size;
        // A party that cosigned a larger head of this log has seen a history that this folder does not hold; it will say so.
        var old = Math.Min(witness.LastSize, size);
        var request = new CosignRequest { Checkpoint = ByteString.CopyFrom(checkpoint.ToBytes()), OldSize = (ulong)old };
        if (old > 0 && old < size) request.Proof.AddRange(journal.Log.ConsistencyProof(old, size).Select(hash => ByteString.CopyFrom(hash.ToArray())));
        witness.Session.Post(new CoordinatorFrame { Cosign = request });
    }

    private long LastCosignedSize(VerifierKey key) => journal.Log.Checkpoints.LastOrDefault(checkpoint => checkpoint.Note.Signatures.Any(key.Made))?.Checkpoint.Size ?? 0;

    private static string Clip(string text) => text.Length <= 300 ? text : text[..300];

    private sealed class Witness(PartySession session, VerifierKey key, long lastSize)
    {
        public PartySession Session { get; } = session;

        public VerifierKey Key { get; } = key;

        public long LastSize { get; set; } = lastSize;

        public bool IsConnected { get; set; } = true;

        public bool HasRetried { get; set; }

        public TaskCompletionSource? Answer { get; set; }
    }
}
