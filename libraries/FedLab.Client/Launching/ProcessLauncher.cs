using System.Diagnostics;
using FedLab.Client.Labs;
using FedLab.Client.Processes;
using FedLab.Containers.Labs;
using FedLab.Proto;

namespace FedLab.Client.Launching;

/// <summary>Runs a lab's programs as processes of this machine for as long as this process lives.</summary>
public static class ProcessLauncher
{
    /// <summary>How often a lab may find its port taken between the look at it and the coordinator's start.</summary>
    internal const int PortAttempts = 10;

    private static readonly TimeSpan CoordinatorTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PartiesTimeout = TimeSpan.FromMinutes(10); // a participant reads its file before it dials
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Starts the programs, keeps them running, and ends them when it is cancelled.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="changed">Called with what is known of the programs, every second.</param>
    /// <param name="ready">Called once all participants are connected.</param>
    /// <param name="said">Called with a program's name when it was killed and started again.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Ends the lab.</param>
    /// <exception cref="ClientException">The lab runs already, or a program did not start, or ended by itself; a refusal only when it did so before all were connected.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, and all programs have ended.</exception>
    public static async Task RunAsync(LaunchedLab lab, Action<ContainerList> changed, Action ready, Action<string> said, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lab);
        ArgumentNullException.ThrowIfNull(changed);
        ArgumentNullException.ThrowIfNull(ready);
        using var running = await RunningLab.TakeAsync(lab, time, cancellationToken);
        var isReady = false;
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                lab.TakePort();
                try
                {
                    await RunAsync(lab, running, changed, Ready, said, time, cancellationToken);
                }
                catch (ClientException) when (!isReady && attempt < PortAttempts && lab.HasAnyPort && !LocalPort.IsFree(lab.Port))
                {
                    // Our programs have ended: somebody else listens there, who was quicker.
                }
            }
        }
        catch (ClientException e)
        {
            running.Fail(e.Message, isRefusal: e.IsRefusal && !isReady);
            if (e.IsRefusal && isReady) throw new ClientException(e.Message, e);
            throw;
        }

        void Ready()
        {
            isReady = true;
            ready();
        }
    }

    private static async Task RunAsync(LaunchedLab lab, RunningLab running, Action<ContainerList> changed, Action ready, Action<string> said, TimeProvider time, CancellationToken cancellationToken)
    {
        var restarts = new Dictionary<string, int>(StringComparer.Ordinal);
        await using var processes = new LabProcesses(time)
        {
            Restarted = name =>
            {
                lock (restarts) restarts[name] = restarts.GetValueOrDefault(name) + 1;
                said(name);
            },
        };
        processes.StartCoordinator(lab.Workspace.Coordinator);
        foreach (var party in lab.Parties) processes.StartParticipant(party, lab.Workspace.Party(party));
        using var connection = new LabConnection(lab.Address, lab.Keys, time);
        var meter = new ProcessMeter(time);
        var waiting = processes.GuardAsync(WaitAsync(lab, connection, time, cancellationToken));
        var told = false;
        while (true)
        {
            var connected = waiting.IsCompletedSuccessfully ? await processes.GuardAsync(ConnectedAsync(connection, cancellationToken)) : [];
            var list = new ContainerList { Lab = lab.Name };
            var ids = processes.Ids;
            running.SetPrograms(ids);
            lock (restarts)
            {
                foreach (var name in lab.Parties.Prepend(LabProcesses.CoordinatorName)) list.Containers.Add(meter.Describe(name, ids, connected.Contains(name) || (name == LabProcesses.CoordinatorName && waiting.IsCompleted), restarts.GetValueOrDefault(name)));
            }
            changed(list);
            if (waiting.IsCompletedSuccessfully && !told)
            {
                told = true;
                ready();
            }
            await processes.GuardAsync(Task.WhenAny(Task.Delay(Interval, time, cancellationToken), told ? Task.Delay(Interval, time, cancellationToken) : waiting));
            if (waiting.IsCompleted) await waiting;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task WaitAsync(LaunchedLab lab, LabConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        await connection.WaitForPartiesAsync(lab.Parties, CoordinatorTimeout, PartiesTimeout, Path.Combine(lab.Workspace.Coordinator, "coordinator.log"), cancellationToken);
        await lab.WaitForCataloguesAsync(connection, time, cancellationToken);
    }

    private static async Task<HashSet<string>> ConnectedAsync(LabConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return (await connection.ListPartiesAsync(cancellationToken)).Parties.Where(party => party.Connected).Select(party => party.Name).ToHashSet(StringComparer.Ordinal);
        }
        catch (ClientException)
        {
            return []; // the coordinator was killed and comes back; if it does not, its process says so
        }
    }

    /// <summary>What processes use, measured as the containers of a lab are.</summary>
    private sealed class ProcessMeter(TimeProvider time)
    {
        private readonly Dictionary<int, (TimeSpan Used, long At)> _last = [];

        public ContainerDescription Describe(string name, IReadOnlyDictionary<string, int> ids, bool connected, int restarts)
        {
            var description = new ContainerDescription
            {
                Name = name,
                Role = name == LabProcesses.CoordinatorName ? LabContainers.CoordinatorRole : LabContainers.ParticipantRole,
                Condition = ContainerCondition.Restarting,
                Connected = connected,
                Restarts = restarts,
                Processors = -1,
            };
            if (!ids.TryGetValue(name, out var id)) return description;
            try
            {
                using var process = Process.GetProcessById(id);
                var (used, now) = (process.TotalProcessorTime, time.GetTimestamp());
                if (_last.TryGetValue(id, out var before) && time.GetElapsedTime(before.At, now) is var passed && passed > TimeSpan.Zero) description.Processors = Math.Max(0, (used - before.Used) / passed);
                _last[id] = (used, now);
                description.MemoryBytes = process.WorkingSet64;
                description.Condition = ContainerCondition.Running;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It ended in this moment.
            }
            return description;
        }
    }
}
