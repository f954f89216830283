namespace FedLab.Audit;

/// <summary>Small files that are either the old or the new content after a crash, never a mixture.</summary>
internal static class DurableFile
{
    private const string TemporarySuffix = ".tmp";

    /// <summary>Writes beside the file, forces to disk, then renames over it.</summary>
    internal static async Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string temporary = path + TemporarySuffix;
        var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(content, cancellationToken).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The content, or <see langword="null"/> if there is no such file.</summary>
    /// <exception cref="AuditFormatException">The file is larger than <paramref name="limit"/>.</exception>
    internal static async Task<byte[]?> ReadAsync(string path, int limit, CancellationToken cancellationToken)
    {
        if (!File.Exists(path)) return null;
        if (new FileInfo(path).Length > limit) throw new AuditFormatException(Resources.Messages.BundleFileTooLarge(path, limit));
        return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
    }
}
