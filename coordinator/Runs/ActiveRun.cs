using System.Threading.Channels;
using FedLab.Coordinator.State;
using FedLab.Federation.Experiments;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Runs;
using FedLab.Proto;

namespace FedLab.Coordinator.Runs;

/// <summary>One attempt of a run: what every party must start anew together.</summary>
/// <param name="number">From 1.</param>
/// <param name="parties">The parties that take part in it.</param>
/// <param name="adder">Between banks: adds their contributions blind.</param>
internal sealed class RunAttempt(int number, IReadOnlyList<string> parties, BlindAdder? adder)
{
    private readonly Dictionary<(string Sender, string Receiver), long> _next = [];
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasSums;

    /// <summary>From 1.</summary>
    public int Number { get; } = number;

    /// <summary>The parties that take part in it.</summary>
    public IReadOnlyList<string> Parties { get; } = parties;

    /// <summary>Between banks: adds their contributions blind. Guarded by itself; inside its lock nothing asks for the book's. Gone when the attempt is over.</summary>
    public BlindAdder? Adder { get; } = adder;

    /// <summary>Whether it was aborted or all roles have ended.</summary>
    public bool IsOver => _over.Task.IsCompleted;

    /// <summary>Completes when it is over: nobody waits for room for its messages any longer.</summary>
    public Task Over => _over.Task;

    /// <summary>Between banks: whether a sum was announced, so that every bank has its share of the keys.</summary>
    public bool HasSums
    {
        get => _hasSums;
        set => _hasSums = value;
    }

    /// <summary>What the parties reported whose roles have ended.</summary>
    public Dictionary<string, PartyFinished> Finished { get; } = new(StringComparer.Ordinal);

    /// <summary>It was aborted, or all roles have ended. May be said twice.</summary>
    public void End()
    {
        _over.TrySetResult();
        if (Adder is not { } adder) return;
        lock (adder) adder.Dispose();
    }

    /// <summary>Takes the next sequence number of a pair of parties.</summary>
    /// <returns>Whether it is the expected one.</returns>
    public bool Take(string sender, string receiver, long sequence, out long expected)
    {
        expected = _next.GetValueOrDefault((sender, receiver));
        if (sequence != expected) return false;
        _next[(sender, receiver)] = expected + 1;
        return true;
    }
}

/// <summary>A party within a run.</summary>
internal sealed class RunMember(ExperimentParty party)
{
    public ExperimentParty Party { get; } = party;

    public StoredDecision? Decision { get; set; }

    /// <summary>Whether the proposal is on its way to the process that is connected, or was last; it gets there however often the line is lost.</summary>
    public bool IsAsked { get; set; }

    /// <summary>How far its role is in the current attempt.</summary>
    public Progress? Progress { get; set; }
}

/// <summary>A run that this process has seen: everything about it that changes. Guarded by the book's lock.</summary>
internal sealed class ActiveRun
{
    private const int MaximumDetails = 2000;
    private readonly List<DetailLine> _details = [];
    private readonly List<Channel<bool>> _watchers = [];
    private long _firstDetail;

    /// <summary>Takes a run up.</summary>
    /// <param name="stored">As it is stored.</param>
    /// <param name="spec">What was proposed.</param>
    /// <exception cref="Federation.ProtocolException">A setting of the protocol is malformed.</exception>
    /// <exception cref="Learning.LearningException">A setting of the learner is.</exception>
    public ActiveRun(StoredRun stored, ExperimentSpec spec)
    {
        Stored = stored;
        Spec = spec;
        Members = spec.Parties.ToDictionary(party => party.Name, party => new RunMember(party), StringComparer.Ordinal);
        if (spec.IsHorizontal) Threshold = RunSettings.Parse(spec).Threshold;
    }

    public StoredRun Stored { get; set; }

    public ExperimentSpec Spec { get; }

    public IReadOnlyDictionary<string, RunMember> Members { get; }

    /// <summary>Between banks with threshold keys: as many are enough to go on. Null where all are needed.</summary>
    public int? Threshold { get; }

    /// <summary>Banks that have left the run for good.</summary>
    public SortedSet<string> Absent { get; } = new(StringComparer.Ordinal);

    /// <summary>The parties that are still in the run, in the order of the specification.</summary>
    public IEnumerable<string> Present => Spec.Parties.Select(party => party.Name).Where(name => !Absent.Contains(name));

    /// <summary>Whether a sum was announced in an earlier attempt, so that every bank has its share of the keys.</summary>
    public bool HadSums { get; set; }

    /// <summary>Since when as many banks as can go on are connected; null while they are not. Before that a missing bank is not what the run waits for.</summary>
    public DateTimeOffset? EnoughSince { get; set; }

    /// <summary>The attempt under way; null while the run waits for its parties.</summary>
    public RunAttempt? Attempt { get; set; }

    /// <summary>All roles have ended; the result is being published.</summary>
    public bool IsPublishing { get; set; }

    /// <summary>Since when it waits for its parties.</summary>
    public DateTimeOffset WaitingSince { get; set; }

    /// <summary>Whether a party is in the run and has not left it.</summary>
    public bool Includes(string party) => Members.ContainsKey(party) && !Absent.Contains(party);

    /// <summary>Whether a party's role has ended in the attempt under way: whatever it sent is here, and it is not needed any more.</summary>
    public bool IsDone(string party) => Attempt is { } attempt && attempt.Finished.ContainsKey(party);

    public bool HasEnded => Stored.State is RunState.Finished or RunState.Failed or RunState.Stopped or RunState.Refused;

    /// <summary>Adds a line to the run's log.</summary>
    public void AddDetail(DateTimeOffset time, string party, string text)
    {
        if (_details.Count == MaximumDetails)
        {
            _details.RemoveAt(0);
            _firstDetail++;
        }
        _details.Add(new DetailLine { UnixMs = time.ToUnixTimeMilliseconds(), Party = party, Text = text });
    }

    /// <summary>The lines from a number on, and the number after the last.</summary>
    public (IReadOnlyList<DetailLine> Lines, long Next) DetailsFrom(long number)
    {
        var skip = (int)Math.Max(0, number - _firstDetail);
        return (_details.Skip(skip).ToList(), _firstDetail + _details.Count);
    }

    public ChannelReader<bool> Watch()
    {
        var watcher = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        _watchers.Add(watcher);
        return watcher.Reader;
    }

    public void Unwatch(ChannelReader<bool> reader) => _watchers.RemoveAll(watcher => ReferenceEquals(watcher.Reader, reader));

    /// <summary>Wakes those who watch.</summary>
    public void Changed()
    {
        foreach (var watcher in _watchers) watcher.Writer.TryWrite(true);
    }
}
