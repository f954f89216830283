using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using FedLab.Coordinator.Auditing;
using FedLab.Coordinator.Configuration;
using FedLab.Coordinator.Enrolment;
using FedLab.Coordinator.Sessions;
using FedLab.Coordinator.State;
using FedLab.Federation.Remote;
using FedLab.Proto;

namespace FedLab.Coordinator.Runs;

/// <summary>The runs of the lab and what happens to them; the one place where a run's state changes.</summary>
/// <remarks>
/// <code>
///   proposed ──all approve──► approved ──all connected──► running (attempt 1) ──all roles end──► publishing ──► finished
///      │ one refuses              │                          │    ▲
///      ▼                          │          party or coordinator │ all connected again: attempt n + 1
///   refused                       │             was restarted ▼    │
///                                 └──party missing too long──► waiting ──party missing too long, or a role fails──► failed
///   from every state: a lead stops it ──► stopped
/// </code>
/// </remarks>
internal sealed partial class RunBook : IDisposable
{
    private const int MaximumAttempts = 100; // a party that is killed again and again by what it computes would go on for ever
    private const int RunSuffixBytes = 4;
    private const int MaximumEndedRuns = 200; // those who watch a run may come a little late; everything else is in the store
    private static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ActiveRun> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PartyPresence> _parties = new(StringComparer.Ordinal);
    private readonly List<string> _order;
    private readonly CoordinatorHome _home;
    private readonly PartyRoster _roster;
    private readonly ILabStore _store;
    private readonly LabJournal _journal;
    private readonly CheckpointKeeper _checkpoints;
    private readonly ModelShelf _models;
    private readonly ILogger<RunBook> _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _tick;
    private readonly List<Task> _unfinished = []; // guarded by the lock
    private DateTimeOffset _nextCheckpoint;

    public RunBook(CoordinatorHome home, PartyRoster roster, ILabStore store, LabJournal journal, CheckpointKeeper checkpoints, ModelShelf models, ILogger<RunBook> logger, TimeProvider time)
    {
        (_home, _roster, _store, _journal, _checkpoints, _models, _logger, _time) = (home, roster, store, journal, checkpoints, models, logger, time);
        LogKey = journal.Log.Key.ToString();
        var seen = store.Parties().ToDictionary(party => party.Name, StringComparer.Ordinal);
        _order = [.. roster.Names];
        foreach (var party in _order) _parties[party] = Presence(party, seen.GetValueOrDefault(party));
        RestoreCatalogues();
        var now = time.GetUtcNow();
        foreach (var stored in store.OpenRuns()) Reopen(stored, now);
        _nextCheckpoint = now + CheckpointPeriod;
        _tick = time.CreateTimer(_ => Tick(), state: null, TickPeriod, TickPeriod);
    }

    /// <summary>Random bytes of this process.</summary>
    public byte[] Instance { get; } = RandomNumberGenerator.GetBytes(LabProtocol.InstanceBytes);

    /// <summary>Name of the lab.</summary>
    public string Lab => _home.Options.Lab;

    /// <summary>The key of the audit log's checkpoints.</summary>
    public string LogKey { get; }

    private TimeSpan CheckpointPeriod => TimeSpan.FromMinutes(_home.Options.CheckpointMinutes);

    /// <summary>The session of a party; null when the lab has no such party.</summary>
    public PartySession? SessionOf(string party) => _parties.TryGetValue(party, out var presence) && !presence.IsOut ? presence.Session : null;

    /// <summary>Ends all connections.</summary>
    public void CloseSessions()
    {
        foreach (var presence in _parties.Values) presence.Session.Close();
    }

    /// <summary>Ends what goes on by itself, while the audit log and the store are still there: nothing is looked after any more, and what was begun (the publication of a model, a checkpoint) is brought to its end.</summary>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _tick.DisposeAsync().ConfigureAwait(false);
        while (true)
        {
            List<Task> unfinished;
            lock (_gate) unfinished = _unfinished.FindAll(task => !task.IsCompleted);
            if (unfinished.Count == 0 || cancellationToken.IsCancellationRequested) return;
            await Task.WhenAll(unfinished).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tick.Dispose();
        foreach (var presence in _parties.Values) presence.Session.Dispose();
        foreach (var session in _retired) session.Dispose();
    }

    /// <summary>A party has answered a request to cosign.</summary>
    public void Cosigned(PartySession session, Cosignature answer) => _checkpoints.Answered(session, answer);

    [SuppressMessage("Design", "CA1031", Justification = "A checkpoint that fails is made again later; it must not end a run.")]
    private async Task CheckpointAsync()
    {
        try
        {
            await _checkpoints.CheckpointAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.CheckpointFailed(_logger, e);
        }
    }

    /// <summary>Something goes on by itself from here.</summary>
    private void Begun(Task task)
    {
        lock (_gate)
        {
            _unfinished.RemoveAll(earlier => earlier.IsCompleted);
            _unfinished.Add(task);
        }
    }

    private void Update(ActiveRun run, StoredRun stored)
    {
        _store.UpdateRun(stored);
        run.Stored = stored;
    }

    private IEnumerable<ActiveRun> RunsOf(string party) => _runs.Values.Where(run => !run.HasEnded && run.Members.ContainsKey(party));

    private bool TryMember(PartySession session, string run, [NotNullWhen(true)] out ActiveRun? active, [NotNullWhen(true)] out RunMember? member)
    {
        member = null;
        return _runs.TryGetValue(run, out active) && !active.HasEnded && active.Includes(session.Name) && active.Members.TryGetValue(session.Name, out member);
    }
}
