using FedLab.Audit.Resources;
using FedLab.Curve25519;

namespace FedLab.Audit;

/// <summary>What a witness decided about a head.</summary>
public enum WitnessOutcome
{
    /// <summary>It extends the last one and was cosigned.</summary>
    Cosigned,

    /// <summary>The log is not one that the witness knows.</summary>
    UnknownLog,

    /// <summary>The log's own signature is missing or wrong.</summary>
    UntrustedSignature,

    /// <summary>The proof does not start at the last head; nothing is wrong yet, a proof from there is needed.</summary>
    SizeConflict,

    /// <summary>The head is smaller than one that was cosigned.</summary>
    Rollback,

    /// <summary>The log signed another head of the same size. Both are kept.</summary>
    Fork,

    /// <summary>The proof does not show that the head extends the last one.</summary>
    BadProof,
}

/// <summary>What a witness decided about a head, and why.</summary>
/// <param name="Outcome">The decision.</param>
/// <param name="Reason">The decision in words, in the current culture.</param>
/// <param name="LatestSize">The size of the last head of that log that was cosigned, 0 if none.</param>
/// <param name="Cosignature">The cosignature, if it was given.</param>
/// <param name="Equivocation">The two heads, if the log forked.</param>
public sealed record WitnessDecision(WitnessOutcome Outcome, string Reason, long LatestSize, NoteSignature? Cosignature = null, EquivocationProof? Equivocation = null);

/// <summary>Two heads of one log that cannot both be true.</summary>
/// <param name="First">One of them.</param>
/// <param name="Second">The other.</param>
public sealed record EquivocationProof(SignedCheckpoint First, SignedCheckpoint Second)
{
    /// <summary>Whether the log's key signed both, with the same size and different roots.</summary>
    public bool Proves(VerifierKey logKey)
    {
        ArgumentNullException.ThrowIfNull(logKey);
        return string.Equals(First.Checkpoint.Origin, logKey.Name, StringComparison.Ordinal)
            && string.Equals(Second.Checkpoint.Origin, logKey.Name, StringComparison.Ordinal)
            && First.Checkpoint.Size == Second.Checkpoint.Size
            && First.Checkpoint.Root != Second.Checkpoint.Root
            && First.Note.Verify([logKey]).IsVerified
            && Second.Note.Verify([logKey]).IsVerified;
    }
}

/// <summary>
/// Cosigns the heads of logs that it knows (the rules of C2SP tlog-witness): a head is cosigned only if it is proved to
/// extend the last one that was, so a log that shows two histories, or takes one back, finds no cosigner. Thread-safe.
/// </summary>
public sealed class Witness : IDisposable
{
    private const string LatestSuffix = ".latest" + LogFolder.NoteExtension;
    private const int FileNameHashLength = 16;

    private readonly string _folder;
    private readonly NoteSigner _signer;
    private readonly IReadOnlyDictionary<string, VerifierKey> _logs;
    private readonly Dictionary<string, SignedCheckpoint> _latest;
    private readonly SemaphoreSlim _gate = new(1, 1);

    private Witness(string folder, NoteSigner signer, IReadOnlyDictionary<string, VerifierKey> logs, Dictionary<string, SignedCheckpoint> latest)
    {
        _folder = folder;
        _signer = signer;
        _logs = logs;
        _latest = latest;
    }

    /// <summary>The key that its cosignatures are verified with.</summary>
    public VerifierKey Key => _signer.Key;

    /// <summary>Opens the record of what was cosigned, or begins one.</summary>
    /// <param name="folder">The folder of this record alone.</param>
    /// <param name="name">The name of the witness, a key name.</param>
    /// <param name="key">Its key; the caller owns it and must keep it while the witness is in use.</param>
    /// <param name="logs">The keys of the logs that it cosigns, one each.</param>
    /// <param name="clock">The time that cosignatures state.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">The name is not a key name, or two keys are of one log.</exception>
    /// <exception cref="AuditFormatException">A record cannot be read; without it a rollback could not be noticed.</exception>
    public static async Task<Witness> OpenAsync(string folder, string name, Ed25519PrivateKey key, IEnumerable<VerifierKey> logs, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(logs);
        var signer = NoteSigner.ForWitness(name, key, clock);
        Dictionary<string, VerifierKey> known = logs.ToDictionary(log => log.Name, StringComparer.Ordinal);
        Directory.CreateDirectory(folder);
        var latest = new Dictionary<string, SignedCheckpoint>(StringComparer.Ordinal);
        foreach ((string origin, VerifierKey logKey) in known)
        {
            string path = Path.Combine(folder, FileName(origin) + LatestSuffix);
            byte[]? bytes = await DurableFile.ReadAsync(path, SignedNote.MaximumLength, cancellationToken).ConfigureAwait(false);
            if (bytes is null) continue;
            SignedCheckpoint checkpoint;
            try
            {
                checkpoint = SignedCheckpoint.Parse(bytes);
            }
            catch (AuditFormatException exception)
            {
                throw new AuditFormatException(Messages.WitnessStateUnreadable(path), exception);
            }

            if (!IsSignedBy(checkpoint, logKey)) throw new AuditFormatException(Messages.WitnessStateUnreadable(path));
            latest.Add(origin, checkpoint);
        }

        return new Witness(folder, signer, known, latest);
    }

    /// <summary>The last head of a log that was cosigned, if any.</summary>
    public SignedCheckpoint? Latest(string log)
    {
        _gate.Wait();
        try
        {
            return _latest.GetValueOrDefault(log);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Cosigns a head, or says why not. What is cosigned is on disk before the cosignature is given.</summary>
    /// <param name="oldSize">The size that the proof starts at: that of the last head that was cosigned, 0 if none.</param>
    /// <param name="checkpoint">The head with the log's signature.</param>
    /// <param name="consistencyProof">The proof from <paramref name="oldSize"/>; empty from 0 and for the same size.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<WitnessDecision> CosignAsync(long oldSize, SignedCheckpoint checkpoint, IReadOnlyList<Sha256Hash> consistencyProof, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(consistencyProof);
        Checkpoint head = checkpoint.Checkpoint;
        if (!_logs.TryGetValue(head.Origin, out VerifierKey? logKey)) return new WitnessDecision(WitnessOutcome.UnknownLog, Messages.Format("WitnessUnknownLog", Messages.Shorten(head.Origin)), 0);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SignedCheckpoint? latest = _latest.GetValueOrDefault(head.Origin);
            long latestSize = latest?.Checkpoint.Size ?? 0;
            if (!IsSignedBy(checkpoint, logKey))
            {
                return new WitnessDecision(WitnessOutcome.UntrustedSignature, Messages.Format("WitnessUntrustedSignature", head.Origin, head.Size), latestSize);
            }

            if (latest is not null && head.Size == latestSize && head.Root != latest.Checkpoint.Root)
            {
                await KeepForkAsync(latest, cancellationToken).ConfigureAwait(false);
                await KeepForkAsync(checkpoint, cancellationToken).ConfigureAwait(false);
                return new WitnessDecision(WitnessOutcome.Fork, Messages.Format("WitnessFork", head.Origin, head.Size), latestSize, Equivocation: new EquivocationProof(latest, checkpoint));
            }

            if (head.Size < latestSize) return new WitnessDecision(WitnessOutcome.Rollback, Messages.Format("WitnessRollback", head.Origin, head.Size, latestSize), latestSize);
            if (oldSize != latestSize) return new WitnessDecision(WitnessOutcome.SizeConflict, Messages.Format("WitnessSizeConflict", head.Origin, oldSize, latestSize), latestSize);
            Sha256Hash oldRoot = latest?.Checkpoint.Root ?? MerkleHasher.EmptyRoot;
            if (!MerkleProof.VerifyConsistency(latestSize, head.Size, oldRoot, head.Root, consistencyProof))
            {
                return new WitnessDecision(WitnessOutcome.BadProof, Messages.Format("WitnessBadProof", head.Origin, head.Size, latestSize), latestSize);
            }

            NoteSignature cosignature = _signer.Sign(checkpoint.Note.Text.Span);
            SignedCheckpoint cosigned = checkpoint.WithSignature(cosignature);
            await DurableFile.ReplaceAsync(Path.Combine(_folder, FileName(head.Origin) + LatestSuffix), cosigned.ToBytes(), cancellationToken).ConfigureAwait(false);
            _latest[head.Origin] = cosigned;
            return new WitnessDecision(WitnessOutcome.Cosigned, Messages.Format("WitnessCosigned", head.Origin, head.Size), head.Size, cosignature);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static bool IsSignedBy(SignedCheckpoint checkpoint, VerifierKey logKey) =>
        string.Equals(checkpoint.Checkpoint.Origin, logKey.Name, StringComparison.Ordinal) && checkpoint.Note.Verify([logKey]).IsVerified;

    /// <summary>Names of logs may have characters that a file name may not.</summary>
    private static string FileName(string origin) => Sha256Hash.Of(NoteText.StrictUtf8.GetBytes(origin)).ToHex()[..FileNameHashLength];

    private Task KeepForkAsync(SignedCheckpoint head, CancellationToken cancellationToken)
    {
        string name = $"{FileName(head.Checkpoint.Origin)}.fork-{head.Checkpoint.Root.ToHex()[..FileNameHashLength]}{LogFolder.NoteExtension}";
        return DurableFile.ReplaceAsync(Path.Combine(_folder, name), head.ToBytes(), cancellationToken);
    }
}
