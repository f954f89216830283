using System.Threading.Channels;
using FedLab.Coordinator.State;
using FedLab.Federation.Experiments;
using FedLab.Proto;

namespace FedLab.Coordinator.Runs;

/// <summary>One attempt of a run: what every party must start anew together.</summary>
internal sealed class RunAttempt(int number)
{
    private readonly Dictionary<(string Sender, string Receiver), long> _next = [];
    private volatile bool _isOver;

    /// <summary>From 1.</summary>
    public int Number { get; } = number;

    /// <summary>Set once, when it is aborted or all roles have ended.</summary>
    public bool IsOver
    {
        get => _isOver;
        set => _isOver = value;
    }

    /// <summary>What the parties reported whose roles have ended.</summary>
    public Dictionary<string, PartyFinished> Finished { get; } = new(StringComparer.Ordinal);

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

    public ActiveRun(StoredRun stored, ExperimentSpec spec)
    {
        Stored = stored;
        Spec = spec;
        Members = spec.Parties.ToDictionary(party => party.Name, party => new RunMember(party), StringComparer.Ordinal);
    }

    public StoredRun Stored { get; set; }

    public ExperimentSpec Spec { get; }

    public IReadOnlyDictionary<string, RunMember> Members { get; }

    /// <summary>The attempt under way; null while the run waits for its parties.</summary>
    public RunAttempt? Attempt { get; set; }

    /// <summary>All roles have ended; the result is being published.</summary>
    public bool IsPublishing { get; set; }

    /// <summary>Since when it waits for its parties.</summary>
    public DateTimeOffset WaitingSince { get; set; }

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
