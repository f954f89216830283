using System.Globalization;
using System.Runtime.InteropServices;
using FedLab.Audit;
using FedLab.Data;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Federation.Runs;
using FedLab.Participant;

const int ok = 0, failure = 1, usage = 2;

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
            return ok;
        case "--version":
            Console.WriteLine(LabProtocol.SoftwareVersion);
            return ok;
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
            return Complain(Messages.UnknownArgument(args[i]), usage);
    }
}
if (home is null) return Complain(Messages.Usage, usage);

using var stop = new CancellationTokenSource();
if (stopsWithInput) StandardInputEnd.Watch(stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
try
{
    await ParticipantHost.RunAsync(
        new ParticipantStart { Home = home, Data = data is null ? null : Path.GetFullPath(data), ConnectTimeout = connectTimeout, Role = PartyRun.ExecuteAsync, Tell = Console.WriteLine, Warn = Console.Error.WriteLine },
        stop.Token);
    return ok;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ok;
}
catch (ConfigurationException e)
{
    return Complain(e.Message, usage);
}
catch (Exception e) when (e is KeyFileException or AuditException or DataFormatException or SessionRefusedException or IOException or UnauthorizedAccessException)
{
    return Complain(e.Message, failure);
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true; // the orderly way out, not the runtime's
    stop.Cancel();
}

static int Complain(string sentence, int code)
{
    Console.Error.WriteLine(sentence);
    return code;
}
