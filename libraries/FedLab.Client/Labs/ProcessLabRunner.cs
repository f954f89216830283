using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Client.Simulations;
using FedLab.Federation.Experiments;
using FedLab.Proto;

namespace FedLab.Client.Labs;

/// <summary>Runs an experiment in a local lab of real processes: one coordinator, one participant for each institution, this process as lead.</summary>
/// <param name="lab">The lab.</param>
/// <param name="progress">Progress.</param>
/// <param name="time">Clock.</param>
internal sealed class ProcessLabRunner(LocalLab lab, IProgress<LabProgress> progress, TimeProvider time)
{
    private static readonly TimeSpan CoordinatorTimeout = TimeSpan.FromSeconds(60);

    // A participant reads its file before it dials; millions of rows take their time.
    private static readonly TimeSpan PartiesTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Starts the processes, runs the experiment to its end, and ends the processes.</summary>
    /// <param name="spec">The experiment.</param>
    /// <param name="cancellationToken">Stops the run and the processes.</param>
    /// <exception cref="ClientException">A process or the run failed.</exception>
    public async Task<LabOutcome> RunAsync(ExperimentSpec spec, CancellationToken cancellationToken)
    {
        progress.Report(new LabProgress(LabPhase.Starting));
        var events = new RunEvents(spec.Leader, withParties: false, progress);
        await using var processes = new LabProcesses(time) { Restarted = name => progress.Report(events.Last with { Detail = Messages.Restarted(name) }) };
        processes.StartCoordinator(lab.Workspace.Coordinator);
        foreach (var party in lab.Parties) processes.StartParticipant(party, lab.Workspace.Party(party));
        using var connection = new LabConnection(lab.Address, LocalLab.KeysOf(lab.Workspace.Lead), time);
        await processes.GuardAsync(connection.WaitForPartiesAsync(lab.Parties, CoordinatorTimeout, PartiesTimeout, Path.Combine(lab.Workspace.Coordinator, "coordinator.log"), cancellationToken));

        var started = time.GetTimestamp();
        var run = await processes.GuardAsync(connection.CreateRunAsync(spec, cancellationToken));
        RunDescription ended;
        try
        {
            ended = await processes.GuardAsync(connection.WatchRunAsync(run, events.Report, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            await connection.AbandonRunAsync(run, "stopped by the lead");
            throw;
        }
        var wall = time.GetElapsedTime(started).TotalSeconds;
        if (ended.State != RunState.Finished)
        {
            // The coordinator knows no more than a code. Here, where all parties are this person's, their own words are better.
            var said = await processes.EndAndHearAsync();
            var reason = said.Count > 0 ? string.Join(' ', said) : ended.Reason;
            throw new ClientException(spec.Kind == RunKind.Score ? Messages.ScoringFailed(reason) : Messages.RunFailed(reason));
        }
        var model = spec.Kind == RunKind.Train ? await processes.GuardAsync(connection.GetModelAsync(run, cancellationToken)) : null;
        var leader = ended.Parties.First(party => party.Name == spec.Leader);
        return new LabOutcome(
            run,
            model?.Manifest.ToByteArray(),
            model?.Signatures.ToDictionary(signature => signature.Key, signature => signature.Value.ToByteArray(), StringComparer.Ordinal) ?? [],
            leader.AlignedRows,
            leader.Seconds.ToDictionary(StringComparer.Ordinal),
            PhaseBytes.OverNetwork(ended.Parties.Select(party => party.Bytes.ToDictionary(StringComparer.Ordinal))),
            wall);
    }
}
