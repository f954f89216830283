using System.Diagnostics;
using FedLab.Client.Resources;

namespace FedLab.Client.Launching;

/// <summary>
/// Who owns a lab's homes, as <c>uid:gid</c>: the programs in containers run as their owner, never as root. What .NET has no call for
/// is asked of the system's own programs.
/// </summary>
internal static class HostUser
{
    /// <summary>The user of the images, for a lab that root brings up.</summary>
    private const string ImageUser = "1654:1654";

    /// <summary>Whom the containers run as: this person, or the images' user for root.</summary>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<string> ChooseAsync(CancellationToken cancellationToken) =>
        Environment.IsPrivilegedProcess ? ImageUser : $"{await AskAsync("id", ["-u"], cancellationToken)}:{await AskAsync("id", ["-g"], cancellationToken)}";

    /// <summary>Gives folders to the user of the containers; only root must and can.</summary>
    /// <param name="owner">The user as <c>uid:gid</c>.</param>
    /// <param name="folders">The folders, with all that is in them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task OwnAsync(string owner, IEnumerable<string> folders, CancellationToken cancellationToken) =>
        Environment.IsPrivilegedProcess ? AskAsync("chown", ["-R", owner, "--", .. folders], cancellationToken) : Task.CompletedTask;

    /// <summary>The group that may use a socket, by number.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static Task<string> GroupOfAsync(string path, CancellationToken cancellationToken) => AskAsync("stat", ["-L", "-c", "%g", "--", path], cancellationToken);

    private static async Task<string> AskAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output.Trim() : throw new ClientException(LaunchMessages.ProgramFailed(program, (await error).Trim()));
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ClientException(LaunchMessages.ProgramFailed(program, e.Message), e);
        }
    }
}
