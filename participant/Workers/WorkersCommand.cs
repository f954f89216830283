using FedLab.Federation.Identity;
using FedLab.Federation.Remote;
using FedLab.Federation.Scan.Workers;

namespace FedLab.Participant.Workers;

/// <summary><c>participant workers init</c>: makes the credential that the institution's participant and workers share.</summary>
internal static class WorkersCommand
{
    /// <summary>Runs the command.</summary>
    /// <param name="arguments">What stands behind <c>workers</c>.</param>
    /// <param name="output">Where it writes.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (arguments is ["--help"] or ["-h"] or ["init", "--help"])
        {
            output.WriteLine(Messages.WorkersUsage);
            return TerminalProgram.Ok;
        }
        if (arguments is not ["init", "--home", { Length: > 0 } home]) return TerminalProgram.Complain(Messages.WorkersUsage, TerminalProgram.Usage);
        if (!Directory.Exists(home)) return TerminalProgram.Complain(Messages.HomeMissing(home), TerminalProgram.Usage);
        var keys = Path.Combine(Path.GetFullPath(home), "keys");
        try
        {
            output.WriteLine(WorkerCredential.Create(keys, TimeProvider.System) ? Messages.WorkersMade(keys) : Messages.WorkersKept(keys));
            return TerminalProgram.Ok;
        }
        catch (Exception e) when (e is KeyFileException or IOException or UnauthorizedAccessException)
        {
            return TerminalProgram.Complain(e.Message, TerminalProgram.Failure);
        }
    }
}
