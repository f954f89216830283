using System.IO.Enumeration;
using System.Text;
using System.Text.Json;

namespace FedLab.Kernel.Serving;

/// <summary>A cell that was run.</summary>
/// <param name="Session">The number of the kernel's run.</param>
/// <param name="Line">The number of the cell in it.</param>
/// <param name="Code">The cell.</param>
/// <param name="Output">The text of its value, of a cell of this session; null where it had none. It may hold rows or passwords, so it is never written.</param>
internal sealed record HistoryEntry(int Session, int Line, string Code, string? Output);

/// <summary>
/// The cells of this and earlier sessions: a file of JSON lines that only its owner can read, bounded. The file holds what was typed and
/// nothing that a cell showed. Where the file cannot be used, the history is this session's.
/// </summary>
internal sealed class HistoryStore
{
    /// <summary>Cells that are kept.</summary>
    public const int MaximumEntries = 10_000;

    /// <summary>Bytes of the file; a larger one is shortened to its newer half when a session begins.</summary>
    public const int MaximumFileBytes = 16 << 20;

    private const int MaximumLineBytes = 256 << 10;
    private const int Attempts = 100;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(10);

    private readonly string? _path;
    private readonly List<HistoryEntry> _entries;

    private HistoryStore(string? path, List<HistoryEntry> entries, int session) => (_path, _entries, Session) = (path, entries, session);

    /// <summary>The number of this session.</summary>
    public int Session { get; }

    /// <summary>The file under the user's data folder (XDG base directories).</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static string DefaultPath(Func<string, string?> environment)
    {
        var data = environment("XDG_DATA_HOME");
        if (string.IsNullOrEmpty(data)) data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(data, "fedlab", "notebook-history.jsonl");
    }

    /// <summary>Begins a session.</summary>
    /// <param name="path">The file; null keeps nothing.</param>
    /// <param name="cancellationToken">Ends the waiting for another kernel that uses the file.</param>
    public static async Task<HistoryStore> OpenAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null) return new(null, [], 1);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // What is put in a link's place would leave the file behind the link as it is.
            if (new FileInfo(path).LinkTarget is not null) path = File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
            var held = await LockAsync(path, cancellationToken).ConfigureAwait(false);
            await using (held.ConfigureAwait(false))
            {
                var (entries, last, clean) = Read(path);
                if (!clean)
                {
                    if (entries.Count > MaximumEntries || new FileInfo(path).Length > MaximumFileBytes) entries.RemoveRange(0, entries.Count / 2);
                    Replace(path, entries);
                }
                var session = last == int.MaxValue ? 1 : last + 1;
                Append(path, Line(new(session, 0, "", null)));
                return new(path, entries, session);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new(null, [], 1);
        }
    }

    /// <summary>Adds a cell.</summary>
    /// <param name="line">Its number.</param>
    /// <param name="code">The cell.</param>
    /// <param name="output">The text of its value.</param>
    /// <param name="cancellationToken">Ends the waiting for another kernel that uses the file.</param>
    public async Task AddAsync(int line, string code, string? output, CancellationToken cancellationToken)
    {
        var entry = new HistoryEntry(Session, line, code, output);
        lock (_entries)
        {
            _entries.Add(entry);
            if (_entries.Count > 2 * MaximumEntries) _entries.RemoveRange(0, MaximumEntries);
        }
        if (_path is null) return;
        var bytes = Line(entry);
        if (bytes.Length > MaximumLineBytes) return;
        try
        {
            var held = await LockAsync(_path, cancellationToken).ConfigureAwait(false);
            await using (held.ConfigureAwait(false)) Append(_path, bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The file is lost, the session's own history is not.
        }
    }

    /// <summary>The newest cells, oldest first.</summary>
    /// <param name="count">How many.</param>
    public IReadOnlyList<HistoryEntry> Tail(int count) => [.. All().TakeLast(Math.Max(0, count))];

    /// <summary>Cells of one session.</summary>
    /// <param name="session">Its number; 0 is this one, −1 the one before.</param>
    /// <param name="start">The first cell's number.</param>
    /// <param name="stop">The number after the last cell's; null for all.</param>
    public IReadOnlyList<HistoryEntry> Range(int session, int start, int? stop)
    {
        var wanted = session > 0 ? session : (long)Session + session;
        return [.. All().Where(entry => entry.Session == wanted && entry.Line >= start && (stop is null || entry.Line < stop))];
    }

    /// <summary>Cells whose whole text fits a pattern, oldest first.</summary>
    /// <param name="pattern">With <c>*</c> and <c>?</c>.</param>
    /// <param name="count">The newest so many; null for all.</param>
    /// <param name="unique">Whether of equal cells only the newest counts.</param>
    public IReadOnlyList<HistoryEntry> Search(string pattern, int? count, bool unique)
    {
        var newestFirst = All().Where(entry => FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), entry.Code, ignoreCase: false)).Reverse();
        if (unique) newestFirst = newestFirst.DistinctBy(entry => entry.Code, StringComparer.Ordinal);
        return [.. (count is { } most ? newestFirst.Take(Math.Max(0, most)) : newestFirst).Reverse()];
    }

    private HistoryEntry[] All()
    {
        lock (_entries) return [.. _entries];
    }

    // A file beside the history, since the history itself may be replaced. FileShare.None is a lock that other kernels respect; each holds it
    // for less than a millisecond, and for longer only where it writes the history anew.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return OpenFile(path + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException) when (attempt < Attempts)
            {
                await Task.Delay(Retry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static FileStream OpenFile(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static void Append(string path, byte[] line)
    {
        using var stream = OpenFile(path, FileMode.OpenOrCreate);
        stream.Seek(0, SeekOrigin.End);
        stream.Write(line);
    }

    /// <summary>Writes the file anew, as a whole or not at all.</summary>
    private static void Replace(string path, List<HistoryEntry> entries)
    {
        var beside = path + ".new";
        File.Delete(beside);
        try
        {
            using (var stream = OpenFile(beside, FileMode.CreateNew))
            {
                foreach (var entry in entries) stream.Write(Line(entry));
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    // A line that is no entry, for example the half of one, is passed over. Whatever is not as this kernel writes it must leave the file:
    // earlier ones wrote what cells showed beside the code.
    private static (List<HistoryEntry> Entries, int Session, bool Clean) Read(string path)
    {
        var entries = new List<HistoryEntry>();
        var session = 0;
        using var stream = OpenFile(path, FileMode.OpenOrCreate);
        if (stream.Length > 4L * MaximumFileBytes) return (entries, session, false); // No kernel wrote that.
        var clean = stream.Length <= MaximumFileBytes;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            Stored? stored;
            try
            {
                stored = JsonSerializer.Deserialize<Stored>(line);
            }
            catch (JsonException)
            {
                stored = null;
            }
            if (stored is not { Session: > 0, Code: not null })
            {
                clean = false;
                continue;
            }
            session = Math.Max(session, stored.Session);
            clean = clean && JsonSerializer.Serialize(stored) == line;
            if (stored.Line > 0) entries.Add(new(stored.Session, stored.Line, stored.Code, null));
        }
        return (entries, session, clean && entries.Count <= MaximumEntries);
    }

    private static byte[] Line(HistoryEntry entry) => [.. JsonSerializer.SerializeToUtf8Bytes(new Stored(entry.Session, entry.Line, entry.Code)), (byte)'\n'];

    /// <summary>What a line of the file holds.</summary>
    private sealed record Stored(int Session, int Line, string Code);
}
