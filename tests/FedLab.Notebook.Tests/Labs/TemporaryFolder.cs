namespace FedLab.Notebook.Tests.Labs;

/// <summary>A folder of a test, removed with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fedlab-notebook-").FullName;

    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // What a failed test still holds open is the system's to remove.
        }
    }
}
