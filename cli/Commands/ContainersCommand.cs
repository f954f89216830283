using System.CommandLine;
using System.Globalization;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab containers</c>: how the containers of a lab are, what their programs wrote, and a restart of one.</summary>
internal static class ContainersCommand
{
    private const int DefaultTail = 100;
    private const int MaximumTail = 10_000;

    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time) => new DescribedCommand("containers", LabMessages.ContainersDescription)
    {
        List(screen, time),
        Logs(screen, time),
        Restart(screen, time),
    };

    private static DescribedCommand List(Screen screen, TimeProvider time)
    {
        var which = new LabOptions();
        var json = Options.Json();
        var command = new DescribedCommand("list", LabMessages.ContainersListDescription)
        {
            Usage = "--out DIR",
            Examples = [new Example("fedlab containers list --out lab", LabMessages.ContainersListExample)],
        };
        which.AddTo(command);
        command.Add(json);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var lab = which.Connect(result, time);
            // Processors are known from the second measurement on.
            var count = 0;
            await foreach (var list in lab.WatchContainersAsync(cancellationToken))
            {
                if (++count < 2) continue;
                if (result.GetValue(json))
                {
                    screen.WriteJson(JsonOutput.Serialize(ContainerTables.ToJson(list)));
                }
                else
                {
                    screen.Output.Write(ContainerTables.Create(list, time));
                    foreach (var problem in ContainerTables.Problems(list)) screen.Output.Write(problem);
                }
                break;
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static DescribedCommand Logs(Screen screen, TimeProvider time)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = LabMessages.ContainersName };
        var follow = new Option<bool>("--follow") { Description = LabMessages.ContainersFollowOption };
        var tail = Options.One("--tail", "N", LabMessages.ContainersTailOption(DefaultTail));
        var which = new LabOptions();
        var command = new DescribedCommand("logs", LabMessages.ContainersLogsDescription)
        {
            Usage = "NAME --out DIR",
            Examples = [new Example("fedlab containers logs bank-a --out lab --follow", LabMessages.ContainersLogsExample)],
            Arguments = { name },
            Options = { follow, tail },
        };
        which.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var lines = ParseTail(result.GetValue(tail));
            using var lab = which.Connect(result, time);
            var writer = screen.Output.Profile.Out.Writer;
            try
            {
                await foreach (var line in lab.ReadLogAsync(result.GetValue(name)!, lines, result.GetValue(follow), cancellationToken))
                {
                    var clock = line.UnixMs > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(line.UnixMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture) : "";
                    await writer.WriteLineAsync($"{clock}{line.Text}".AsMemory(), cancellationToken);
                    await writer.FlushAsync(cancellationToken);
                }
            }
            catch (OperationCanceledException) when (result.GetValue(follow) && cancellationToken.IsCancellationRequested)
            {
                // Ctrl-C is how following ends.
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static DescribedCommand Restart(Screen screen, TimeProvider time)
    {
        var name = new Argument<string>("name") { HelpName = "NAME", Description = LabMessages.ContainersName };
        var which = new LabOptions();
        var command = new DescribedCommand("restart", LabMessages.ContainersRestartDescription)
        {
            Usage = "NAME --out DIR",
            Examples = [new Example("fedlab containers restart bank-a --out lab", LabMessages.ContainersRestartExample)],
            Arguments = { name },
        };
        which.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            using var lab = which.Connect(result, time);
            await lab.RestartContainerAsync(result.GetValue(name)!, cancellationToken);
            screen.Output.Profile.Out.Writer.WriteLine(LabMessages.ContainersRestarted(result.GetValue(name)!));
            return ExitCodes.Success;
        });
        return command;
    }

    private static int ParseTail(string? text)
    {
        if (text is null) return DefaultTail;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var lines) && lines is >= 1 and <= MaximumTail) return lines;
        throw ClientException.Usage(LabMessages.ContainersTailInvalid(text, MaximumTail));
    }

    /// <summary>The options that say which lab is meant: its folder on this machine, or its coordinator and a lead's keys.</summary>
    private sealed class LabOptions
    {
        private readonly Option<string?> _output = Options.One("--out", "DIR", LabMessages.ContainersOutOption);
        private readonly Option<string?> _coordinator = Options.One("--coordinator", "https://HOST:PORT", Messages.RunCoordinatorOption);
        private readonly Option<string?> _keys = Options.One("--keys", "DIR", Messages.RunKeysOption);

        public void AddTo(Command command)
        {
            command.Add(_output);
            command.Add(_coordinator);
            command.Add(_keys);
        }

        public LabConnection Connect(ParseResult result, TimeProvider time)
        {
            var (folder, coordinator, keys) = (result.GetValue(_output), result.GetValue(_coordinator), result.GetValue(_keys));
            if (folder is not null)
            {
                var lab = LaunchedLab.Find(folder) ?? throw ClientException.Usage(LabMessages.NoLabThere(folder));
                return new LabConnection(lab.Address, lab.Keys, time);
            }
            if (coordinator is null || keys is null) throw ClientException.Usage(LabMessages.ContainersWhich);
            return new LabConnection(RunCommand.ParseAddress(coordinator), keys, time);
        }
    }
}
