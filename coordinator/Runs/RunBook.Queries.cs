using System.Runtime.CompilerServices;
using System.Threading.Channels;
using FedLab.Coordinator.State;
using FedLab.Federation;
using FedLab.Federation.Experiments;
using FedLab.Proto;
using Google.Protobuf;

namespace FedLab.Coordinator.Runs;

// What may be asked: runs, parties, and a run as it goes on.
internal sealed partial class RunBook
{
    /// <summary>A run as it is; null when there is none.</summary>
    public RunDescription? Find(string run)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(run, out var active)) return Describe(active);
            return _store.FindRun(run) is { } stored ? Describe(stored) : null;
        }
    }

    /// <summary>Runs, newest first.</summary>
    public IReadOnlyList<RunDescription> List(int limit)
    {
        lock (_gate)
        {
            return _store.ListRuns(limit).Select(stored =>
            {
                var description = _runs.TryGetValue(stored.Run, out var active) ? Describe(active) : Describe(stored);
                description.Spec = ByteString.Empty;
                return description;
            }).ToList();
        }
    }

    /// <summary>The parties of the lab.</summary>
    public IReadOnlyList<LabParty> Parties()
    {
        lock (_gate)
        {
            return PartyNames.Select(name =>
            {
                var presence = _parties[name];
                return new LabParty { Name = name, Connected = presence.IsConnected, SinceUnixMs = presence.Since?.ToUnixTimeMilliseconds() ?? 0, Software = presence.Software, CosigningVkey = presence.CosigningKey };
            }).ToList();
        }
    }

    private IEnumerable<string> PartyNames => _order.Where(name => !_parties[name].IsOut);

    /// <summary>Follows a run until it has ended; null when there is none.</summary>
    public async IAsyncEnumerable<RunEvent> WatchAsync(string run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ActiveRun? active;
        ChannelReader<bool>? changes = null;
        lock (_gate)
        {
            if (_runs.TryGetValue(run, out active)) changes = active.Watch();
        }
        if (active is null || changes is null)
        {
            if (Find(run) is { } stored) yield return new RunEvent { Run = stored };
            yield break;
        }
        try
        {
            var next = 0L;
            while (true)
            {
                RunEvent change;
                lock (_gate)
                {
                    change = new RunEvent { Run = Describe(active) };
                    (var lines, next) = active.DetailsFrom(next);
                    change.Details.AddRange(lines);
                }
                yield return change;
                if (change.Run.State is RunState.Finished or RunState.Failed or RunState.Stopped or RunState.Refused) yield break;
                await changes.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_gate) active.Unwatch(changes);
        }
    }

    private RunDescription Describe(ActiveRun run)
    {
        var results = run.HasEnded || run.Attempt is null ? _store.Results(run.Stored.Run).ToDictionary(result => result.Party, StringComparer.Ordinal) : null;
        var description = Describe(run.Stored, run.Spec, member => run.Members[member].Decision, member => results?.GetValueOrDefault(member));
        foreach (var party in description.Parties)
        {
            party.Absent = run.Absent.Contains(party.Name);
            if (run.Members[party.Name].Progress is { } progress)
            {
                party.Phase = progress.Phase;
                party.Done = progress.Done;
                party.Total = progress.Total;
                party.BytesSent = progress.BytesSent;
                party.BytesReceived = progress.BytesReceived;
            }
            if (run.Attempt is null || !run.Attempt.Finished.TryGetValue(party.Name, out var finished)) continue;
            party.Finished = true;
            party.AlignedRows = finished.AlignedRows;
            party.Seconds.Clear();
            party.Seconds.Add(finished.Seconds);
            party.Bytes.Clear();
            party.Bytes.Add(finished.Bytes);
        }
        return description;
    }

    private RunDescription Describe(StoredRun stored)
    {
        var decisions = _store.Decisions(stored.Run).ToDictionary(decision => decision.Party, StringComparer.Ordinal);
        var results = _store.Results(stored.Run).ToDictionary(result => result.Party, StringComparer.Ordinal);
        ExperimentSpec? spec;
        try
        {
            spec = ExperimentSpec.Parse(stored.Spec);
        }
        catch (ProtocolException)
        {
            spec = null; // written by an earlier version of the program
        }
        var description = Describe(stored, spec, decisions.GetValueOrDefault, results.GetValueOrDefault);
        foreach (var (name, _) in _store.Absences(stored.Run))
        {
            if (description.Parties.FirstOrDefault(party => party.Name == name) is { } left) left.Absent = true;
        }
        return description;
    }

    private RunDescription Describe(StoredRun stored, ExperimentSpec? spec, Func<string, StoredDecision?> decisionOf, Func<string, StoredResult?> resultOf)
    {
        var description = new RunDescription
        {
            Run = stored.Run,
            Experiment = stored.Experiment,
            Spec = ByteString.CopyFrom(stored.Spec),
            SpecHash = ByteString.CopyFrom(stored.SpecHash),
            State = stored.State,
            Attempt = stored.Attempt,
            Reason = stored.Reason,
            ProposedBy = stored.ProposedBy,
            CreatedUnixMs = stored.Created.ToUnixTimeMilliseconds(),
            StartedUnixMs = stored.Started?.ToUnixTimeMilliseconds() ?? 0,
            EndedUnixMs = stored.Ended?.ToUnixTimeMilliseconds() ?? 0,
            ManifestHash = ByteString.CopyFrom(stored.ManifestHash),
            Scores = spec?.Kind == RunKind.Score,
        };
        foreach (var party in spec?.Parties ?? [])
        {
            var decision = decisionOf(party.Name);
            var described = new RunParty
            {
                Name = party.Name,
                Role = party.Role switch { PartyRole.Active => "active", PartyRole.Required => "required", PartyRole.Bank => "bank", _ => "optional" },
                Connected = _parties.TryGetValue(party.Name, out var presence) && presence.IsConnected,
                Decision = decision is null ? PartyDecision.Pending : decision.Approve ? PartyDecision.Approved : PartyDecision.Refused,
                Reason = decision?.Reason ?? "",
            };
            if (resultOf(party.Name) is { } result && result.Attempt == stored.Attempt)
            {
                described.Finished = true;
                described.AlignedRows = result.AlignedRows;
                described.Seconds.Add(result.Seconds.ToDictionary());
                described.Bytes.Add(result.Bytes.ToDictionary());
            }
            description.Parties.Add(described);
        }
        return description;
    }
}
