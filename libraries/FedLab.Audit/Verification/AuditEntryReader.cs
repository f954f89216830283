using FedLab.Audit.Resources;

namespace FedLab.Audit;

/// <summary>Reads the entries of logs for people who want to see them. Nothing is proved by that: <see cref="AuditVerifier"/> does.</summary>
public static class AuditEntryReader
{
    private const string LogsFolder = "logs/";

    /// <summary>
    /// The entries of one log's folder as it stands, also while it is written to, or of all logs of a bundle (a folder or a zip file), log after log. A line at the
    /// end that is not whole yet is left out.
    /// </summary>
    /// <param name="path">The folder of a log, or a bundle.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="AuditFormatException">There is no log at that path, it breaks the limits of a bundle, or a line is not an entry.</exception>
    public static IEnumerable<AuditEntry> Read(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var log = Path.Combine(path, LogFolder.EntriesFile);
        return File.Exists(log) ? ReadLog(log, cancellationToken) : ReadBundle(path, cancellationToken);
    }

    private static IEnumerable<AuditEntry> ReadLog(string file, CancellationToken cancellationToken)
    {
        using Stream stream = Open(file, () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0));
        foreach (AuditEntry entry in ReadLines(stream, file, cancellationToken)) yield return entry;
    }

    private static IEnumerable<AuditEntry> ReadBundle(string path, CancellationToken cancellationToken)
    {
        using BundleFiles files = Open(path, () => BundleFiles.Open(path));
        string[] logs = [.. files.Names.Where(name => name.StartsWith(LogsFolder, StringComparison.Ordinal) && name.EndsWith("/" + LogFolder.EntriesFile, StringComparison.Ordinal))];
        if (logs.Length == 0) throw new AuditFormatException(Messages.BundleMissing(path));
        foreach (string log in logs)
        {
            using Stream stream = Open(log, () => files.OpenFile(log));
            foreach (AuditEntry entry in ReadLines(stream, log, cancellationToken)) yield return entry;
        }
    }

    private static IEnumerable<AuditEntry> ReadLines(Stream stream, string file, CancellationToken cancellationToken)
    {
        var reader = new EntryLineReader(stream);
        while (Open(file, () => reader.Read()) is EntryLine line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (line.IsTooLong) throw new AuditFormatException(Messages.LogEntryTooLong(AuditEntry.MaximumLength));
            if (!line.IsTerminated) yield break;
            yield return AuditEntry.Parse(line.Bytes.Span);
        }
    }

    private static T Open<T>(string file, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new AuditFormatException(Messages.BundleFileUnreadable(file), exception);
        }
    }
}
