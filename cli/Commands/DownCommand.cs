using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Launching;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab down</c>: ends a lab's processes, or removes its containers and networks, whatever state they are in, and proves that nothing is left.</summary>
internal static class DownCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var output = Options.One("--out", "DIR", LabMessages.DownOutOption);
        var engine = Options.One("--engine", "SOCKET", LabMessages.EngineOption);
        var json = Options.Json();
        var command = new DescribedCommand("down", LabMessages.DownDescription)
        {
            Usage = "",
            Examples = [new Example("fedlab down", LabMessages.DownExample1), new Example("fedlab down --out lab", LabMessages.DownExample2)],
            Options = { output, engine, json },
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var (folder, socket) = (result.GetValue(output), result.GetValue(engine));
            if (await FindProcessesAsync(folder, socket, time, cancellationToken) is { } processes)
            {
                var ended = await processes.StopAsync(cancellationToken);
                if (result.GetValue(json)) screen.WriteJson(JsonOutput.Serialize(new { @out = processes.Lab.Workspace.Root, processes = ended }));
                else screen.Output.Profile.Out.Writer.WriteLine(ended.Count == 0 ? LabMessages.DownNothing : LabMessages.DownEnded(ended.Count, processes.Lab.Workspace.Root));
                return ExitCodes.Success;
            }
            using var launcher = await ConnectAsync(folder, socket, time, cancellationToken);
            var removed = await launcher.DownAsync(folder, cancellationToken);
            if (result.GetValue(json)) screen.WriteJson(JsonOutput.Serialize(new { @out = removed.Folder, containers = removed.Containers, networks = removed.Networks }));
            else screen.Output.Profile.Out.Writer.WriteLine(removed.Containers.Count + removed.Networks.Count > 0 ? LabMessages.DownDone(removed.Containers.Count, removed.Networks.Count, removed.Folder!) : folder is null && socket is null ? LabMessages.DownNowhere(RunFolder.Parent) : LabMessages.DownNothing);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>The lab of processes that is meant: the folder's, or the only one that runs where <c>fedlab up</c> puts them.</summary>
    private static async Task<DetachedLab?> FindProcessesAsync(string? folder, string? socket, TimeProvider time, CancellationToken cancellationToken)
    {
        if (folder is not null)
        {
            // A folder that is misspelled is not taken for a lab of which nothing is left. Who names an engine too may mean a lab whose folder is gone.
            if (socket is null && LaunchedLab.Find(folder) is null) throw ClientException.Usage(Directory.Exists(folder) ? LabMessages.DownNoLab(folder) : LabMessages.DownNoFolder(folder));
            var named = DetachedLab.Find(folder, time);
            return named is null || socket is null ? named : throw ClientException.Usage(LabMessages.UpOnlyContainers("--engine"));
        }
        if (socket is not null) return null;
        var running = DetachedLab.FindRunning(RunFolder.Parent, time);
        if (running.Count == 0) return null;
        string[] folders = [.. running.Select(lab => lab.Lab.Workspace.Root), .. await FindContainersAsync(time, cancellationToken)];
        return folders.Length == 1 ? running[0] : throw ClientException.Usage(LabMessages.DownSeveral(string.Join(", ", folders)));
    }

    /// <summary>Folders of the labs that run in containers; none where no engine answers.</summary>
    private static async Task<IReadOnlyList<string>> FindContainersAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            using var launcher = await ContainerLauncher.ConnectAsync(engine: null, time, cancellationToken);
            return await launcher.FindFoldersAsync(cancellationToken);
        }
        catch (ClientException)
        {
            return [];
        }
    }

    private static async Task<ContainerLauncher> ConnectAsync(string? folder, string? socket, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await ContainerLauncher.ConnectAsync(socket, time, cancellationToken);
        }
        catch (ClientException e) when (folder is null && socket is null)
        {
            // Who has no engine did not mean containers.
            throw new ClientException($"{LabMessages.DownNoProcesses(RunFolder.Parent)} {e.Message}", e);
        }
    }
}
