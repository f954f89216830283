using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Federation.Identity;
using FedLab.Federation.Remote;

namespace FedLab.Client.Launching;

/// <summary>
/// The right to run a lab's programs, which one process has at a time, and the record by which others find that process.
/// <code>
///   lab/running.lock   locked by the process as long as it lives, however it ends
///   lab/running.json   who it is, and which programs it has started; afterwards why it failed, if it did
/// </code>
/// </summary>
internal sealed class RunningLab : IDisposable
{
    private const string LockFile = "running.lock";
    private const string RecordFile = "running.json";

    /// <summary>Longer than the programs' own way out may take.</summary>
    private static readonly TimeSpan ProgramPatience = TimeSpan.FromSeconds(15);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    private readonly LaunchedLab _lab;
    private readonly FileStream _lock;
    private Record _record = new(ProcessIdentity.Own, new Dictionary<string, ProcessIdentity>(StringComparer.Ordinal), Failure: null);

    private RunningLab(LaunchedLab lab, FileStream held) => (_lab, _lock) = (lab, held);

    /// <summary>Takes the right to run a lab, once the programs of a former process that was killed have ended.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClientException">The lab runs already.</exception>
    public static async Task<RunningLab> TakeAsync(LaunchedLab lab, TimeProvider time, CancellationToken cancellationToken)
    {
        FileStream held;
        try
        {
            held = new FileStream(PathOf(lab, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            // Not one of those for a folder that is missing: somebody holds it.
            throw Runs(lab, e);
        }
        var running = new RunningLab(lab, held);
        try
        {
            if (Find(lab) is { } former) await former.WaitForProgramsAsync(time, cancellationToken);
            running.Write();
            return running;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The error for a lab that runs.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="cause">The cause, where there is one.</param>
    public static ClientException Runs(LaunchedLab lab, Exception? cause = null) =>
        ClientException.Usage(LaunchMessages.LabRuns(lab.Workspace.Root, lab.Address.GetLeftPart(UriPartial.Authority)), cause);

    /// <summary>What the last process that ran a lab has left on record.</summary>
    /// <param name="lab">The lab.</param>
    /// <returns>Null when there is nothing, or nothing that can be read.</returns>
    public static Record? Find(LaunchedLab lab)
    {
        try
        {
            return File.Exists(PathOf(lab, RecordFile)) ? ConfigurationFile.Read<Record>(PathOf(lab, RecordFile)) : null;
        }
        catch (ConfigurationException)
        {
            return null; // written by nobody who could still run
        }
    }

    /// <summary>Records the programs that run now.</summary>
    /// <param name="ids">Their numbers by name.</param>
    public void SetPrograms(IReadOnlyDictionary<string, int> ids)
    {
        var programs = new Dictionary<string, ProcessIdentity>(StringComparer.Ordinal);
        foreach (var (name, id) in ids)
        {
            if (ProcessIdentity.Of(id) is { } program) programs.Add(name, program);
        }
        if (programs.Count == _record.Programs.Count && programs.All(program => _record.Programs.GetValueOrDefault(program.Key) == program.Value)) return;
        _record = _record with { Programs = programs };
        Write();
    }

    /// <summary>Records why the lab could not go on, for whoever waits for it.</summary>
    /// <param name="reason">The sentence.</param>
    /// <param name="isRefusal">Whether a program refused its settings or data before the lab was up.</param>
    public void Fail(string reason, bool isRefusal = false)
    {
        _record = _record with { Failure = reason, IsRefusal = isRefusal };
        Write();
    }

    /// <summary>Gives the right back; a failure stays on record.</summary>
    public void Dispose()
    {
        if (_record.Failure is null) File.Delete(PathOf(_lab, RecordFile));
        _lock.Dispose();
    }

    private static string PathOf(LaunchedLab lab, string file) => Path.Combine(lab.Workspace.Root, "lab", file);

    private void Write() => KeyFiles.WriteAtomically(PathOf(_lab, RecordFile), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(_record, Json) + "\n"), ownerOnly: true);

    /// <summary>What is on record.</summary>
    /// <param name="Process">Who runs the lab.</param>
    /// <param name="Programs">The programs that it has started.</param>
    /// <param name="Failure">Why it could not go on; null as long as it can.</param>
    /// <param name="IsRefusal">Whether that was a program that refused its settings or data before the lab was up.</param>
    internal sealed record Record(ProcessIdentity Process, IReadOnlyDictionary<string, ProcessIdentity> Programs, string? Failure, bool IsRefusal = false)
    {
        /// <summary>Whether the process or a program that it has started is there.</summary>
        [JsonIgnore]
        public bool HasLife => Process.IsAlive || Programs.Values.Any(program => program.IsAlive);

        /// <summary>Waits until the programs have ended, which they do by themselves when the process that started them is gone; ends those by force that do not.</summary>
        /// <param name="time">Clock.</param>
        /// <param name="cancellationToken">Ends the wait.</param>
        public Task WaitForProgramsAsync(TimeProvider time, CancellationToken cancellationToken) => Task.WhenAll(Programs.Values.Select(async program =>
        {
            if (await program.WaitForEndAsync(ProgramPatience, time, cancellationToken)) return;
            await program.SignalAsync("KILL");
            await program.WaitForEndAsync(ProgramPatience, time, cancellationToken);
        }));
    }
}
