using System.Runtime.InteropServices;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var screen = new Screen(Console.Out, !Console.IsOutputRedirected, Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
return await new FedLabCommand(screen, TimeProvider.System).RunAsync(args, Environment.GetEnvironmentVariable, stop.Token);

void Stop(PosixSignalContext context)
{
    // The first signal stops cleanly; the second is left to the system.
    if (stop.IsCancellationRequested) return;
    context.Cancel = true;
    stop.Cancel();
}
