namespace FedLab.Client.Simulations;

/// <summary>Payload bytes by phase of a run.</summary>
public static class PhaseBytes
{
    /// <summary>Name of the sum over all phases.</summary>
    public const string Total = "total";

    /// <summary>Name of the training bytes of one tree, both directions.</summary>
    public const string PerTree = "perTree";

    /// <summary>The phase in which trees are trained.</summary>
    public const string Training = "training";

    /// <summary>What comes before the first phase of the protocol: each party sets up its part.</summary>
    public const string Start = "start";

    private static readonly string[] Order = [Start, "alignment", "keys", Training, "evaluation", "publication", "comparison", "scoring"];

    /// <summary>Bytes by phase in the order of a run, with the total and the bytes of a tree.</summary>
    /// <param name="phases">Bytes by phase.</param>
    /// <param name="trees">Number of trees; 0 leaves the bytes of a tree out.</param>
    public static IReadOnlyDictionary<string, long> Arrange(IReadOnlyDictionary<string, long> phases, int trees)
    {
        ArgumentNullException.ThrowIfNull(phases);
        var arranged = new OrderedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var phase in Sorted(phases.Keys)) arranged.Add(phase, phases[phase]);
        arranged.Add(Total, phases.Values.Sum());
        if (trees > 0 && phases.TryGetValue(Training, out var training)) arranged.Add(PerTree, training / trees);
        return arranged;
    }

    /// <summary>Bytes over the network from what each party counted: every message is counted where it is sent and where it arrives.</summary>
    /// <param name="byParty">What each party counted, by phase.</param>
    public static IReadOnlyDictionary<string, long> OverNetwork(IEnumerable<IReadOnlyDictionary<string, long>> byParty) =>
        byParty.SelectMany(party => party)
            .GroupBy(step => step.Key, StringComparer.Ordinal)
            .OrderBy(step => step.Key, StringComparer.Ordinal)
            .ToDictionary(step => step.Key, step => step.Sum(count => count.Value) / 2, StringComparer.Ordinal);

    /// <summary>Phases in the order of a run, others after them.</summary>
    /// <param name="phases">Names of phases.</param>
    public static IEnumerable<string> Sorted(IEnumerable<string> phases) =>
        phases.OrderBy(phase => Array.IndexOf(Order, phase) is var at && at < 0 ? Order.Length : at).ThenBy(phase => phase, StringComparer.Ordinal);
}
