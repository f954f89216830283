namespace FedLab.Federation.Remote;

/// <summary>
/// Ends a program with its standard input (<c>--stop-with-stdin</c>): whoever started it holds the other end of the pipe, so it
/// stops in order when told to, and cannot outlive a starter that was killed.
/// </summary>
public static class StandardInputEnd
{
    /// <summary>Cancels when standard input has ended; what is written to it is ignored.</summary>
    /// <param name="stop">What is cancelled; it may be disposed before.</param>
    public static void Watch(CancellationTokenSource stop)
    {
        ArgumentNullException.ThrowIfNull(stop);
        // Reading a pipe blocks, whatever the method is called: it gets a thread of its own that does not hold the process.
        new Thread(() => Wait(stop)) { IsBackground = true, Name = "standard input" }.Start();
    }

    private static void Wait(CancellationTokenSource stop)
    {
        Span<byte> buffer = stackalloc byte[256];
        try
        {
            using var input = Console.OpenStandardInput();
            while (input.Read(buffer) > 0)
            {
            }
            stop.Cancel();
        }
        catch (IOException)
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The program is ending already.
        }
    }
}
