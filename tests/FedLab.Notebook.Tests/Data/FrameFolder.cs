namespace FedLab.Notebook.Tests.Data;

/// <summary>A folder for one test's files.</summary>
public abstract class FrameFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedlab-frame");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string At(string name) => Path.Combine(_folder.FullName, name);
}
