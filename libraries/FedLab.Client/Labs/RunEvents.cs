using System.Globalization;
using FedLab.Client.Processes;
using FedLab.Client.Resources;
using FedLab.Proto;

namespace FedLab.Client.Labs;

/// <summary>Turns what the coordinator tells of a run into progress for people.</summary>
/// <param name="leader">The party whose phase is the run's: the active one, or the first bank.</param>
/// <param name="withParties">Whether the institutions are shown one by one; they are not where all run on this machine.</param>
/// <param name="progress">Where to report.</param>
internal sealed class RunEvents(string leader, bool withParties, IProgress<LabProgress> progress)
{
    // After a broken connection the coordinator tells all the lines that it has kept, those told before included.
    private readonly HashSet<(long Time, string Party, string Text)> _told = [];

    /// <summary>The last progress reported.</summary>
    public LabProgress Last { get; private set; } = new(LabPhase.Starting);

    /// <summary>Something has changed.</summary>
    /// <param name="change">What.</param>
    public void Report(RunEvent change)
    {
        var run = change.Run;
        var parties = withParties ? run.Parties.Select(party => StateOf(party, LabConnection.HasEnded(run.State))).ToArray() : null;
        if (PhaseOf(run) is { } phase)
        {
            var first = run.Parties.FirstOrDefault(party => party.Name == leader);
            Last = new LabProgress(phase, first?.Done ?? 0, first?.Total ?? 0, run.Parties.Sum(party => party.BytesSent));
        }
        Last = Last with { Parties = parties };
        foreach (var line in change.Details)
        {
            if (!_told.Add((line.UnixMs, line.Party, line.Text))) continue;
            progress.Report(Last with { Detail = string.Create(CultureInfo.InvariantCulture, $"{(line.Party.Length == 0 ? LabProcesses.CoordinatorName : line.Party)}: {line.Text}") });
        }
        progress.Report(Last);
    }

    /// <summary>The connection to the coordinator broke and is being made again.</summary>
    /// <param name="cause">Why.</param>
    public void Interrupted(string cause) => progress.Report(Last with { Detail = Messages.ConnectingAgain(cause) });

    private LabPhase? PhaseOf(RunDescription run) => run.State switch
    {
        RunState.Proposed when withParties => LabPhase.Deciding,
        RunState.Approved when withParties => LabPhase.Gathering,
        RunState.Proposed or RunState.Approved => null,
        _ => run.Parties.FirstOrDefault(party => party.Name == leader) is { } first ? LabProgress.PhaseOf(first.Phase) : null,
    };

    private static PartyProgress StateOf(RunParty party, bool ended)
    {
        var phase = LabProgress.PhaseOf(party.Phase);
        var state = party switch
        {
            { Absent: true } => PartyState.Left,
            { Finished: true } => PartyState.Finished,
            { Decision: PartyDecision.Refused } => PartyState.Refused,
            { Connected: false } when !ended => PartyState.Away,
            { Decision: PartyDecision.Pending } => PartyState.Undecided,
            _ => phase is null ? PartyState.Approved : PartyState.Working,
        };
        return state == PartyState.Working ? new PartyProgress(party.Name, state, phase, party.Done, party.Total) : new PartyProgress(party.Name, state, Reason: party.Reason);
    }
}
