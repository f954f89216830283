using FedLab.Proto;

namespace FedLab.Coordinator.State;

/// <summary>A run as it is stored.</summary>
internal sealed record StoredRun
{
    public required string Run { get; init; }

    public required string Experiment { get; init; }

    public required byte[] Spec { get; init; }

    public required byte[] SpecHash { get; init; }

    public required string ProposedBy { get; init; }

    public required DateTimeOffset Created { get; init; }

    public RunState State { get; init; } = RunState.Proposed;

    public int Attempt { get; init; }

    public string Reason { get; init; } = "";

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public byte[] ManifestHash { get; init; } = [];
}

/// <summary>A party's decision on a run as it is stored.</summary>
internal sealed record StoredDecision(string Run, string Party, bool Approve, string Reason, string Approver, byte[] Signature, DateTimeOffset Decided);

/// <summary>What a party reported at the end of its role.</summary>
internal sealed record StoredResult(string Run, string Party, int Attempt, long AlignedRows, IReadOnlyDictionary<string, double> Seconds, IReadOnlyDictionary<string, long> Bytes);

/// <summary>A party as it was seen last.</summary>
internal sealed record StoredParty(string Name, string CosigningKey, string Software, DateTimeOffset Seen);

/// <summary>An attempt of a run and how it ended.</summary>
internal sealed record StoredAttempt(string Run, int Attempt, DateTimeOffset Started, DateTimeOffset? Ended, string Reason);

/// <summary>The coordinator's durable state. Every call is on disk when it returns.</summary>
internal interface ILabStore : IDisposable
{
    /// <summary>Adds a run.</summary>
    void AddRun(StoredRun run);

    /// <summary>Replaces what changes in a run: state, attempt, reason, times, manifest hash.</summary>
    /// <exception cref="KeyNotFoundException">There is no such run.</exception>
    void UpdateRun(StoredRun run);

    /// <summary>Finds a run.</summary>
    StoredRun? FindRun(string run);

    /// <summary>Runs, newest first.</summary>
    IReadOnlyList<StoredRun> ListRuns(int limit);

    /// <summary>Runs that have not ended, oldest first.</summary>
    IReadOnlyList<StoredRun> OpenRuns();

    /// <summary>Stores a decision; a second one of the same party and run is ignored.</summary>
    /// <returns>Whether it was the first.</returns>
    bool AddDecision(StoredDecision decision);

    /// <summary>The decisions on a run.</summary>
    IReadOnlyList<StoredDecision> Decisions(string run);

    /// <summary>Begins an attempt.</summary>
    void BeginAttempt(string run, int attempt, DateTimeOffset started);

    /// <summary>Ends an attempt.</summary>
    void EndAttempt(string run, int attempt, DateTimeOffset ended, string reason);

    /// <summary>The attempts of a run in order.</summary>
    IReadOnlyList<StoredAttempt> Attempts(string run);

    /// <summary>Stores or replaces what a party reported.</summary>
    void PutResult(StoredResult result);

    /// <summary>What the parties of a run reported.</summary>
    IReadOnlyList<StoredResult> Results(string run);

    /// <summary>Stores or replaces a party.</summary>
    void PutParty(StoredParty party);

    /// <summary>All parties ever seen.</summary>
    IReadOnlyList<StoredParty> Parties();
}
