using System.Globalization;
using FedLab.Audit;
using FedLab.Coordinator;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.State;
using FedLab.Federation.Remote;
using FedLab.Operation.Management;

TerminalLanguage.Apply();

if (args is ["health", .. var health]) return await HealthCommand.RunAsync(health, CoordinatorHome.ConfigurationFileName, Console.Out);

string? home = null;
int? port = null;
var settings = new List<string>();
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
        case "--port" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 65535:
            port = number;
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
if (home is null) return TerminalProgram.Complain(Messages.Usage, TerminalProgram.Usage);

return await TerminalProgram.RunAsync(stopsWithInput, ServeAsync, e => e is AuditException or LabStoreException or PortException);

async Task<string?> ServeAsync(CancellationToken stop)
{
    var host = await CoordinatorHost.StartAsync(Path.GetFullPath(home), port, settings, Console.WriteLine, cancellationToken: stop);
    await using (host)
    {
        Console.WriteLine(Messages.Listening(host.Address.ToString().TrimEnd('/')));
        await host.WaitForStopAsync(stop);
    }
    return host.Failure?.Message;
}
