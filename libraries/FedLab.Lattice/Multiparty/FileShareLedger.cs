using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace FedLab.Lattice.Multiparty;

/// <summary>A ledger that outlives the process: an append-only file in a party's folder. One process has it open at a time; thread-safe.</summary>
/// <remarks>
/// <para>The file is a 16-byte magic and records of <see cref="LedgerRecord.Bytes"/> bytes, each chained by SHA-256 to all before it. It is flushed to
/// the disk before a share is computed (the reservation) and again before it may leave (its digest); the bytes of the shares lie beside it in
/// "<c>path</c>.shares", one file each, written whole before the record that names them.</para>
/// <para>Failing closed: a record that breaks the chain before the end means damage, and the ledger does not open. A last record that is cut or does not
/// verify is what a crash leaves. If it still says what for, that one thing counts as possibly given; if not, nothing fresh is given any more, only stored
/// shares. After a failed write the same holds until the party is started again.</para>
/// <para>A ledger belongs to one secret. It cannot see that it was put back to an earlier state: never restore it from a backup together with the keys.
/// <see cref="Head"/> can be written to the audit log, which shows it.</para>
/// </remarks>
public sealed class FileShareLedger : IShareLedger, IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly string _path;
    private readonly string _shareFolder;
    private readonly TimeProvider _clock;
    private readonly bool _keepShares;
    private readonly FileStream _stream;
    private readonly Lock _lock = new();
    private readonly ShareRecords _records = new();
    private readonly byte[] _chain = new byte[SHA256.HashSizeInBytes];
    private long _length;
    private string? _refusal;
    private bool _isDisposed;

    private FileShareLedger(string path, TimeProvider clock, bool keepShares, FileStream file)
    {
        (_path, _shareFolder, _clock, _keepShares, _stream) = (path, path + ".shares", clock, keepShares, file);
    }

    /// <summary>The hash of all records: changes with every one of them.</summary>
    public byte[] Head
    {
        get
        {
            lock (_lock)
                return [.. _chain];
        }
    }

    /// <summary>How many polynomials a share was given for, or may have been.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _records.Count;
        }
    }

    /// <summary>Whether the ledger gives no fresh shares any more because its end was cut.</summary>
    public bool IsSealed
    {
        get
        {
            lock (_lock)
                return _refusal is not null;
        }
    }

    private SafeFileHandle Handle => _stream.SafeFileHandle;

    private static ReadOnlySpan<byte> Magic => "FedLab shares 1\n"u8;

    /// <summary>Starts the empty ledger of a new secret; missing folders are made for their owner alone.</summary>
    /// <param name="path">The file, in a folder of the party.</param>
    /// <param name="clock">Time of the records.</param>
    /// <param name="keepShares">Whether the bytes of shares are kept, so that the identical share can be sent again after a restart.</param>
    /// <returns>The ledger; the caller disposes it.</returns>
    /// <exception cref="ShareLedgerException">There is a file already, or it cannot be written.</exception>
    public static FileShareLedger Create(string path, TimeProvider clock, bool keepShares = true) => Open(path, clock, keepShares, FileMode.CreateNew);

    /// <summary>Opens the ledger of a secret that gave shares before. A missing file is refused: an empty ledger would allow every share again.</summary>
    /// <param name="path">The file that <see cref="Create"/> made.</param>
    /// <param name="clock">Time of the records.</param>
    /// <param name="keepShares">Whether the bytes of further shares are kept.</param>
    /// <returns>The ledger; the caller disposes it.</returns>
    /// <exception cref="ShareLedgerException">It is missing, open elsewhere, damaged, not a ledger, accessible to others, or cannot be read or written.</exception>
    public static FileShareLedger Open(string path, TimeProvider clock, bool keepShares = true) => Open(path, clock, keepShares, FileMode.Open);

    /// <inheritdoc/>
    public void Reserve(ShareRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            RequireWritable();
            _records.RefuseKnown(request);
            var time = _clock.GetUtcNow();
            Append(request, time, ReadOnlySpan<byte>.Empty);
            _records.Reserve(request, time);
        }
    }

    /// <inheritdoc/>
    public void Store(ShareRequest request, ReadOnlySpan<byte> share)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_lock)
        {
            RequireWritable();
            _records.RequireOpen(request);
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(share, digest);
            if (_keepShares)
                WriteShare(request.Session, share);
            Append(request, _clock.GetUtcNow(), digest);
            _records.Complete(new ShareHash(request.Session), new ShareHash(digest));
        }
    }

    /// <inheritdoc/>
    public bool TryRead(ShareRequest request, IBufferWriter<byte> share)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(share);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_records.TryGetDigest(new ShareHash(request.Session), out var digest))
                return false;
            var path = SharePath(request.Session);
            if (!File.Exists(path))
                return false;
            byte[] bytes;
            try
            {
                bytes = File.ReadAllBytes(path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new ShareLedgerException(MultipartyMessages.LedgerShareDamaged(path), failure);
            }

            Span<byte> found = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes, found);
            if (new ShareHash(found) != digest)
                throw new ShareLedgerException(MultipartyMessages.LedgerShareDamaged(path));
            share.Write(bytes);
            return true;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _stream.Dispose();
        }
    }

    private static FileShareLedger Open(string path, TimeProvider clock, bool keepShares, FileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(clock);
        path = Path.GetFullPath(path);
        var file = OpenFile(path, mode);
        var ledger = new FileShareLedger(path, clock, keepShares, file);
        try
        {
            ledger.Load(isNew: mode == FileMode.CreateNew);
            return ledger;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw new ShareLedgerException(MultipartyMessages.LedgerCannotWrite(path, failure.Message), failure);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static FileStream OpenFile(string path, FileMode mode)
    {
        try
        {
            if (mode == FileMode.CreateNew)
                CreateFolder(Path.GetDirectoryName(path)!);

            // FileShare.None takes an exclusive advisory lock that ends with the process.
            var file = new FileStream(path, OwnerOptions(mode, FileAccess.ReadWrite));
            if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) is var rights && (rights & Others) != UnixFileMode.None)
            {
                file.Dispose();
                throw new ShareLedgerException(MultipartyMessages.LedgerTooWide(path, Convert.ToString((int)rights, 8)));
            }

            return file;
        }
        catch (IOException failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ShareLedgerException(MultipartyMessages.LedgerMissing(path), failure);
        }
        catch (IOException failure) when (mode == FileMode.CreateNew && File.Exists(path))
        {
            throw new ShareLedgerException(MultipartyMessages.LedgerExists(path), failure);
        }
        catch (IOException failure) when (IsLocked(failure))
        {
            throw new ShareLedgerException(MultipartyMessages.LedgerOpenElsewhere(path), failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ShareLedgerException(MultipartyMessages.LedgerCannotWrite(path, failure.Message), failure);
        }
    }

    /// <summary>Whether another process holds the file: EWOULDBLOCK on Linux and on BSD, ERROR_SHARING_VIOLATION on Windows.</summary>
    private static bool IsLocked(IOException failure) => failure.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static FileStreamOptions OwnerOptions(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
            options.UnixCreateMode = OwnerFile;
        return options;
    }

    /// <summary>Makes a folder and those above it, each durable: a folder that a power cut takes away takes the ledger with it.</summary>
    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        var parent = Path.GetDirectoryName(folder);
        if (parent is not null)
            CreateFolder(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerFolder);
        if (parent is not null)
            DurableFolder.Flush(parent);
    }

    private void Load(bool isNew)
    {
        _length = RandomAccess.GetLength(Handle);
        SHA256.HashData(Magic, _chain);
        if (isNew)
        {
            Write(Magic);
            DurableFolder.Flush(Path.GetDirectoryName(_path)!);
            return;
        }

        Span<byte> buffer = stackalloc byte[LedgerRecord.Bytes];
        var magic = buffer[..Magic.Length];
        if (ReadAt(magic, 0) < Magic.Length || !magic.SequenceEqual(Magic))
            throw new ShareLedgerException(MultipartyMessages.LedgerNotALedger(_path));
        for (long position = Magic.Length, number = 0; position < _length; position += LedgerRecord.Bytes, number++)
        {
            var present = ReadAt(buffer, position);
            if (LedgerRecord.TryParse(buffer[..present], _chain, out var record))
            {
                Take(record, buffer);
                continue;
            }

            if (position + LedgerRecord.Bytes < _length)
                throw new ShareLedgerException(MultipartyMessages.LedgerDamaged(_path, number));
            MendEnd(buffer[..present], position);
            return;
        }
    }

    /// <summary>The last record was cut: what it still names is spent, and if it names nothing, everything is.</summary>
    private void MendEnd(ReadOnlySpan<byte> torn, long position)
    {
        if (!LedgerRecord.TryParseSubject(torn, out var subject, out var protocol))
        {
            _refusal = MultipartyMessages.LedgerSealed(_path);
            return;
        }

        // The next record is written over the torn one. What it named is either known as reserved, or is reserved now: the first 48 bytes
        // of that record are those that are there, so a crash here leaves the same state.
        _length = position;
        if (_records.Contains(new ShareHash(subject)))
            return;
        var time = _clock.GetUtcNow();
        Span<byte> record = stackalloc byte[LedgerRecord.Bytes];
        LedgerRecord.WriteReservation(subject, protocol, time, new byte[ShareRequest.HashBytes], new byte[ShareRequest.HashBytes], record);
        LedgerRecord.Seal(record, _chain);
        Write(record);
        LedgerRecord.Advance(record, _chain);
        _records.Add(new ShareHash(subject), new ShareRecord(protocol, time, default));
    }

    private void Take(LedgerRecord record, ReadOnlySpan<byte> bytes)
    {
        var session = new ShareHash(record.Session);
        if (!_records.Contains(new ShareHash(record.Subject)))
            _records.Add(new ShareHash(record.Subject), new ShareRecord(record.Protocol, record.Time, session));
        if (record.IsComplete)
            _records.Complete(session, new ShareHash(record.Digest));
        LedgerRecord.Advance(bytes, _chain);
    }

    /// <summary>All records of a request in one write, then to the disk.</summary>
    private void Append(ShareRequest request, DateTimeOffset time, ReadOnlySpan<byte> digest)
    {
        var count = digest.IsEmpty ? request.SubjectCount : 1;
        var bytes = new byte[count * LedgerRecord.Bytes];
        Span<byte> chain = stackalloc byte[SHA256.HashSizeInBytes];
        _chain.CopyTo(chain);
        for (var i = 0; i < count; i++)
        {
            var record = bytes.AsSpan(i * LedgerRecord.Bytes, LedgerRecord.Bytes);
            if (digest.IsEmpty)
                LedgerRecord.WriteReservation(request.Subject(i), request.Protocol, time, request.Session, request.Transcript, record);
            else
                LedgerRecord.WriteCompletion(request.Subject(0), request.Protocol, time, request.Session, request.Transcript, digest, record);
            LedgerRecord.Seal(record, chain);
            LedgerRecord.Advance(record, chain);
        }

        Write(bytes);
        chain.CopyTo(_chain);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(Handle, bytes, _length);
            RandomAccess.FlushToDisk(Handle);
            _length += bytes.Length;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Fail(failure);
        }
    }

    private void WriteShare(ReadOnlySpan<byte> session, ReadOnlySpan<byte> share)
    {
        try
        {
            CreateFolder(_shareFolder);
            var path = SharePath(session);
            var temporary = path + ".new";
            using (var file = new FileStream(temporary, OwnerOptions(FileMode.Create, FileAccess.Write)))
            {
                file.Write(share);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            DurableFolder.Flush(_shareFolder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Fail(failure);
        }
    }

    private ShareLedgerException Fail(Exception failure)
    {
        _refusal = MultipartyMessages.LedgerCannotWrite(_path, failure.Message);
        return new ShareLedgerException(_refusal, failure);
    }

    private void RequireWritable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_refusal is not null)
            throw new ShareLedgerException(_refusal);
    }

    private int ReadAt(Span<byte> buffer, long position)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var read = RandomAccess.Read(Handle, buffer[filled..], position + filled);
            if (read == 0)
                break;
            filled += read;
        }

        return filled;
    }

    private string SharePath(ReadOnlySpan<byte> session) => Path.Combine(_shareFolder, Convert.ToHexStringLower(session) + ".share");
}
