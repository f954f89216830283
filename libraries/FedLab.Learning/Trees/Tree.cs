namespace FedLab.Learning;

/// <summary>A node of a tree: a split that some source owns, or a leaf.</summary>
/// <param name="Source">Position of the split's owner in the list of sources, or −1 for a leaf.</param>
/// <param name="Record">The number under which the owner keeps the split's rule; 0 for a leaf.</param>
/// <param name="Left">The child for rows that the rule sends left; 0 for a leaf.</param>
/// <param name="Right">The child for the other rows; 0 for a leaf.</param>
/// <param name="LeafWeight">What a leaf adds to a row's margin; 0 for a split.</param>
public sealed record TreeNode(int Source, int Record, int Left, int Right, double LeafWeight)
{
    /// <summary>Whether the node is a leaf.</summary>
    public bool IsLeaf => Source < 0;

    internal static TreeNode Leaf(double weight) => new(-1, 0, 0, 0, weight);
}

/// <summary>A tree without its rules: who owns each split, and the leaf weights. Immutable.</summary>
public sealed class Tree
{
    /// <summary>Most nodes of a tree: all levels of the greatest depth full.</summary>
    internal const int MaximumNodes = (1 << 13) - 1;

    /// <summary>Most parties that own splits of one model.</summary>
    internal const int MaximumSources = 1024;

    private readonly TreeNode[] _nodes;

    private readonly SplitFigures[]? _splits;

    /// <summary>A tree of the given nodes.</summary>
    /// <param name="nodes">Node 0 is the root; levels from top to bottom, each from left to right, so that children come after parents.</param>
    /// <exception cref="ArgumentException">The nodes are not such a tree, or a number is out of range or not finite.</exception>
    public Tree(IReadOnlyList<TreeNode> nodes)
        : this(nodes, splits: null)
    {
    }

    /// <summary>A tree that was grown here.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="splits">The figures of the splits among them, in the same order.</param>
    internal Tree(IReadOnlyList<TreeNode> nodes, IReadOnlyList<SplitFigures>? splits)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        if (Fault(nodes) is { } fault)
            throw new ArgumentException(fault, nameof(nodes));
        _nodes = [.. nodes];
        _splits = splits is null ? null : [.. splits];
    }

    /// <summary>The nodes by level, each level from left to right; node 0 is the root.</summary>
    public IReadOnlyList<TreeNode> Nodes => _nodes;

    /// <summary>The figures of the nodes that are splits, in their order; null for a tree that was read from a model, which does not hold them.</summary>
    public IReadOnlyList<SplitFigures>? Splits => _splits;

    /// <summary>The weight of the leaf that a row reaches.</summary>
    /// <param name="row">The row's number, passed on to <paramref name="goesLeft"/>.</param>
    /// <param name="goesLeft">Whether the rule (source, record) sends a row left.</param>
    public double LeafWeightOf(int row, Func<int, int, int, bool> goesLeft)
    {
        ArgumentNullException.ThrowIfNull(goesLeft);
        var node = _nodes[0];
        while (!node.IsLeaf)
            node = _nodes[goesLeft(node.Source, node.Record, row) ? node.Left : node.Right];
        return node.LeafWeight;
    }

    /// <summary>What is wrong with the nodes of a tree, or null.</summary>
    internal static string? Fault(IReadOnlyList<TreeNode> nodes)
    {
        if (nodes.Count is 0 or > MaximumNodes)
            return Messages.Detail.NodeCount(nodes.Count, MaximumNodes);

        // In level order the children of the splits, read in order, are the nodes 1, 2, 3, …
        var next = 1;
        for (var i = 0; i < nodes.Count; i++)
        {
            var node = nodes[i];
            if (node is null)
                return Messages.Detail.NodeMissing(i);
            if (!double.IsFinite(node.LeafWeight))
                return Messages.Detail.NodeWeight(i);
            if (node.IsLeaf)
            {
                if (node is not { Source: -1, Record: 0, Left: 0, Right: 0 })
                    return Messages.Detail.LeafFields(i);
                continue;
            }

            if (node.Source >= MaximumSources || node.Record < 0 || node.LeafWeight != 0)
                return Messages.Detail.SplitFields(i);
            if (node.Left != next || node.Right != next + 1 || node.Right >= nodes.Count)
                return Messages.Detail.SplitChildren(i);
            next += 2;
        }

        return next == nodes.Count ? null : Messages.Detail.NodeOrphan(next);
    }
}
