using System.IO.Compression;
using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>The files of a bundle, from a folder or a zip file, within limits that no real bundle reaches.</summary>
internal abstract class BundleFiles : IDisposable
{
    internal const int MaximumFiles = 20_000;
    internal const long MaximumFileLength = 1L << 30;
    internal const long MaximumTotalLength = 1L << 32;
    private const int MaximumNameLength = 240;

    private readonly SortedDictionary<string, long> _lengths = new(StringComparer.Ordinal);
    private long _totalLength;

    /// <summary>Paths with forward slashes, in ordinal order.</summary>
    internal IReadOnlyCollection<string> Names => _lengths.Keys;

    internal static BundleFiles Open(string path)
    {
        if (Directory.Exists(path)) return new FolderBundleFiles(path);
        if (File.Exists(path)) return new ZipBundleFiles(path);
        throw new AuditFormatException(Messages.BundleMissing(path));
    }

    internal bool Contains(string name) => _lengths.ContainsKey(name);

    /// <summary>Opens a file that the bundle has. The stream ends with an error if it is longer than was said.</summary>
    internal Stream OpenFile(string name) => new BoundedStream(OpenUnbounded(name), _lengths[name]);

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="AuditFormatException">It is missing, longer than <paramref name="limit"/> or cannot be read.</exception>
    internal byte[] ReadFile(string name, int limit)
    {
        if (!_lengths.TryGetValue(name, out long length)) throw new AuditFormatException(Messages.BundleFileMissing(name));
        if (length > limit) throw new AuditFormatException(Messages.BundleFileTooLarge(name, limit));
        try
        {
            using Stream stream = OpenFile(name);
            var content = new byte[length];
            stream.ReadExactly(content);
            if (stream.ReadByte() >= 0) throw new InvalidDataException();
            return content;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new AuditFormatException(Messages.BundleFileUnreadable(name), exception);
        }
    }

    /// <summary>A relative path with forward slashes that stays below the bundle on every system.</summary>
    internal static bool IsSafeName(string name)
    {
        if (name.Length is 0 or > MaximumNameLength || name.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')) return false;
        return name.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    protected abstract Stream OpenUnbounded(string name);

    protected void Add(string name, long length)
    {
        if (!IsSafeName(name)) throw new AuditFormatException(Messages.BundleFileName(name));
        if (length is < 0 or > MaximumFileLength) throw new AuditFormatException(Messages.BundleFileTooLarge(name, MaximumFileLength));
        if (!_lengths.TryAdd(name, length)) throw new AuditFormatException(Messages.BundleFileName(name));
        if (_lengths.Count > MaximumFiles) throw new AuditFormatException(Messages.BundleTooManyFiles(MaximumFiles));
        _totalLength += length;
        if (_totalLength > MaximumTotalLength) throw new AuditFormatException(Messages.BundleTooLarge(MaximumTotalLength));
    }
}

/// <summary>A bundle in a folder. Links are not followed.</summary>
internal sealed class FolderBundleFiles : BundleFiles
{
    private const int MaximumDepth = 8;
    private readonly string _folder;

    internal FolderBundleFiles(string folder)
    {
        _folder = folder;
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaximumDepth, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", options))
        {
            Add(Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.Length);
        }
    }

    public override void Dispose()
    {
        // Nothing is held open.
    }

    protected override Stream OpenUnbounded(string name) => new FileStream(Path.Combine(_folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
}

/// <summary>A bundle in a zip file.</summary>
internal sealed class ZipBundleFiles : BundleFiles
{
    private const long MaximumZipLength = 1L << 30;
    private const int MaximumRatio = 200;
    private const long RatioMatters = 1L << 20;

    private readonly FileStream _stream;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);

    internal ZipBundleFiles(string path)
    {
        _stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            if (_stream.Length > MaximumZipLength) throw new AuditFormatException(Messages.BundleFileTooLarge(path, MaximumZipLength));
            ZipDirectory.RequireAtMost(_stream, MaximumFiles, path);
            _archive = new ZipArchive(_stream, ZipArchiveMode.Read, leaveOpen: true);
            foreach (ZipArchiveEntry entry in _archive.Entries)
            {
                if (entry.FullName.EndsWith('/') && entry.Length == 0) continue;
                if (entry.Length > RatioMatters && entry.Length / Math.Max(1, entry.CompressedLength) > MaximumRatio) throw new AuditFormatException(Messages.BundleRatio(Messages.Shorten(entry.FullName), MaximumRatio));
                // Two names that differ in case only would be one file on some systems.
                if (!_entries.TryAdd(entry.FullName, entry)) throw new AuditFormatException(Messages.BundleFileName(entry.FullName));
                Add(entry.FullName, entry.Length);
            }
        }
        catch (InvalidDataException exception)
        {
            Dispose();
            throw new AuditFormatException(Messages.BundleNotZip(path), exception);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        _archive?.Dispose();
        _stream.Dispose();
    }

    protected override Stream OpenUnbounded(string name) => _entries[name].Open();
}
