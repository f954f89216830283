using System.Globalization;
using FedLab.Audit;
using FedLab.Data;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Operation.Management;
using FedLab.Participant;
using FedLab.Participant.Checks;
using FedLab.Participant.Configuration;
using FedLab.Participant.Enrolment;
using FedLab.Participant.Workers;

TerminalLanguage.Apply();

if (args is ["data", "check", .. var check]) return await DataCheck.RunAsync(check, Console.Out, !Console.IsOutputRedirected);
if (args is ["enrol", .. var enrol]) return await EnrolCommand.EnrolAsync(enrol);
if (args is ["peers", .. var peers]) return await EnrolCommand.PeersAsync(peers);
if (args is ["workers", .. var workers]) return WorkersCommand.Run(workers, Console.Out);
if (args is ["health", .. var health]) return await HealthCommand.RunAsync(health, ParticipantHome.ConfigurationFileName, Console.Out);
if (WorkerArguments.AreMeant(args)) return await WorkerHost.RunAsync(args);

string? home = null, data = null;
var connectTimeout = Timeout.InfiniteTimeSpan;
var stopsWithInput = false;
var settings = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    var value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--help" or "-h":
            Console.WriteLine(Messages.Usage);
            return TerminalProgram.Ok;
        case "--version":
            Console.WriteLine(LabProtocol.SoftwareVersion);
            return TerminalProgram.Ok;
        case "--home" when value is not null:
            home = value;
            i++;
            break;
        case "--data" when value is not null:
            data = value;
            i++;
            break;
        case "--connect-timeout" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
            connectTimeout = TimeSpan.FromSeconds(seconds);
            i++;
            break;
        case "--set" when value is not null:
            settings.Add(value);
            i++;
            break;
        case "--stop-with-stdin":
            stopsWithInput = true;
            break;
        default:
            return TerminalProgram.Complain(Messages.UnknownArgument(args[i]), TerminalProgram.Usage);
    }
}
if (home is null) return TerminalProgram.Complain(Messages.HomeNeeded, TerminalProgram.Usage);

return await TerminalProgram.RunAsync(stopsWithInput, WorkAsync, e => e is AuditException or DataFormatException or SessionRefusedException);

async Task<string?> WorkAsync(CancellationToken stop)
{
    await ParticipantHost.RunAsync(
        new ParticipantStart { Home = home, Settings = settings, Data = data is null ? null : Path.GetFullPath(data), ConnectTimeout = connectTimeout, Role = PartyRun.ExecuteAsync, Tell = Console.WriteLine, Warn = Console.Error.WriteLine },
        stop);
    return null;
}
