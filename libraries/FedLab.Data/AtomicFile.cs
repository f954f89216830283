namespace FedLab.Data;

/// <summary>
/// Writes files whole or not at all: into a temporary file in the same folder, flushed to the disk, then renamed. A failure leaves an
/// earlier file as it was and removes the temporary one.
/// </summary>
public static class AtomicFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>ENOSPC and EDQUOT as .NET reports them on Unix.</summary>
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;
    private const int QuotaExceededOnMac = 69;

    /// <summary>ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.</summary>
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    /// <summary>Writes a file.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="write">Writes the content; the stream is closed by the caller.</param>
    /// <param name="cancellationToken">Passed on; a cancelled write leaves nothing.</param>
    /// <exception cref="IOException">The message names the file and says what to do: no such folder, disk full, no permission.</exception>
    public static async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        if (Directory.Exists(path)) throw new IOException(Messages.WriteIsFolder(path));
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, FileOptions.Asynchronous);
            await using (stream.ConfigureAwait(false))
            {
                await write(stream, cancellationToken).ConfigureAwait(false);
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            cancellationToken.ThrowIfCancellationRequested();
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException(Describe(path, e), e);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <inheritdoc cref="WriteAsync(string, Func{Stream, CancellationToken, Task}, CancellationToken)"/>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="content">All of its bytes.</param>
    /// <param name="cancellationToken">Passed on; a cancelled write leaves nothing.</param>
    public static Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        WriteAsync(path, async (stream, token) => await stream.WriteAsync(content, token).ConfigureAwait(false), cancellationToken);

    private static string Describe(string path, Exception e) => e switch
    {
        DirectoryNotFoundException => Messages.WriteFolderMissing(path),
        UnauthorizedAccessException => Messages.WriteDenied(path),
        { HResult: NoSpaceLeft or QuotaExceeded or QuotaExceededOnMac or WindowsDiskFull or WindowsHandleDiskFull } => Messages.WriteDiskFull(path),
        _ => Messages.WriteFailed(path, e.Message),
    };

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is what the caller must see, not that its debris could not be removed.
        }
    }
}
