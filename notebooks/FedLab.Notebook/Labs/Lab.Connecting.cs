using System.Diagnostics.CodeAnalysis;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;
using FedLab.Federation.Identity;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

// How a notebook comes to a lab, and how it takes its own one down.
public sealed partial class Lab
{
    private const string ProjectFile = ProjectFolder.FileName;

    /// <summary>Connects to a lab that others run.</summary>
    /// <param name="address">The coordinator, <c>https://HOST:PORT</c>.</param>
    /// <param name="keys">Folder with the lead's identity and the authority's certificate.</param>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The address is none, or the coordinator cannot be reached or refuses these keys.</exception>
    /// <exception cref="KeyFileException">A key or certificate is missing, malformed, readable by others, expired, or not a lead's.</exception>
    public static Task<Lab> ConnectAsync(string address, string keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(keys);
        if (!Uri.TryCreate(address, UriKind.Absolute, out var parsed) || parsed.Scheme != Uri.UriSchemeHttps || parsed.Host.Length == 0 || parsed.PathAndQuery != "/" || parsed.UserInfo.Length > 0)
            throw ClientException.Usage(LabMessages.AddressInvalid(address));
        return ConnectAsync(parsed, keys, folder: null, launched: null, cancellationToken);
    }

    /// <summary>Opens the lab of a folder: of a project (<c>fedlab project init</c>), or one that <c>fedlab up</c> made on this machine, which is brought up when it is down.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">There is no lab, or it cannot be brought up or reached.</exception>
    public static async Task<Lab> OpenAsync(string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder)) throw ClientException.Usage(LabMessages.FolderMissing(folder));
        if (File.Exists(Path.Combine(folder, ProjectFile)))
        {
            var project = ProjectFolder.Open(folder);
            return await ConnectAsync(project.Coordinator, project.LeadKeys, project.Root, launched: null, cancellationToken);
        }
        var launched = LaunchedLab.Find(folder) ?? throw ClientException.Usage(LabMessages.NotALab(folder));
        if (DetachedLab.Find(folder) is { IsRunning: false })
        {
            using var display = ProgressDisplay.Start(LabMessages.StartingLab, TimeProvider.System);
            launched = (await DetachedLab.StartAsync(folder, display, cancellationToken: Interruption.Or(cancellationToken))).Lab;
            display.End(LabMessages.LabUp(launched.Name, launched.Address.GetLeftPart(UriPartial.Authority)), good: true);
        }
        return await ConnectAsync(launched.Address, launched.Keys, launched.Workspace.Root, launched, cancellationToken);
    }

    /// <summary>
    /// Brings a lab of this machine up and leaves it running: the <c>fedlab</c> command makes it in the folder, of synthetic data or of one's own files. A folder that
    /// holds a lab already keeps it, so that a notebook can be run again from the top.
    /// </summary>
    /// <param name="folder">The folder; it may not exist yet.</param>
    /// <param name="setup">What a new lab is made of; null for the synthetic population of <c>fedlab up</c>.</param>
    /// <param name="cancellationToken">Ends the making, and what was started; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">Something in the setup is wrong, or the lab does not come up; the message is the command's.</exception>
    public static async Task<Lab> UpAsync(string folder, LabSetup? setup = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (LaunchedLab.Find(folder) is { } existing)
        {
            if (setup is not null) Remark.Show(LabMessages.LabIsThere(existing.Name));
            return await OpenAsync(folder, cancellationToken);
        }
        await UpProgram.RunAsync(folder, setup ?? new LabSetup(), Interruption.Or(cancellationToken));
        return await OpenAsync(folder, cancellationToken);
    }

    /// <summary>Takes the lab down and closes the connection. Its folder stays, with all runs and logs.</summary>
    /// <param name="cancellationToken">Ends the wait; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The lab is not one of processes on this machine, or cannot be ended.</exception>
    public async Task DownAsync(CancellationToken cancellationToken = default)
    {
        var detached = _launched is null ? null : DetachedLab.Find(_launched.Workspace.Root);
        if (detached is null) throw ClientException.Usage(LabMessages.NotOurs(Name));
        Dispose();
        await detached.StopAsync(Interruption.Or(cancellationToken));
        Remark.Show(LabMessages.LabDown(Name));
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The lab that is returned owns its connection.")]
    private static async Task<Lab> ConnectAsync(Uri address, string keys, string? folder, LaunchedLab? launched, CancellationToken cancellationToken)
    {
        var lab = new Lab(new LabConnection(address, keys, TimeProvider.System), address, keys, folder, launched, TimeProvider.System);
        try
        {
            if (launched is not null && File.Exists(launched.Specification)) lab.Prepared = RemoteRun.ReadSpecification(launched.Specification);
            await lab.RefreshAsync(cancellationToken);
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }
}
