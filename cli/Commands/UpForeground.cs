using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;

namespace FedLab.Cli.Commands;

/// <summary>A lab that is brought up while a person watches: until it is well, and then until Ctrl-C.</summary>
/// <param name="screen">Where to write.</param>
/// <param name="time">Clock.</param>
/// <param name="lab">The lab.</param>
/// <param name="json">Whether programs read what is printed: one object once the lab is up.</param>
/// <param name="isWatched">Whether a person watches, who can end a lab of processes with Ctrl-C; otherwise what is said goes to a log.</param>
internal sealed class Foreground(Screen screen, TimeProvider time, LaunchedLab lab, bool json, bool isWatched = true)
{
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(1);

    private readonly long _started = time.GetTimestamp();

    private string RunLine => $"fedlab run {ShellWord.Quote(Relative(lab.Specification))} --coordinator {lab.Address.GetLeftPart(UriPartial.Authority)} --keys {ShellWord.Quote(Relative(lab.Keys))}";

    /// <summary>Runs the lab as processes until it is cancelled.</summary>
    /// <param name="cancellationToken">Ends the lab.</param>
    public async Task<int> RunProcessesAsync(CancellationToken cancellationToken)
    {
        var view = screen.Lab(json);
        try
        {
            await view.ShowAsync(() => ProcessLauncher.RunAsync(
                lab,
                view.Update,
                () => TellReady(view, isWatched ? LabMessages.UpEndsProcesses : LabMessages.UpDown(Down(engine: null))),
                name => view.AddLine(name, LabMessages.UpRestarted),
                time,
                cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            screen.WriteRemark(LabMessages.UpEnded(lab.Workspace.Root));
        }
        return ExitCodes.Success;
    }

    /// <summary>Has the lab run as processes by a process of its own, and returns once it is well.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    public async Task<int> DetachProcessesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var detached = await screen.Progress(json).ShowAsync(progress => DetachedLab.StartAsync(lab.Workspace.Root, progress, time, cancellationToken));
            lab.Refresh();
            TellReady(screen.Lab(json), LabMessages.UpDown(Down(engine: null)), detached);
            return ExitCodes.Success;
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever wanted a lab that stays has none.
            throw new ClientException(LabMessages.UpEnded(lab.Workspace.Root), e);
        }
    }

    /// <summary>Brings the lab up in containers; then leaves them running, or shows them until it is cancelled and takes them down.</summary>
    /// <param name="launcher">The engine.</param>
    /// <param name="settings">How the containers are made.</param>
    /// <param name="detach">Whether they are left running.</param>
    /// <param name="engine">The engine's socket as typed, for what is said.</param>
    /// <param name="cancellationToken">Ends the start, or the lab.</param>
    public async Task<int> RunContainersAsync(ContainerLauncher launcher, ContainerSettings settings, bool detach, string? engine, CancellationToken cancellationToken)
    {
        var view = screen.Lab(json);
        try
        {
            await view.ShowAsync(async () =>
            {
                await launcher.UpAsync(lab, settings, view.Update, cancellationToken);
                TellReady(view, detach ? LabMessages.UpDown(Down(engine)) : LabMessages.UpEndsContainers);
                if (!detach) await WatchAsync(view, cancellationToken);
            });
            return ExitCodes.Success;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var removed = await launcher.DownAsync(lab.Workspace.Root, CancellationToken.None);
            screen.WriteRemark(LabMessages.DownDone(removed.Containers.Count, removed.Networks.Count, lab.Workspace.Root));
            return ExitCodes.Success;
        }
        catch (ClientException e)
        {
            // What did not come up is not left behind; its logs are in the homes.
            await launcher.DownAsync(lab.Workspace.Root, CancellationToken.None);
            throw new ClientException($"{e.Message} {LabMessages.UpTakenDown(lab.Workspace.Root)}", e);
        }
    }

    /// <summary>Figures and logs until it is cancelled; a coordinator that is away for a while comes back.</summary>
    private async Task WatchAsync(LabView view, CancellationToken cancellationToken)
    {
        using var connection = new LabConnection(lab.Address, lab.Keys, time);
        await Task.WhenAll([
            AgainAsync(async () =>
            {
                await foreach (var list in connection.WatchContainersAsync(cancellationToken)) view.Update(list);
            }),
            .. lab.Parties.Prepend("coordinator").Select(name => AgainAsync(async () =>
            {
                await foreach (var line in connection.ReadLogAsync(name, tail: 1, follow: true, cancellationToken)) view.AddLine(name, line.Text);
            })),
        ]);

        async Task AgainAsync(Func<Task> watch)
        {
            while (true)
            {
                try
                {
                    await watch();
                }
                catch (ClientException)
                {
                    // The coordinator was restarted, or the engine was: it is asked again.
                }
                await Task.Delay(LogPause, time, cancellationToken);
            }
        }
    }

    private string Down(string? engine) => $"fedlab down --out {ShellWord.Quote(Relative(lab.Workspace.Root))}{(engine is null ? "" : $" --engine {ShellWord.Quote(engine)}")}";

    /// <summary>A path as it is best typed where the person is; a log is read from anywhere.</summary>
    private string Relative(string path)
    {
        if (!isWatched) return path;
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private void TellReady(LabView view, string end, DetachedLab? detached = null)
    {
        var seconds = time.GetElapsedTime(_started).TotalSeconds;
        if (json)
        {
            screen.WriteJson(JsonOutput.Serialize(new { lab = lab.Name, folder = lab.Workspace.Root, address = lab.Address.GetLeftPart(UriPartial.Authority), keys = lab.Keys, spec = lab.Specification, parties = lab.Parties, seconds = Math.Round(seconds, 2), process = detached?.ProcessId, log = detached?.LogFile }));
            return;
        }
        view.Say(LabMessages.UpReady(lab.Name, Formats.Seconds(seconds)), "  " + RunLine, end);
    }
}
