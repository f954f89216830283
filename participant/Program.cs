using System.Globalization;
using FedLab.Audit;
using FedLab.Data;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Participant;

TerminalLanguage.Apply();

string? home = null, data = null;
var connectTimeout = Timeout.InfiniteTimeSpan;
var stopsWithInput = false;
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
        case "--stop-with-stdin":
            stopsWithInput = true;
            break;
        default:
            return TerminalProgram.Complain(Messages.UnknownArgument(args[i]), TerminalProgram.Usage);
    }
}
if (home is null) return TerminalProgram.Complain(Messages.Usage, TerminalProgram.Usage);

return await TerminalProgram.RunAsync(stopsWithInput, WorkAsync, e => e is AuditException or DataFormatException or SessionRefusedException);

async Task<string?> WorkAsync(CancellationToken stop)
{
    await ParticipantHost.RunAsync(
        new ParticipantStart { Home = home, Data = data is null ? null : Path.GetFullPath(data), ConnectTimeout = connectTimeout, Role = PartyRun.ExecuteAsync, Tell = Console.WriteLine, Warn = Console.Error.WriteLine },
        stop);
    return null;
}
