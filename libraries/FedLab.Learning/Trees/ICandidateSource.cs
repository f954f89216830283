namespace FedLab.Learning;

/// <summary>The quantised gradients and Hessians that one tree is grown on.</summary>
/// <param name="Tree">Number of the tree, from 0.</param>
/// <param name="Gradients">A value for every row, 0 for rows outside the tree's sample and for validation rows.</param>
/// <param name="Hessians">A value for every row, 0 where the gradient is 0 for the same reason.</param>
/// <param name="Quantizer">Their unit and the bounds of their sums.</param>
public sealed record TreeGradients(int Tree, ReadOnlyMemory<long> Gradients, ReadOnlyMemory<long> Hessians, GradientQuantizer Quantizer);

/// <summary>A node whose candidate sums are asked for.</summary>
/// <param name="Node">Number of the node in its tree.</param>
/// <param name="Rows">All rows of the node, ascending; those outside the sample have zero gradients.</param>
public sealed record ScanNode(int Node, ReadOnlyMemory<int> Rows);

/// <summary>A split of a node that a source is asked to make.</summary>
/// <param name="Node">Number of the node in its tree.</param>
/// <param name="Candidates">The tied best candidates, as positions in the source's own order of this tree.</param>
/// <param name="Rows">All rows of the node, ascending.</param>
public sealed record SplitRequest(int Node, IReadOnlyList<int> Candidates, ReadOnlyMemory<int> Rows);

/// <summary>A split that its owner has made.</summary>
/// <param name="Record">The number under which the owner keeps the rule.</param>
/// <param name="Left">For each row of the request, in its order, whether it goes left.</param>
public sealed record SplitAnswer(int Record, bool[] Left);

/// <summary>
/// One owner of candidate splits: the features of the party that trains, another party over the network, or, when training on pooled
/// data, each party's columns in memory. A tree asks its sources in this order:
/// <code>
/// BeginTree ─► Sum (root) ─► Split… ─► Sum (smaller children) ─► Split… ─► … until no node is left to split
/// </code>
/// </summary>
public interface ICandidateSource
{
    /// <summary>The party's name, which also selects its columns when they are sampled.</summary>
    string Name { get; }

    /// <summary>Starts a tree. Called once for a tree, before its other calls.</summary>
    ValueTask BeginTreeAsync(TreeGradients gradients, CancellationToken ct);

    /// <summary>
    /// For each node the sums over the rows that each candidate sends left: one entry a candidate, in one order for the whole tree,
    /// whose meaning the caller does not know.
    /// </summary>
    ValueTask<IReadOnlyList<GradientPair[]>> SumAsync(IReadOnlyList<ScanNode> nodes, CancellationToken ct);

    /// <summary>
    /// For each request the owner's first candidate, in its catalogue's order, of those that leave its minimum cohort on both sides,
    /// or null when none does.
    /// </summary>
    ValueTask<IReadOnlyList<SplitAnswer?>> SplitAsync(IReadOnlyList<SplitRequest> requests, CancellationToken ct);
}
