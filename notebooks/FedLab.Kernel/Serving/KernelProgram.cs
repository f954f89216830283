using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using FedLab.Kernel.Installing;
using FedLab.Kernel.Messages;
using FedLab.Kernel.Resources;
using FedLab.Kernel.Session;

namespace FedLab.Kernel.Serving;

/// <summary>The process that Jupyter starts: one kernel, the console in its hands, until Jupyter is done with it.</summary>
internal static class KernelProgram
{
    /// <summary>Serves a notebook.</summary>
    /// <param name="connectionFile">The file that Jupyter wrote.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="KernelException">The file is bad, or a port taken.</exception>
    public static async Task ServeAsync(string connectionFile, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var connection = ConnectionFile.Load(connectionFile);
        var folder = Environment.CurrentDirectory;
        // The compiler needs a second to come to life: it does so while Jupyter connects.
        var session = Task.Run(() => SessionWarmUp.Begin(folder), cancellationToken);
        var history = HistoryStore.OpenAsync(HistoryStore.DefaultPath(Environment.GetEnvironmentVariable), cancellationToken);
        var (kernel, log) = (Bind(connection, session, history, time), Console.Error);
        await using (kernel.ConfigureAwait(false))
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            // Supervisors often send one wish twice; the second comes while the first is carried out.
            var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                context.Cancel = true;
                kernel.Interrupt();
            });
            var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                terminated.TrySetResult();
            });
            // In force until the process is gone: a repeated wish that comes behind its end would kill what ends in order.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => GC.KeepAlive(terminate);
            Console.SetOut(new ConsoleRelay("stdout", Console.Out));
            Console.SetError(new ConsoleRelay("stderr", log));
            Console.SetIn(new ConsoleQuestions());
            // A thread that a cell started and that fails must not take the notebook's whole state with it.
            ExceptionHandling.SetUnhandledExceptionHandler(exception =>
            {
                // One that no cell's flow brought here is the kernel's own, for its log in full.
                var ofCell = CellOutput.Current is not null && session.IsCompletedSuccessfully;
                Console.Error.WriteLine(ofCell ? string.Join('\n', session.GetAwaiter().GetResult().Explain(exception).Lines) : exception.ToString());
                return true;
            });
            var serving = kernel.RunAsync(end.Token);
            await Task.WhenAny(serving, terminated.Task, ParentWatch.WaitAsync(Environment.GetEnvironmentVariable(ParentWatch.Variable), time, end.Token)).ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false);
            await serving.ConfigureAwait(false);
        }
    }

    private static JupyterKernel Bind(ConnectionFile connection, Task<CSharpSession> session, Task<HistoryStore> history, TimeProvider time)
    {
        try
        {
            return new JupyterKernel(connection, session, history, KernelCommand.Culture(Environment.GetEnvironmentVariable), time);
        }
        catch (SocketException exception)
        {
            throw new KernelException(Texts.PortTaken(connection.Address, exception.Message));
        }
    }
}
