using System.Globalization;

namespace FedLab.Learning;

/// <summary>
/// A trained model without its rules: the share of the party that trained. The rules of each split stay with their owners, so the
/// margins of rows take all of them. Immutable.
/// </summary>
public sealed partial class TreeEnsemble
{
    /// <summary>Most trees of a model.</summary>
    internal const int MaximumTrees = 5_000;

    private readonly Tree[] _trees;

    /// <summary>A model of the given trees.</summary>
    /// <param name="baseMargin">The margin before the first tree.</param>
    /// <param name="trees">The trees in the order of training.</param>
    /// <exception cref="ArgumentException">The base margin is not finite or there are too many trees.</exception>
    public TreeEnsemble(double baseMargin, IReadOnlyList<Tree> trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        if (!double.IsFinite(baseMargin))
            throw new ArgumentException("The base margin must be finite.", nameof(baseMargin));
        if (trees.Count > MaximumTrees)
            throw new ArgumentException($"A model has at most {MaximumTrees} trees.", nameof(trees));
        BaseMargin = baseMargin;
        _trees = [.. trees];
    }

    /// <summary>The margin (log-odds) before the first tree.</summary>
    public double BaseMargin { get; }

    /// <summary>The trees in the order of training.</summary>
    public IReadOnlyList<Tree> Trees => _trees;

    /// <summary>How many of a source's records the model needs: 1 + the highest record that it uses, 0 when it uses none.</summary>
    /// <param name="source">Position of the source in the list of sources.</param>
    public int RecordCount(int source) =>
        _trees.SelectMany(tree => tree.Nodes).Where(node => !node.IsLeaf && node.Source == source).Select(node => node.Record + 1).DefaultIfEmpty().Max();

    /// <summary>The margins (log-odds) of rows.</summary>
    /// <param name="rowCount">Number of rows.</param>
    /// <param name="goesLeft">Whether the rule (source, record) sends a row (0 to <paramref name="rowCount"/> − 1) left.</param>
    public double[] PredictMargins(int rowCount, Func<int /* source */, int /* record */, int /* row */, bool> goesLeft)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        ArgumentNullException.ThrowIfNull(goesLeft);
        var margins = new double[rowCount];
        for (var row = 0; row < rowCount; row++)
        {
            // Added tree by tree as in training, so that a training row gets the very same double.
            var margin = BaseMargin;
            foreach (var tree in _trees)
                margin += tree.LeafWeightOf(row, goesLeft);
            margins[row] = margin;
        }

        return margins;
    }

    /// <summary>The first trees of the model.</summary>
    /// <param name="count">How many, 0 to all.</param>
    public TreeEnsemble Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _trees.Length);
        return new TreeEnsemble(BaseMargin, _trees[..count]);
    }

    /// <summary>
    /// One line a node, <c>tree 3 node 0: bank age &lt;= 41.5</c> or <c>tree 3 node 7: leaf 0.012</c>. Two models are the same exactly
    /// when their lines and base margins are.
    /// </summary>
    /// <param name="sourceNames">The name of each source.</param>
    /// <param name="rules">For each source its rules by record number.</param>
    /// <exception cref="ArgumentException">A split's source or record is not in the lists.</exception>
    public IReadOnlyList<string> DescribeSplits(IReadOnlyList<string> sourceNames, IReadOnlyList<IReadOnlyList<SplitRule>> rules)
    {
        ArgumentNullException.ThrowIfNull(sourceNames);
        ArgumentNullException.ThrowIfNull(rules);
        List<string> lines = [];
        for (var tree = 0; tree < _trees.Length; tree++)
        {
            for (var i = 0; i < _trees[tree].Nodes.Count; i++)
            {
                var node = _trees[tree].Nodes[i];
                if (!node.IsLeaf && (node.Source >= sourceNames.Count || node.Source >= rules.Count || node.Record >= rules[node.Source].Count))
                    throw new ArgumentException($"There is no rule for record {node.Record} of source {node.Source}.", nameof(rules));
                var what = node.IsLeaf
                    ? string.Create(CultureInfo.InvariantCulture, $"leaf {node.LeafWeight}")
                    : $"{sourceNames[node.Source]} {rules[node.Source][node.Record]}";
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"tree {tree} node {i}: {what}"));
            }
        }

        return lines;
    }
}
