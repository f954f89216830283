using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FedLab.Learning.Tests.Trees;

/// <summary>
/// Boosted trees in the plainest way: every candidate of every node is tried row by row on raw values, nodes are grown depth first,
/// nothing is shared between nodes, and sampling follows the text of its documentation.
/// </summary>
internal sealed class ReferenceLearner(RandomProblem problem)
{
    private readonly TreeParameters _parameters = problem.Parameters;
    private readonly double _unit = Math.ScaleB(1, -18);

    private sealed record Candidate(int Party, Column Column, SplitRule Rule);

    private sealed record Node(Candidate? Split, Node? Left, Node? Right, double Weight, double Gain, double Cover, int Rows);

    /// <summary>For each split of the model that <see cref="Describe"/> described its tree and figures.</summary>
    public List<(int Tree, SplitFigures Figures)> Splits { get; } = [];

    /// <summary>The lines of <see cref="TreeEnsemble.DescribeSplits"/> for the model.</summary>
    public List<string> Describe()
    {
        List<string> lines = [];
        var positives = problem.Labels.Count(label => label == 1);
        var margins = new double[problem.Labels.Length];
        margins.AsSpan().Fill(Math.Log(_parameters.ScalePosWeight * positives / (margins.Length - positives)));
        for (var tree = 0; tree < _parameters.Trees; tree++)
        {
            var (gradients, hessians) = Gradients(tree, margins);
            var root = Grow(problem.AllRows, 0, Candidates(tree), gradients, hessians);
            foreach (var row in problem.AllRows)
                margins[row] += WeightOf(root, row);
            List<Node> level = [root];
            for (var number = 0; level.Count > 0;)
            {
                foreach (var node in level)
                {
                    var what = node.Split is null ? FormattableString.Invariant($"leaf {node.Weight}") : $"{problem.Parties[node.Split.Party].Name} {node.Split.Rule}";
                    if (node.Split is not null)
                        Splits.Add((tree, new SplitFigures(number, node.Gain, node.Cover, node.Rows)));
                    lines.Add($"tree {tree} node {number++}: {what}");
                }

                level = [.. level.Where(node => node.Split is not null).SelectMany(node => new[] { node.Left!, node.Right! })];
            }
        }

        return lines;
    }

    private static double WeightOf(Node node, int row) =>
        node.Split is null ? node.Weight : WeightOf(node.Split.Rule.GoesLeft(node.Split.Column, row) ? node.Left! : node.Right!, row);

    private (long[] Gradients, long[] Hessians) Gradients(int tree, double[] margins)
    {
        var gradients = new long[margins.Length];
        var hessians = new long[margins.Length];
        foreach (var row in problem.AllRows)
        {
            var share = Hash("fedlab/rows", tree, problem.RowIdentities[row], "") / Math.ScaleB(1, 64);
            if (share >= _parameters.Subsample)
                continue;
            var p = Logistic.Sigmoid(margins[row]);
            var weight = problem.Labels[row] == 1 ? _parameters.ScalePosWeight : 1;
            gradients[row] = (long)Math.Round(weight * (p - problem.Labels[row]) / _unit);
            hessians[row] = (long)Math.Round(weight * p * (1 - p) / _unit);
        }

        return (gradients, hessians);
    }

    private List<Candidate> Candidates(int tree)
    {
        List<Candidate> candidates = [];
        for (var party = 0; party < problem.Parties.Count; party++)
        {
            var (name, table) = (problem.Parties[party].Name, problem.Parties[party].Table);
            var count = Math.Max(1, (int)Math.Round(_parameters.ColsampleByTree * table.Columns.Count));
            var taken = Enumerable.Range(0, table.Columns.Count).OrderBy(c => Hash("fedlab/cols", tree, (ulong)c, name)).Take(count).Order();
            foreach (var column in taken.Select(c => table.Columns[c]))
                candidates.AddRange(Rules(FeatureBinner.Fit(column, problem.AllRows, _parameters)).Select(rule => new Candidate(party, column, rule)));
        }

        return candidates;
    }

    /// <summary>Rules in catalogue order; partitions may repeat, the first of equal ones wins its ties anyway.</summary>
    private static IEnumerable<SplitRule> Rules(FeatureBins bins)
    {
        bool[] directions = bins.HasMissing ? [false, true] : [false];
        foreach (var threshold in bins.Thresholds.ToArray())
        {
            foreach (var missingLeft in directions)
                yield return SplitRule.AtThreshold(bins.Name, threshold, missingLeft);
        }

        var singles = bins.Categories.Select((_, k) => bins.Categories.Skip(k).Take(1));
        var cumulative = bins.Categories.Select((_, k) => bins.Categories.Take(k + 1));
        foreach (var left in singles.Concat(cumulative.SkipLast(1)).Where(_ => bins.BinCount > 1))
        {
            var leftTexts = left.SelectMany(group => group).ToHashSet();
            yield return SplitRule.OfCategories(bins.Name, leftTexts, missingLeft: false);
            if (bins.HasMissing)
                yield return SplitRule.OfCategories(bins.Name, bins.Categories.SelectMany(group => group).Where(text => !leftTexts.Contains(text)), missingLeft: true);
        }

        if (bins.HasMissing && bins.BinCount > 0)
            yield return bins.IsCategorical ? SplitRule.OfCategories(bins.Name, bins.Categories.SelectMany(group => group), missingLeft: false) : SplitRule.OnMissing(bins.Name, missingLeft: false);
    }

    private Node Grow(int[] rows, int depth, List<Candidate> candidates, long[] gradients, long[] hessians)
    {
        var (g, h) = (rows.Sum(row => gradients[row]), rows.Sum(row => hessians[row]));
        List<(double Gain, int Party, int[] Left, int[] Right, Candidate Split)> allowed = [];
        foreach (var candidate in candidates.Where(_ => depth < _parameters.MaxDepth))
        {
            var left = rows.Where(row => candidate.Rule.GoesLeft(candidate.Column, row)).ToArray();
            var right = rows.Except(left).ToArray();
            var gain = Gain(left.Sum(row => gradients[row]), left.Sum(row => hessians[row]), g, h);
            if (gain is not null && Math.Min(left.Length, right.Length) >= problem.Parties[candidate.Party].MinimumCohort)
                allowed.Add((gain.Value, candidate.Party, left, right, candidate));
        }

        if (allowed.Count == 0)
        {
            var denominator = (h * _unit) + _parameters.Lambda;
            return new Node(null, null, null, denominator > 0 ? (0 - (g * _unit)) / denominator * _parameters.LearningRate : 0, 0, 0, 0);
        }

        // Stable sort: of equal gains the first party's first candidate.
        var best = allowed.OrderByDescending(split => split.Gain).ThenBy(split => split.Party).First();
        var (grownLeft, grownRight) = (Grow(best.Left, depth + 1, candidates, gradients, hessians), Grow(best.Right, depth + 1, candidates, gradients, hessians));
        return new Node(best.Split, grownLeft, grownRight, 0, best.Gain, h * _unit, rows.Length);
    }

    private double? Gain(long leftG, long leftH, long g, long h)
    {
        var (rightG, rightH) = (g - leftG, h - leftH);
        if (leftH == 0 || rightH == 0 || leftH * _unit < _parameters.MinChildWeight || rightH * _unit < _parameters.MinChildWeight)
            return null;
        var gain = Score(leftG, leftH) + Score(rightG, rightH) - Score(g, h);
        return gain > 0 && gain > _parameters.Gamma ? gain : null;

        double Score(long sumG, long sumH) => sumG * _unit * (sumG * _unit) / ((sumH * _unit) + _parameters.Lambda);
    }

    private ulong Hash(string prefix, int tree, ulong subject, string source)
    {
        var integers = new byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(integers, _parameters.Seed);
        BinaryPrimitives.WriteInt32LittleEndian(integers.AsSpan(8), tree);
        BinaryPrimitives.WriteUInt64LittleEndian(integers.AsSpan(12), subject);
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(prefix), .. integers, .. Encoding.UTF8.GetBytes(source)]));
    }
}
