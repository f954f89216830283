using FedLab.Client.Labs;

namespace FedLab.Client;

/// <summary>A run failed or was stopped after its folder had been made; the cause is the inner exception.</summary>
public sealed class RunFolderException : Exception
{
    private RunFolderException(string folder, Exception cause)
        : base(cause.Message, cause) => Folder = folder;

    /// <summary>The folder with what the run left.</summary>
    public string Folder { get; }

    /// <summary>Does work that fills a run's folder. When it fails before anything was written, a folder that was made for it is removed again.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="workspace">The folder.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="RunFolderException">The work failed and left something.</exception>
    public static async Task<T> GuardAsync<T>(LabWorkspace workspace, Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return await work();
        }
        catch (Exception e) when (e is not RunFolderException)
        {
            if (!IsEmpty(workspace.Root)) throw new RunFolderException(workspace.Root, e);
            if (workspace.IsNew) Directory.Delete(workspace.Root);
            throw;
        }
    }

    private static bool IsEmpty(string folder) => Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();
}
