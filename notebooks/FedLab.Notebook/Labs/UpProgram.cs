using System.Diagnostics;
using System.Text;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;
using FedLab.Client.Processes;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>Runs <c>fedlab up --detach</c>, which makes a lab and leaves it running; its lines of progress are shown below the cell.</summary>
internal static class UpProgram
{
    /// <summary>Standard error that is kept for the message: what the command says last is why it failed.</summary>
    private const int KeptLines = 200;

    /// <summary>Runs the command to its end.</summary>
    /// <param name="folder">The lab's folder.</param>
    /// <param name="setup">What it is made of.</param>
    /// <param name="cancellationToken">Interrupts the command, which then takes back what it started.</param>
    /// <exception cref="ClientException">It failed; the message is the command's own.</exception>
    public static async Task RunAsync(string folder, LabSetup setup, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(ProgramLocator.Host, ["exec", ProgramLocator.CommandLine, "up", "--detach", "--json", "--from-notebook", $"--out={Path.GetFullPath(folder)}", $"--language={(Language.IsChinese ? "zh-CN" : "en")}", .. setup.ToArguments()])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        using var display = ProgressDisplay.Start(LabMessages.StartingLab, TimeProvider.System);
        display.Report(new LabProgress(LabPhase.Starting));
        using var process = Process.Start(start) ?? throw new InvalidOperationException("The command did not start.");
        process.StandardInput.Close();
        var complaints = new Queue<string>();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = ReadAsync(process.StandardError, display, complaints);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The command itself ends what it has started.
            await ProcessSignal.TerminateAsync(process);
            throw;
        }
        await errors;
        await output;
        if (process.ExitCode == 0 && LaunchedLab.Find(folder) is { } lab)
        {
            display.End(LabMessages.LabUp(lab.Name, lab.Address.GetLeftPart(UriPartial.Authority)), good: true);
            return;
        }
        throw new ClientException(complaints.Count > 0 ? string.Join(' ', complaints) : LabMessages.UpFailed(process.ExitCode, Path.GetFullPath(folder)));
    }

    /// <summary>Progress begins with a clock in brackets; everything else is a sentence for the person.</summary>
    private static async Task ReadAsync(StreamReader reader, ProgressDisplay display, Queue<string> complaints)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            var text = line.Trim();
            if (text.StartsWith('['))
            {
                display.Say(text[(text.IndexOf(']', StringComparison.Ordinal) + 1)..].Trim());
                continue;
            }
            if (text.Length == 0) continue;
            if (complaints.Count == KeptLines) complaints.Dequeue();
            complaints.Enqueue(text);
        }
    }
}
