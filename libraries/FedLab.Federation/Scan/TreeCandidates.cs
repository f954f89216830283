using FedLab.Federation.Alignment;
using FedLab.Federation.Wire;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// A tree's candidates as a scan takes them: which codes of a feature go left, in an order that is secret and fresh for every tree, k of
/// them to a group.
/// </summary>
internal sealed class TreeCandidates
{
    private const int MaximumCandidates = 1 << 24;

    private readonly (int Feature, bool[] Left)[] _candidates;
    private readonly int[] _order;
    private readonly int _groupSize;

    private TreeCandidates(int tree, (int Feature, bool[] Left)[] candidates, int[] order, int groupSize) => (Tree, _candidates, _order, _groupSize) = (tree, candidates, order, groupSize);

    /// <summary>Before the first tree.</summary>
    public static TreeCandidates None { get; } = new(-1, [], [], 1);

    /// <summary>Number of the tree.</summary>
    public int Tree { get; }

    /// <summary>Number of candidates.</summary>
    public int Count => _candidates.Length;

    /// <summary>Number of groups.</summary>
    public int Groups => (Count + _groupSize - 1) / _groupSize;

    /// <summary>Takes the candidates of a tree in catalogue order and shuffles them.</summary>
    public static TreeCandidates Shuffle(ScanPlan plan, int tree, IReadOnlyList<SplitCandidate> candidates) =>
        new(tree, [.. candidates.Select(candidate => (candidate.FeatureIndex, candidate.LeftCodes.ToArray()))], BlindedKeys.RandomPermutation(candidates.Count), plan.CandidatesPerAnswer);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">The message.</param>
    /// <param name="plan">The scan.</param>
    /// <param name="codeCounts">Number of codes of each feature.</param>
    /// <exception cref="ProtocolException">It names a feature or a code that does not exist, or its order is none.</exception>
    public static TreeCandidates Read(ref MessageReader reader, ScanPlan plan, IReadOnlyList<int> codeCounts)
    {
        var tree = reader.Int32(0, int.MaxValue, "tree");
        var candidates = new (int, bool[])[reader.Count(MaximumCandidates, 2, "candidates")];
        for (var i = 0; i < candidates.Length; i++)
        {
            var feature = reader.Int32(0, codeCounts.Count - 1, "feature");
            candidates[i] = (feature, reader.Bits(reader.Int32(1, codeCounts[feature], "codes")));
        }
        var order = new int[candidates.Length];
        var seen = new bool[candidates.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = reader.Int32(0, order.Length - 1, "order");
            if (seen[order[i]]) throw ProtocolErrors.CandidateTwice(order[i]);
            seen[order[i]] = true;
        }
        reader.End();
        return new TreeCandidates(tree, candidates, order, plan.CandidatesPerAnswer);
    }

    /// <summary>Writes them, order and all, for a worker of the same institution.</summary>
    public void Write(MessageWriter writer)
    {
        writer.Int32(Tree);
        writer.VarInt((uint)Count);
        foreach (var (feature, left) in _candidates)
        {
            writer.Int32(feature);
            writer.Int32(left.Length);
            writer.Bits(left);
        }
        foreach (var candidate in _order) writer.Int32(candidate);
    }

    /// <summary>The feature of a candidate, by catalogue order.</summary>
    public int FeatureOf(int candidate) => _candidates[candidate].Feature;

    /// <summary>For each code of the feature whether it goes left.</summary>
    public ReadOnlySpan<bool> LeftOf(int candidate) => _candidates[candidate].Left;

    /// <summary>The candidates of a group, in catalogue order's numbers; fewer than k in the last.</summary>
    public ReadOnlySpan<int> Members(int group) => _order.AsSpan(group * _groupSize, Math.Min(_groupSize, Count - (group * _groupSize)));

    /// <summary>The candidate that the active party knows by an index of the shuffled order, as an index in catalogue order.</summary>
    public int ToCatalogueOrder(int shuffled) =>
        (uint)shuffled < (uint)_order.Length ? _order[shuffled] : throw ProtocolErrors.CandidateUnknown(shuffled, _order.Length);
}
