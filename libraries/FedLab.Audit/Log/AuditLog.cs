using System.Runtime.CompilerServices;
using FedLab.Audit.Resources;
using FedLab.Curve25519;
using Microsoft.Win32.SafeHandles;

namespace FedLab.Audit;

/// <summary>Where an appended entry stands.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="LeafHash">Its hash in the tree.</param>
public readonly record struct AuditReceipt(long Index, Sha256Hash LeafHash);

/// <summary>
/// An append-only log in a folder: canonical entries, their Merkle tree, and signed checkpoints. One process writes at a
/// time; the object is thread-safe.
/// </summary>
/// <remarks>
/// <code>
/// AppendAsync  ──►  entries.jsonl (handed to the system: outlives the process, not a power cut)
/// FlushAsync   ──►  entries to disk, then leaves.sha256 to disk: acknowledged
/// CreateCheckpointAsync ──► flush, sign the head, checkpoints/SIZE.note to disk
/// AddCosignatureAsync   ──► verify, replace that note
/// </code>
/// </remarks>
public sealed class AuditLog : IAsyncDisposable
{
    private readonly string _folder;
    private readonly NoteSigner _signer;
    private readonly TimeProvider _clock;
    private readonly FileStream _lockFile;
    private readonly SafeFileHandle _entries;
    private readonly SafeFileHandle _leaves;
    private readonly CheckpointStore _checkpoints;
    private readonly MerkleTree _tree;
    private readonly List<long> _offsets;

    // _append guards everything in memory and the end of the entries file; _flush orders what goes to disk.
    private readonly Lock _append = new();
    private readonly SemaphoreSlim _flush = new(1, 1);
    private long _entriesLength;
    private long _durableSize;
    private DateTimeOffset _lastTime;
    private bool _hasFailed;
    private bool _isDisposed;

    private AuditLog(string folder, NoteSigner signer, TimeProvider clock, FileStream lockFile, CheckpointStore checkpoints, LogRecovery recovery, SafeFileHandle entries, SafeFileHandle leaves)
    {
        _folder = folder;
        _signer = signer;
        _clock = clock;
        _lockFile = lockFile;
        _checkpoints = checkpoints;
        _entries = entries;
        _leaves = leaves;
        _tree = recovery.Tree;
        _offsets = recovery.Offsets;
        _entriesLength = recovery.EntriesLength;
        _durableSize = recovery.RecordedLeaves;
        _lastTime = recovery.LastTime;
    }

    /// <summary>The name of the log, the origin of its checkpoints.</summary>
    public string Name => _signer.Key.Name;

    /// <summary>The key that verifies its checkpoints.</summary>
    public VerifierKey Key => _signer.Key;

    /// <summary>The number of entries, flushed or not.</summary>
    public long Size
    {
        get
        {
            lock (_append) return _tree.Size;
        }
    }

    /// <summary>The root over all entries, flushed or not.</summary>
    public Sha256Hash Root
    {
        get
        {
            lock (_append) return _tree.Root;
        }
    }

    /// <summary>All checkpoints by size, with the cosignatures that came in so far.</summary>
    public IReadOnlyList<SignedCheckpoint> Checkpoints
    {
        get
        {
            lock (_append) return _checkpoints.All;
        }
    }

    /// <summary>The latest checkpoint, if there is one.</summary>
    public SignedCheckpoint? LatestCheckpoint
    {
        get
        {
            lock (_append) return _checkpoints.Latest;
        }
    }

    /// <summary>Opens the log in a folder, or begins one there. A last entry that a crash tore is cut off.</summary>
    /// <param name="folder">The folder of this log alone.</param>
    /// <param name="name">The name of the log: a key name, without white space and '+'.</param>
    /// <param name="signer">The key of its checkpoints; the caller owns it and must keep it while the log is open.</param>
    /// <param name="clock">The time of the entries.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">The name is not a key name.</exception>
    /// <exception cref="AuditException">Another process has the log open.</exception>
    /// <exception cref="AuditFormatException">The folder holds a log of another name or key, or an acknowledged entry is missing or damaged.</exception>
    public static async Task<AuditLog> OpenAsync(string folder, string name, Ed25519PrivateKey signer, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(clock);
        var noteSigner = NoteSigner.ForLog(name, signer);
        Directory.CreateDirectory(folder);
        FileStream lockFile = LogFolder.TakeLock(folder);
        SafeFileHandle? entries = null;
        SafeFileHandle? leaves = null;
        try
        {
            await LogFolder.ConfirmIdentityAsync(folder, noteSigner.Key, cancellationToken).ConfigureAwait(false);
            CheckpointStore checkpoints = await CheckpointStore.OpenAsync(folder, noteSigner.Key, cancellationToken).ConfigureAwait(false);
            LogRecovery recovery = await Task.Run(() => LogRecovery.Read(folder, name, checkpoints.All, cancellationToken), cancellationToken).ConfigureAwait(false);
            entries = File.OpenHandle(Path.Combine(folder, LogFolder.EntriesFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            leaves = File.OpenHandle(Path.Combine(folder, LogFolder.LeavesFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            RandomAccess.SetLength(entries, recovery.EntriesLength);
            RandomAccess.SetLength(leaves, recovery.RecordedLeaves * Sha256Hash.Length);
            var log = new AuditLog(folder, noteSigner, clock, lockFile, checkpoints, recovery, entries, leaves);
            await log.FlushAsync(cancellationToken).ConfigureAwait(false);
            return log;
        }
        catch
        {
            entries?.Dispose();
            leaves?.Dispose();
            await lockFile.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Appends an event. It outlives this process, and after the next <see cref="FlushAsync"/> also a power cut.</summary>
    /// <exception cref="ArgumentException">The event is of an unknown type, or its body is not what its type declares.</exception>
    /// <exception cref="AuditException">An earlier write failed, so the log must be opened anew.</exception>
    public ValueTask<AuditReceipt> AppendAsync(AuditEvent @event, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(@event);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_append)
        {
            ThrowIfUnusable();
            DateTimeOffset time = NextTime();
            Sha256Hash previous = _tree.Size == 0 ? AuditEntry.PreviousOfFirst : _tree.LeafHash(_tree.Size - 1);
            byte[] entry = AuditEntry.Encode(Name, _tree.Size, time, previous, @event);
            Sha256Hash leafHash = MerkleHasher.HashLeaf(entry);
            WriteAtEnd([.. entry, (byte)'\n']);
            _lastTime = time;
            _offsets.Add(_entriesLength);
            _entriesLength += entry.Length + 1;
            _tree.Append(leafHash);
            return ValueTask.FromResult(new AuditReceipt(_tree.Size - 1, leafHash));
        }
    }

    /// <summary>Forces every entry appended so far to disk. Concurrent callers share the work.</summary>
    /// <exception cref="AuditException">The disk refused; the log must be opened anew.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        long wanted;
        lock (_append)
        {
            ThrowIfUnusable();
            wanted = _tree.Size;
        }

        await _flush.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _durableSize) >= wanted) return;
            lock (_append) ThrowIfUnusable();
            await Task.Run(FlushToDisk, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _flush.Release();
        }
    }

    /// <summary>Flushes, then signs the head over all entries. If there is nothing new since the last checkpoint, that one is given again.</summary>
    public async Task<SignedCheckpoint> CreateCheckpointAsync(CancellationToken cancellationToken = default)
    {
        Checkpoint head;
        lock (_append) head = new Checkpoint(Name, _tree.Size, _tree.Root);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        await _flush.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SignedCheckpoint? existing;
            lock (_append)
            {
                ThrowIfUnusable();
                existing = _checkpoints.Find(head.Size);
            }

            return existing ?? await SaveAsync(SignedCheckpoint.Sign(head, _signer), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _flush.Release();
        }
    }

    /// <summary>Adds a witness's cosignature to a checkpoint. An older one by the same key gives way.</summary>
    /// <param name="size">The size of the checkpoint.</param>
    /// <param name="cosignature">The signature.</param>
    /// <param name="witness">The key that the witness is known by.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AuditException">There is no checkpoint of that size, or the signature is not the witness's.</exception>
    public async Task<SignedCheckpoint> AddCosignatureAsync(long size, NoteSignature cosignature, VerifierKey witness, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cosignature);
        ArgumentNullException.ThrowIfNull(witness);
        await _flush.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SignedCheckpoint? checkpoint;
            lock (_append)
            {
                ThrowIfUnusable();
                checkpoint = _checkpoints.Find(size);
            }

            if (checkpoint is null) throw new AuditException(Messages.CheckpointUnknown(size));
            if (!witness.Verify(checkpoint.Note.Text.Span, cosignature)) throw new AuditException(Messages.CosignatureInvalid(witness.Name, size));
            return await SaveAsync(checkpoint.WithSignature(cosignature), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _flush.Release();
        }
    }

    /// <summary>The root that the log had at an earlier size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The log never had that size.</exception>
    public Sha256Hash RootAt(long size)
    {
        lock (_append) return _tree.RootAt(size);
    }

    /// <summary>The proof that an entry is under the head of a size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The log never had that size, or the entry is not in it.</exception>
    public IReadOnlyList<Sha256Hash> InclusionProof(long index, long size)
    {
        lock (_append) return _tree.InclusionProof(index, size);
    }

    /// <summary>The proof that the head of one size extends that of another.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The log never had one of the sizes, or the old one is the larger.</exception>
    public IReadOnlyList<Sha256Hash> ConsistencyProof(long oldSize, long newSize)
    {
        lock (_append) return _tree.ConsistencyProof(oldSize, newSize);
    }

    /// <summary>Reads the entries from <paramref name="from"/> up to but without <paramref name="to"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such entries.</exception>
    public async IAsyncEnumerable<AuditEntry> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, Size);
        for (long index = from; index < to; index++)
        {
            long begin;
            long end;
            lock (_append)
            {
                ThrowIfUnusable();
                begin = _offsets[(int)index];
                end = index + 1 < _offsets.Count ? _offsets[(int)index + 1] : _entriesLength;
            }

            var bytes = new byte[end - begin - 1];
            await RandomAccess.ReadAsync(_entries, bytes, begin, cancellationToken).ConfigureAwait(false);
            yield return AuditEntry.Parse(bytes);
        }
    }

    /// <summary>
    /// Copies the log as it stands into another folder, for a bundle: the entries that are on disk after a flush, their
    /// hashes, the checkpoints and the identity, but not the lock.
    /// </summary>
    public async Task ExportAsync(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        long size;
        long length;
        IReadOnlyList<SignedCheckpoint> checkpoints;
        lock (_append)
        {
            size = _tree.Size;
            length = _entriesLength;
        }

        await FlushAsync(cancellationToken).ConfigureAwait(false);
        lock (_append) checkpoints = [.. _checkpoints.All.Where(checkpoint => checkpoint.Checkpoint.Size <= size)];
        string checkpointFolder = Path.Combine(folder, LogFolder.CheckpointsFolder);
        Directory.CreateDirectory(checkpointFolder);
        await File.WriteAllBytesAsync(Path.Combine(folder, LogFolder.IdentityFile), LogFolder.WriteIdentity(Key), cancellationToken).ConfigureAwait(false);
        await CopyAsync(_entries, length, Path.Combine(folder, LogFolder.EntriesFile), cancellationToken).ConfigureAwait(false);
        await CopyAsync(_leaves, size * Sha256Hash.Length, Path.Combine(folder, LogFolder.LeavesFile), cancellationToken).ConfigureAwait(false);
        foreach (SignedCheckpoint checkpoint in checkpoints)
        {
            await File.WriteAllBytesAsync(Path.Combine(checkpointFolder, LogFolder.CheckpointFile(checkpoint.Checkpoint.Size)), checkpoint.ToBytes(), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Flushes and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_append)
        {
            if (_isDisposed) return;
        }

        try
        {
            if (!_hasFailed) await FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            // Whoever is writing to the disk ends first, and whoever waits to is told in turn. A semaphore that is disposed would let the waiters wait for ever.
            await _flush.WaitAsync().ConfigureAwait(false);
            try
            {
                lock (_append) _isDisposed = true;
                _entries.Dispose();
                _leaves.Dispose();
                await _lockFile.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                _flush.Release();
            }
        }
    }

    private static async Task CopyAsync(SafeFileHandle source, long length, string path, CancellationToken cancellationToken)
    {
        const int BlockLength = 1 << 16;
        var block = new byte[BlockLength];
        var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await using (target.ConfigureAwait(false))
        {
            for (long offset = 0; offset < length;)
            {
                int read = await RandomAccess.ReadAsync(source, block.AsMemory(0, (int)Math.Min(BlockLength, length - offset)), offset, cancellationToken).ConfigureAwait(false);
                if (read == 0) throw new EndOfStreamException(path);
                await target.WriteAsync(block.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                offset += read;
            }
        }
    }

    /// <summary>A clock that is set back must not make the log look tampered with: time stands still until it is passed again.</summary>
    private DateTimeOffset NextTime()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        return now > _lastTime ? now : _lastTime;
    }

    private void WriteAtEnd(ReadOnlySpan<byte> line)
    {
        try
        {
            RandomAccess.Write(_entries, line, _entriesLength);
        }
        catch (IOException exception)
        {
            // Part of the line may be in the file; the next opening cuts it off.
            _hasFailed = true;
            throw new AuditException(Messages.LogFailed(_folder), exception);
        }
    }

    private void FlushToDisk()
    {
        long begin = Volatile.Read(ref _durableSize);
        byte[] hashes;
        lock (_append)
        {
            hashes = new byte[(_tree.Size - begin) * Sha256Hash.Length];
            for (long i = begin; i < _tree.Size; i++) _tree.LeafHash(i).CopyTo(hashes.AsSpan((int)(i - begin) * Sha256Hash.Length));
        }

        try
        {
            // In this order: a recorded hash promises that its entry is on disk.
            RandomAccess.FlushToDisk(_entries);
            RandomAccess.Write(_leaves, hashes, begin * Sha256Hash.Length);
            RandomAccess.FlushToDisk(_leaves);
        }
        catch (IOException exception)
        {
            lock (_append) _hasFailed = true;
            throw new AuditException(Messages.LogFailed(_folder), exception);
        }

        Volatile.Write(ref _durableSize, begin + (hashes.Length / Sha256Hash.Length));
    }

    private async Task<SignedCheckpoint> SaveAsync(SignedCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        // The store is written under _flush and read under _append, so the file comes first and the list last.
        await _checkpoints.WriteAsync(checkpoint, cancellationToken).ConfigureAwait(false);
        lock (_append) _checkpoints.Add(checkpoint);
        return checkpoint;
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_hasFailed) throw new AuditException(Messages.LogFailed(_folder));
    }
}
