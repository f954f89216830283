using FedLab.Data;
using FedLab.Notebook.Display;

namespace FedLab.Notebook.Data;

/// <summary>Files that a cell writes: whole or not at all, and what goes wrong is one sentence below the cell.</summary>
internal static class NotebookFile
{
    /// <summary>Writes a file, while the cell waits.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="FrameException">Writing failed; the message says what to do.</exception>
    public static void Write(string path, Func<Stream, CancellationToken, Task> write)
    {
        try
        {
            AtomicFile.WriteAsync(path, write, NotebookHost.Interrupted).GetAwaiter().GetResult();
        }
        catch (IOException e)
        {
            throw new FrameException(e.Message, e);
        }
    }
}
