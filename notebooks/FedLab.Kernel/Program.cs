using System.Globalization;
using FedLab.Kernel.Installing;
using FedLab.Kernel.Serving;

CultureInfo.CurrentUICulture = KernelCommand.Culture(Environment.GetEnvironmentVariable);
var code = await new KernelCommand(Console.Out, Console.Error, Environment.GetEnvironmentVariable, KernelProgram.ServeAsync).RunAsync(args, CancellationToken.None);
// Threads that cells have started would keep the process.
Environment.Exit(code);
