using System.Text.Json;
using FedLab.Client.Launching;
using FedLab.Client.Resources;
using FedLab.Client.Wording;
using FedLab.Federation.Channels;

namespace FedLab.Client.Labs;

/// <summary>
/// Collects the audit bundle of a run from the folders of a lab that is on this machine as a whole. In production the lead fetches the coordinator's part over the
/// network and each institution hands in its own log.
/// </summary>
public static class AuditCollection
{
    private const string ManifestFile = "manifest.json";
    private const string SignaturesFile = "signatures.json";

    /// <summary>
    /// Makes the bundle. Each log is taken up to its last signed head, the coordinator's up to the last that enough institutions have cosigned; so a lab may go on meanwhile, but for a run
    /// that is under way, of which the logs would tell different parts.
    /// </summary>
    /// <param name="lab">The lab.</param>
    /// <param name="run">Name of a finished training run, whose model goes with it.</param>
    /// <param name="folder">The bundle's folder, which must not exist yet, or be empty.</param>
    /// <param name="caller">Who asks, for what is said of the folder.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The folder, absolute.</returns>
    /// <exception cref="ClientException">The run has published no model, or the folder cannot be made.</exception>
    public static async Task<string> CollectAsync(LaunchedLab lab, string run, string folder, CallerWords caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lab);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(caller);
        var shelf = Path.Combine(lab.Workspace.Coordinator, "models", run);
        if (!EnvelopeHeader.IsName(run) || !File.Exists(Path.Combine(shelf, SignaturesFile))) throw ClientException.Usage(Messages.RunWithoutModel(run));
        var bundle = LabWorkspace.Create(folder, caller).Root;
        try
        {
            var manifest = await File.ReadAllBytesAsync(Path.Combine(shelf, ManifestFile), cancellationToken);
            var signatures = JsonSerializer.Deserialize<Dictionary<string, byte[]>>(await File.ReadAllBytesAsync(Path.Combine(shelf, SignaturesFile), cancellationToken)) ?? [];
            await AuditBundleBuilder.FillAsync(lab.Workspace, lab.Parties, lab.Name, manifest, Simulations.ModelFolder.SignaturesOf(signatures), bundle, cancellationToken);
            return bundle;
        }
        catch (Exception e)
        {
            Directory.Delete(bundle, recursive: true);
            if (e is IOException or UnauthorizedAccessException or JsonException) throw new ClientException(Messages.OutNotWritable(folder, e.Message, caller), e);
            throw;
        }
    }
}
