namespace FedLab.Learning;

/// <summary>A node while its tree grows.</summary>
/// <param name="Number">Its number in the tree.</param>
/// <param name="Rows">All its rows that are in this memory, ascending.</param>
/// <param name="Total">The sums over all its rows.</param>
internal sealed record OpenNode(int Number, int[] Rows, GradientPair Total)
{
    /// <summary>By source and candidate the sums of the rows that go left; null for a node that is not to be split.</summary>
    public GradientPair[][]? Sums { get; set; }
}

/// <summary>The best split of a node: a source, its tied candidates and their gain.</summary>
internal sealed record BestSplit(int Source, IReadOnlyList<int> Candidates, double Gain);

/// <summary>The candidates of a node that are still worth taking.</summary>
internal sealed class SplitChoice
{
    private readonly double[][] _gains;

    public SplitChoice(OpenNode node, GradientQuantizer quantizer, TreeParameters parameters)
    {
        _gains = Array.ConvertAll(node.Sums!, sums => Array.ConvertAll(sums, left => SplitGain.Evaluate(left, node.Total, quantizer, parameters)));
    }

    /// <summary>
    /// The greatest gain over all sources: of equal gains the first source's, with all its candidates of that gain; null when no
    /// candidate is left.
    /// </summary>
    public BestSplit? Best()
    {
        var best = double.NegativeInfinity;
        var source = -1;
        for (var s = 0; s < _gains.Length; s++)
        {
            foreach (var gain in _gains[s])
            {
                if (gain > best)
                    (best, source) = (gain, s);
            }
        }

        if (source < 0)
            return null;
        List<int> tied = [];
        for (var candidate = 0; candidate < _gains[source].Length; candidate++)
        {
            if (_gains[source][candidate] == best)
                tied.Add(candidate);
        }

        return new BestSplit(source, tied, best);
    }

    /// <summary>Drops candidates that their owner refused.</summary>
    public void Exclude(BestSplit refused)
    {
        foreach (var candidate in refused.Candidates)
            _gains[refused.Source][candidate] = double.NegativeInfinity;
    }
}
