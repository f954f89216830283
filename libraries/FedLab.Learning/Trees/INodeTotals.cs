namespace FedLab.Learning;

/// <summary>How a grower knows the sums over a node's rows, of which it may have only some in its memory.</summary>
internal interface INodeTotals
{
    /// <summary>The sums over all rows of the tree, once every source has begun it.</summary>
    GradientPair OfRoot(int[] rows);

    /// <summary>The sums over the rows that a split sends left, or null when the rows are not those of one of its candidates.</summary>
    GradientPair? OfLeft(OpenNode parent, BestSplit split, int[] left);

    /// <summary>Whether the left one of two siblings is scanned and not the right one.</summary>
    bool IsSmaller(OpenNode left, OpenNode right);

    /// <summary>Whether a node could have a row for each side.</summary>
    bool MayHaveTwoRows(OpenNode node);

    /// <summary>Number of all rows of a node, or null when it is not known.</summary>
    int? RowsOf(OpenNode node);
}

/// <summary>The totals of one who has all rows in memory: added up, and held against what a source said before.</summary>
internal sealed class OwnNodeTotals(TreeGradients gradients) : INodeTotals
{
    public GradientPair OfRoot(int[] rows) => SumOf(rows);

    public GradientPair? OfLeft(OpenNode parent, BestSplit split, int[] left)
    {
        var sum = SumOf(left);
        return split.Candidates.Any(candidate => parent.Sums![split.Source][candidate] == sum) ? sum : null;
    }

    public bool IsSmaller(OpenNode left, OpenNode right) => left.Rows.Length <= right.Rows.Length;

    public bool MayHaveTwoRows(OpenNode node) => node.Rows.Length >= 2;

    public int? RowsOf(OpenNode node) => node.Rows.Length;

    private GradientPair SumOf(int[] rows)
    {
        var g = gradients.Gradients.Span;
        var h = gradients.Hessians.Span;
        var (gradient, hessian) = (0L, 0L);
        foreach (var row in rows)
        {
            gradient += g[row];
            hessian += h[row];
        }

        return new GradientPair(gradient, hessian);
    }
}

/// <summary>The totals of one holder of several, who decides by nothing but what all of them know: the sums.</summary>
internal sealed class SharedNodeTotals(SharedCandidateSource source) : INodeTotals
{
    public GradientPair OfRoot(int[] rows) => source.Total;

    /// <summary>Of tied candidates the source, which has no minimum cohort, takes the first.</summary>
    public GradientPair? OfLeft(OpenNode parent, BestSplit split, int[] left) => parent.Sums![split.Source][split.Candidates[0]];

    public bool IsSmaller(OpenNode left, OpenNode right) => left.Total.Hessian <= right.Total.Hessian;

    public bool MayHaveTwoRows(OpenNode node) => true;

    public int? RowsOf(OpenNode node) => null;
}
