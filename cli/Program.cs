using System.Runtime.InteropServices;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;

// Supervisors and terminals often send one wish twice: to the process and to its group.
var repetition = TimeSpan.FromSeconds(1);
long? stopped = null;
var stop = new CancellationTokenSource();
PosixSignalRegistration[] signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];
// In force until the process is gone: a repetition that comes behind its end would kill what ends in order.
AppDomain.CurrentDomain.ProcessExit += (_, _) => GC.KeepAlive(signals);
var screen = new Screen(Console.Out, !Console.IsOutputRedirected, Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
return await new FedLabCommand(screen, TimeProvider.System).RunAsync(args, Environment.GetEnvironmentVariable, stop.Token);

void Stop(PosixSignalContext context)
{
    // The first signal stops cleanly; a later one is left to the system, which ends the process at once.
    if (stopped is { } before && TimeProvider.System.GetElapsedTime(before) > repetition) return;
    context.Cancel = true;
    stopped ??= TimeProvider.System.GetTimestamp();
    stop.Cancel();
}
