using FedLab.Client;
using FedLab.Client.Simulations;
using FedLab.Data;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>Scores new rows through the institutions of a finished simulation (<c>fedlab simulate</c>, <c>fedlab demo</c>), whose lab is started again for that.</summary>
public static class JointScoring
{
    /// <summary>Scores, with progress below the cell.</summary>
    /// <param name="folder">The folder of the finished simulation, or its model folder.</param>
    /// <param name="files">New rows of every institution by its name; the label may be left out.</param>
    /// <param name="output">The file to write, with key and probability; it appears whole or not at all.</param>
    /// <param name="cancellationToken">Stops everything that was started; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">Something that was named is wrong, or the run failed.</exception>
    /// <exception cref="DataFormatException">A file cannot be used.</exception>
    public static async Task<ScoringReport> RunAsync(string folder, IReadOnlyDictionary<string, string> files, string output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(output);
        using var display = ProgressDisplay.Start($"{LabMessages.Scores} {Path.GetFileName(Path.GetFullPath(output))}", TimeProvider.System);
        return await Scoring.RunAsync(folder, [.. files.Select(file => $"{file.Key}={file.Value}")], output, display, TimeProvider.System, Interruption.Or(cancellationToken));
    }
}
