using System.Runtime.InteropServices;
using FedLab.Federation.Identity;

namespace FedLab.Federation.Remote;

/// <summary>How the coordinator and the participant run at a terminal: they end in order on a signal, and with one sentence and an exit code when they cannot go on.</summary>
public static class TerminalProgram
{
    /// <summary>Exit code of a program that was asked to end.</summary>
    public const int Ok = 0;

    /// <summary>Exit code of a program that could not go on.</summary>
    public const int Failure = 1;

    /// <summary>Exit code for a wrong command line or configuration.</summary>
    public const int Usage = 2;

    /// <summary>How long the orderly way out may take. What is durable is so at every moment: who is cut off here loses no more than by a power cut.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(9);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="stopsWithInput">Whether the end of standard input ends it.</param>
    /// <param name="work">The program; returns the sentence with which it ended by itself, or null.</param>
    /// <param name="isForPeople">Which further exceptions carry a sentence for people; any other is a fault of the program.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(bool stopsWithInput, Func<CancellationToken, Task<string?>> work, Func<Exception, bool> isForPeople)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(isForPeople);
        var stop = new CancellationTokenSource();
        if (stopsWithInput) StandardInputEnd.Watch(stop);
        var late = new Timer(static _ => Environment.Exit(Complain(LabMessages.StoppedLate, Failure)));
        PosixSignalRegistration[] signals = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop), PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop)];
        // In force until the process is gone, and so is what they touch: a repeated wish that comes behind its end would kill what ends in order.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => GC.KeepAlive(signals);
        try
        {
            return await work(stop.Token).ConfigureAwait(false) is { } sentence ? Complain(sentence, Failure) : Ok;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Ok;
        }
        catch (ConfigurationException e)
        {
            return Complain(e.Message, Usage);
        }
        catch (Exception e) when (e is KeyFileException or IOException or UnauthorizedAccessException || isForPeople(e))
        {
            return Complain(e.Message, Failure);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // the orderly way out, not the runtime's
            late.Change(StopPatience, Timeout.InfiniteTimeSpan);
            stop.Cancel();
        }
    }

    /// <summary>Says a sentence on standard error.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <param name="code">The exit code.</param>
    /// <returns>The exit code.</returns>
    public static int Complain(string sentence, int code)
    {
        Console.Error.WriteLine(sentence);
        return code;
    }
}
