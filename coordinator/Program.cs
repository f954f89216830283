using System.Globalization;
using System.Runtime.InteropServices;
using FedLab.Audit;
using FedLab.Coordinator;
using FedLab.Coordinator.State;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

const int ok = 0, failure = 1, usage = 2;

TerminalLanguage.Apply();

string? home = null;
int? port = null;
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
        case "--port" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 65535:
            port = number;
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
    var host = await CoordinatorHost.StartAsync(Path.GetFullPath(home), port, cancellationToken: stop.Token);
    await using (host)
    {
        Console.WriteLine(Messages.Listening(host.Address.ToString().TrimEnd('/')));
        await host.WaitForStopAsync(stop.Token);
    }
    return host.Failure is { } failed ? Complain(failed.Message, failure) : ok;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ok;
}
catch (ConfigurationException e)
{
    return Complain(e.Message, usage);
}
catch (Exception e) when (e is KeyFileException or AuditException or LabStoreException or PortException or IOException or UnauthorizedAccessException)
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
