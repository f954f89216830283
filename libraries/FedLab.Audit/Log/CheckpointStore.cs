using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>The signed checkpoints of one log, one file each, with the cosignatures that came in so far. Not thread-safe.</summary>
internal sealed class CheckpointStore
{
    private readonly string _folder;
    private readonly SortedList<long, SignedCheckpoint> _checkpoints = [];

    private CheckpointStore(string folder) => _folder = folder;

    internal IReadOnlyList<SignedCheckpoint> All => [.. _checkpoints.Values];

    internal SignedCheckpoint? Latest => _checkpoints.Count == 0 ? null : _checkpoints.GetValueAtIndex(_checkpoints.Count - 1);

    internal static async Task<CheckpointStore> OpenAsync(string logFolder, VerifierKey key, CancellationToken cancellationToken)
    {
        string folder = Path.Combine(logFolder, LogFolder.CheckpointsFolder);
        Directory.CreateDirectory(folder);
        var store = new CheckpointStore(folder);
        foreach (string file in Directory.EnumerateFiles(folder, "*" + LogFolder.NoteExtension))
        {
            byte[] bytes = (await DurableFile.ReadAsync(file, SignedNote.MaximumLength, cancellationToken).ConfigureAwait(false))!;
            SignedCheckpoint checkpoint;
            try
            {
                checkpoint = SignedCheckpoint.Parse(bytes);
            }
            catch (AuditFormatException exception)
            {
                throw new AuditFormatException(Messages.LogFileUnreadable(file) + " " + exception.Message, exception);
            }

            if (!checkpoint.Note.Verify([key]).IsVerified || !string.Equals(checkpoint.Checkpoint.Origin, key.Name, StringComparison.Ordinal) || !store._checkpoints.TryAdd(checkpoint.Checkpoint.Size, checkpoint))
            {
                throw new AuditFormatException(Messages.LogCheckpointSignature(file));
            }
        }

        return store;
    }

    internal SignedCheckpoint? Find(long size) => _checkpoints.GetValueOrDefault(size);

    internal Task WriteAsync(SignedCheckpoint checkpoint, CancellationToken cancellationToken) =>
        DurableFile.ReplaceAsync(Path.Combine(_folder, LogFolder.CheckpointFile(checkpoint.Checkpoint.Size)), checkpoint.ToBytes(), cancellationToken);

    internal void Add(SignedCheckpoint checkpoint) => _checkpoints[checkpoint.Checkpoint.Size] = checkpoint;
}
