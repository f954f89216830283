namespace FedLab.Audit;

/// <summary>
/// Where the logs of parties end that left a run: frozen, cut off or broken for good, their last entries are behind the last head that they signed, and no reviewer has them.
/// Such a log is short, not false. It counts only where the coordinator's log says that its owner left, where the log has nothing of a later time, and for envelopes that come
/// behind the last one that it has of the same way; a gap before that stays one.
/// </summary>
internal sealed class LogEnds(IReadOnlyList<LogEvidence> logs)
{
    private readonly Dictionary<(LogEvidence Log, string Run), bool> _endsEarly = [];
    private readonly Dictionary<LogEvidence, Dictionary<Way, long>> _last = [];
    private readonly Dictionary<(LogEvidence Log, string Run), int> _missed = [];

    private readonly record struct Way(string Type, string Run, int Attempt, string Sender, string Receiver);

    /// <summary>The logs that end early, the run that their owner left, and how many envelopes were found to be behind the end.</summary>
    internal IEnumerable<(LogEvidence Log, string Run, int Count)> Missed => _missed.Select(pair => (pair.Key.Log, pair.Key.Run, pair.Value));

    /// <summary>Whether an envelope that a log does not have as sent or received lies behind its end; it is counted then.</summary>
    internal bool IsBehind(LogEvidence log, string type, EnvelopeRecord envelope)
    {
        (LogEvidence, string) key = (log, envelope.Run);
        if (!_endsEarly.TryGetValue(key, out bool endsEarly)) _endsEarly.Add(key, endsEarly = EndsEarly(log, envelope.Run));
        if (!endsEarly || (LastOf(log).TryGetValue(new Way(type, envelope.Run, envelope.Attempt, envelope.Sender, envelope.Receiver), out long last) && envelope.Sequence <= last)) return false;
        _missed[key] = _missed.GetValueOrDefault(key) + 1;
        return true;
    }

    private bool EndsEarly(LogEvidence log, string run)
    {
        AuditEntry? left = logs.Where(other => other.Owner.IsCoordinator).SelectMany(other => other.Events).Select(item => item.Entry)
            .FirstOrDefault(entry => entry.Type == AuditEventType.PartyLeft && string.Equals(entry.Run, run, StringComparison.Ordinal) && string.Equals((string)entry.Body["party"]!, log.Owner.Name, StringComparison.Ordinal));
        return left is not null && log.Entries.Where(entry => entry.IsReadable).All(entry => entry.Time < left.Time);
    }

    private Dictionary<Way, long> LastOf(LogEvidence log)
    {
        if (_last.TryGetValue(log, out Dictionary<Way, long>? last)) return last;
        _last.Add(log, last = []);
        foreach (EnvelopeSighting sighting in log.Envelopes)
        {
            var way = new Way(sighting.Type, sighting.Envelope.Run, sighting.Envelope.Attempt, sighting.Envelope.Sender, sighting.Envelope.Receiver);
            last[way] = Math.Max(last.GetValueOrDefault(way), sighting.Envelope.Sequence);
        }

        return last;
    }
}
