using System.IO.Compression;

namespace FedLab.Synthesis;

/// <summary>Writes a file whole or not at all: into a temporary neighbour first, renamed when it is complete and on disk.</summary>
internal static class SyntheticFile
{
    public static async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var temporary = $"{path}.{Environment.ProcessId:x}-{Guid.NewGuid():N}.tmp";
        try
        {
            var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
                {
                    var compressed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
                    await using (compressed.ConfigureAwait(false)) await write(compressed, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await write(file, cancellationToken).ConfigureAwait(false);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
