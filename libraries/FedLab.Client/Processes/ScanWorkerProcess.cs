using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace FedLab.Client.Processes;

/// <summary>A scan worker on this machine, started by us and ended by us; it ends when we do (<c>--stop-with-stdin</c>).</summary>
public sealed class ScanWorkerProcess : IDisposable
{
    private readonly Process _process;

    private ScanWorkerProcess(Process process, DnsEndPoint address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public DnsEndPoint Address { get; }

    /// <summary>Number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a worker and waits until it listens.</summary>
    /// <param name="home">The folder whose <c>keys/</c> holds the worker credential.</param>
    /// <param name="threads">Threads that it may use.</param>
    /// <param name="memoryMiB">Mebibytes for kept transforms.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClientException">The participant's program is missing, or the worker did not start; the message is what it said.</exception>
    public static async Task<ScanWorkerProcess> StartAsync(string home, int threads, int memoryMiB, CancellationToken cancellationToken)
    {
        using var port = LocalPort.Take(wanted: null);
        var start = new ProcessStartInfo(ProgramLocator.Host) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, CreateNoWindow = true };
        string[] arguments = ["exec", ProgramLocator.Participant, "--role", "worker", "--home", home, "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port.Number}"),
            "--threads", threads.ToString(CultureInfo.InvariantCulture), "--memory", memoryMiB.ToString(CultureInfo.InvariantCulture), "--stop-with-stdin"];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{ProgramLocator.Participant} did not start.");
        try
        {
            // Its first line says that it listens.
            if (await process.StandardOutput.ReadLineAsync(cancellationToken) is null) throw new ClientException((await process.StandardError.ReadToEndAsync(cancellationToken)).Trim());
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new ScanWorkerProcess(process, new DnsEndPoint("127.0.0.1", port.Number));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Ends it at once, without a word to those for whom it works.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
