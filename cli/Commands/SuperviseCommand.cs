using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Launching;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab supervise</c>: keeps the programs of a lab running that <c>fedlab up --detach</c> brings up. Nobody types it; what it says goes to a log.</summary>
internal static class SuperviseCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var folder = new Argument<string>("folder") { HelpName = "DIR", Description = LabMessages.UpOutOption };
        var command = new DescribedCommand(DetachedLab.SuperviseCommand, LabMessages.SuperviseDescription) { Usage = "DIR", Hidden = true, Arguments = { folder } };
        command.SetAction(async (result, cancellationToken) =>
        {
            var lab = DetachedLab.Find(result.GetRequiredValue(folder), time)?.Lab ?? throw ClientException.Usage(LabMessages.NoLabThere(result.GetRequiredValue(folder)));
            screen.WriteRemark(string.Create(CultureInfo.InvariantCulture, $"[{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'}] {lab.Name}, {Environment.ProcessId}"));
            return await new Foreground(screen, time, lab, json: false, isWatched: false).RunProcessesAsync(cancellationToken);
        });
        return command;
    }
}
