using System.Diagnostics;
using System.Globalization;
using FedLab.Client.Labs;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Federation.Remote;

namespace FedLab.Client.Launching;

/// <summary>
/// A lab whose programs run as processes of this machine, without anybody who watches: a <c>fedlab</c> process in a session of its own keeps them running. It
/// outlives the process that started it, and its programs do not outlive it.
/// <code>
///   fedlab up --detach, or a notebook ──starts──► fedlab supervise FOLDER ──starts──► coordinator, participants
///        └──waits until all are connected, and goes         └─ lab/running.json        └─ end with their standard input
/// </code>
/// </summary>
public sealed class DetachedLab
{
    /// <summary>Name of the command that keeps a lab's programs running.</summary>
    public const string SuperviseCommand = "supervise";

    internal const string LogName = "up.log";

    /// <summary>
    /// A shell, because .NET has no call for a new session or for streams that go to a file: input ends at once, output goes behind what is in the log, which only its owner can read, and
    /// neither a terminal that is closed nor its Ctrl-C reaches the process. Where the system has no setsid, at least the former.
    /// </summary>
    private const string StartScript = """log=$1; shift; umask 077; exec </dev/null >>"$log" 2>&1; trap '' HUP; command -v setsid >/dev/null && exec setsid "$@"; exec "$@" """;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than all programs may take to end one after the other.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);

    private readonly TimeProvider _time;

    private DetachedLab(LaunchedLab lab, TimeProvider time) => (Lab, _time) = (lab, time);

    /// <summary>The lab: its name, address, keys, parties and folders.</summary>
    public LaunchedLab Lab { get; }

    /// <summary>Whether a process runs it now, watched or not.</summary>
    public bool IsRunning => RunningLab.Find(Lab) is { } record && record.Process.IsAlive;

    /// <summary>Number of the process that runs it; null when none does.</summary>
    public int? ProcessId => RunningLab.Find(Lab) is { } record && record.Process.IsAlive ? record.Process.Id : null;

    /// <summary>What the process said, of all times that the lab was brought up.</summary>
    public string LogFile => Path.Combine(Lab.Workspace.Root, LogName);

    /// <summary>Opens the lab of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <returns>Null when no lab of processes was made there.</returns>
    /// <exception cref="ConfigurationException">What is there is malformed.</exception>
    public static DetachedLab? Find(string folder, TimeProvider? time = null) =>
        LaunchedLab.Find(folder) is { Kind: LaunchKind.Processes } lab ? new DetachedLab(lab, time ?? TimeProvider.System) : null;

    /// <summary>The labs of processes in the folders of a folder that have a program running now.</summary>
    /// <param name="parent">The folder of the folders; it may not exist.</param>
    /// <param name="time">Clock; the system's by default.</param>
    public static IReadOnlyList<DetachedLab> FindRunning(string parent, TimeProvider? time = null)
    {
        if (!Directory.Exists(parent)) return [];
        var found = new List<DetachedLab>();
        foreach (var folder in Directory.EnumerateDirectories(parent).Order(StringComparer.Ordinal))
        {
            try
            {
                if (Find(folder, time) is { } lab && RunningLab.Find(lab.Lab) is { } record && record.HasLife) found.Add(lab);
            }
            catch (ConfigurationException)
            {
                // Whoever means this folder names it, and hears what is wrong with it.
            }
        }
        return found;
    }

    /// <summary>Brings the lab of a folder up and returns once all its institutions are connected. It goes on when this process ends.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="progress">Told how many institutions are connected, of how many.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <param name="cancellationToken">Ends the wait, and the lab with it.</param>
    /// <exception cref="ClientException">There is no lab of processes, it runs already, or a program of it did not start; the message says why.</exception>
    /// <exception cref="ConfigurationException">What is in the folder is malformed.</exception>
    public static async Task<DetachedLab> StartAsync(string folder, IProgress<LabProgress>? progress = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        var lab = Find(folder, time) ?? throw ClientException.Usage(LaunchMessages.NoLabOfProcesses(folder));
        if (lab.IsRunning) throw RunningLab.Runs(lab.Lab);
        if (OperatingSystem.IsWindows()) throw ClientException.Usage(LaunchMessages.DetachNotHere);
        using var supervisor = lab.StartSupervisor();
        try
        {
            await lab.WaitUntilWellAsync(supervisor, progress, cancellationToken);
            return lab;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (ProcessIdentity.Of(supervisor.Id) is { } started) await lab.EndAsync(started, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Ends the lab: asks the process that runs it to end, and waits until it and all programs are gone.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Names of the programs that were ended; empty when the lab did not run.</returns>
    /// <exception cref="ClientException">The process cannot be ended, as when it is another user's.</exception>
    public async Task<IReadOnlyList<string>> StopAsync(CancellationToken cancellationToken = default)
    {
        // A number that the system has given to another process since is not this lab's.
        if (RunningLab.Find(Lab) is not { } record) return [];
        var ran = record.HasLife;
        if (record.Process.IsAlive) await EndAsync(record.Process, cancellationToken);
        await (RunningLab.Find(Lab) ?? record).WaitForProgramsAsync(_time, cancellationToken);
        return ran ? [.. record.Programs.Keys.Order(StringComparer.Ordinal)] : [];
    }

    private Process StartSupervisor()
    {
        string[] program = [ProgramLocator.Host, "exec", ProgramLocator.CommandLine, SuperviseCommand, Lab.Workspace.Root, "--language", CultureInfo.CurrentUICulture.Name.StartsWith("zh", StringComparison.Ordinal) ? "zh-CN" : "en"];
        var start = new ProcessStartInfo("sh", ["-c", StartScript, "sh", LogFile, .. program]) { UseShellExecute = false, WorkingDirectory = Lab.Workspace.Root };
        return Process.Start(start) ?? throw new InvalidOperationException("sh did not start.");
    }

    private async Task WaitUntilWellAsync(Process supervisor, IProgress<LabProgress>? progress, CancellationToken cancellationToken)
    {
        var connection = new LabConnection(Lab.Address, Lab.Keys, _time);
        try
        {
            var told = -1;
            while (true)
            {
                if (supervisor.HasExited) throw Ended(supervisor);
                var port = Lab.Port;
                Lab.Refresh();
                if (port != Lab.Port)
                {
                    connection.Dispose();
                    connection = new LabConnection(Lab.Address, Lab.Keys, _time);
                }
                // Before the process has the lab, another lab may answer at this port.
                var connected = RunningLab.Find(Lab) is { } record && record.Process.Id == supervisor.Id ? await ConnectedAsync(connection, cancellationToken) : 0;
                if (connected != told) progress?.Report(new LabProgress(LabPhase.Starting, connected, Lab.Parties.Count));
                told = connected;
                if (connected == Lab.Parties.Count)
                {
                    await Lab.WaitForCataloguesAsync(connection, _time, cancellationToken);
                    return;
                }
                await Task.Delay(PollInterval, _time, cancellationToken);
            }
        }
        finally
        {
            connection.Dispose();
        }
    }

    private async Task<int> ConnectedAsync(LabConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return (await connection.ListPartiesAsync(cancellationToken)).Parties.Count(party => party.Connected && Lab.Parties.Contains(party.Name, StringComparer.Ordinal));
        }
        catch (ClientException)
        {
            return 0; // it is not up yet; when it cannot come up, the supervising process says so
        }
    }

    private ClientException Ended(Process supervisor)
    {
        var record = RunningLab.Find(Lab);
        if (record?.Process.Id == supervisor.Id && record.Failure is { } reason) return record.IsRefusal ? ClientException.Refusal(reason) : new ClientException(reason);
        // Somebody else was quicker.
        return record is not null && record.Process.IsAlive ? RunningLab.Runs(Lab) : new ClientException(LaunchMessages.SupervisorEnded(supervisor.ExitCode, LogFile));
    }

    private async Task EndAsync(ProcessIdentity process, CancellationToken cancellationToken)
    {
        await process.SignalAsync("TERM");
        if (await process.WaitForEndAsync(StopPatience, _time, cancellationToken)) return;
        await process.SignalAsync("KILL");
        if (!await process.WaitForEndAsync(StopPatience, _time, cancellationToken)) throw new ClientException(LaunchMessages.NotEnded(process.Id));
    }
}
