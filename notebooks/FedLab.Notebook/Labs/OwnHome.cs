using FedLab.Client;
using FedLab.Data;
using FedLab.Federation.Remote;
using FedLab.Notebook.Resources;
using FedLab.Sources;

namespace FedLab.Notebook.Labs;

/// <summary>The home folder of one's own institution, as far as a notebook reads it: its name, where its rows are, and what it keeps of runs.</summary>
internal sealed class OwnHome
{
    private OwnHome(string folder, string name) => (Folder, Name) = (folder, name);

    /// <summary>The folder, absolute.</summary>
    public string Folder { get; }

    /// <summary>Name of the institution.</summary>
    public string Name { get; }

    /// <summary>Opens a home.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ClientException">It is no participant's home.</exception>
    /// <exception cref="ConfigurationException">Its configuration is malformed.</exception>
    public static OwnHome Open(string folder)
    {
        var full = Path.GetFullPath(folder);
        return File.Exists(Path.Combine(full, HomeConfiguration.FileName)) ? new OwnHome(full, HomeConfiguration.ReadName(full)) : throw ClientException.Usage(LabMessages.HomeMissing(folder));
    }

    /// <summary>A file that the home keeps of a run; null when there is none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">Name of the file.</param>
    public string? FileOf(string run, string name) => Path.Combine(Folder, "runs", run, name) is var path && File.Exists(path) ? path : null;

    /// <summary>Where the institution's rows are and what its columns are, as its participant reads them.</summary>
    /// <exception cref="ConfigurationException">The configuration lacks something, or the password of a database is not where it says.</exception>
    public DataSourceOptions Source() => HomeConfiguration.ReadSource(Folder);
}
