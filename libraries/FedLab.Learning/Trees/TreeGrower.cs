namespace FedLab.Learning;

/// <summary>
/// Grows one tree level by level over all sources. Of two siblings only the smaller one is scanned; the other's sums are the parent's
/// minus those, exactly, because the sums are integers.
/// </summary>
internal sealed class TreeGrower(TreeParameters parameters, IReadOnlyList<ICandidateSource> sources, TreeGradients gradients, INodeTotals totals)
{
    private readonly TreeNode?[] _finished = new TreeNode?[Tree.MaximumNodes];
    private readonly List<SplitFigures> _splits = [];
    private readonly int[] _candidateCounts = [.. Enumerable.Repeat(-1, sources.Count)];
    private int _nodes;

    /// <summary>Grows the tree and adds its leaf weights to the margins.</summary>
    public async Task<Tree> GrowAsync(double[] margins, CancellationToken ct)
    {
        await SourceCalls.AskAsync<object>(sources, _ => true, async (_, source, token) =>
        {
            await source.BeginTreeAsync(gradients, token).ConfigureAwait(false);
            return source;
        }, ct).ConfigureAwait(false);

        int[] rows = [.. Enumerable.Range(0, gradients.Gradients.Length)];
        var root = new OpenNode(_nodes++, rows, totals.OfRoot(rows));
        if (IsWorthSplitting(root))
            root.Sums = (await ScanAsync([root], ct).ConfigureAwait(false))[0];

        List<OpenNode> level = [root];
        for (var depth = 1; level.Count > 0; depth++)
            level = await GrowLevelAsync(level, childrenMaySplit: depth < parameters.MaxDepth, margins, ct).ConfigureAwait(false);
        return new Tree([.. _finished.AsSpan(0, _nodes).ToArray().Select(node => node!)], _splits);
    }

    private async Task<List<OpenNode>> GrowLevelAsync(List<OpenNode> level, bool childrenMaySplit, double[] margins, CancellationToken ct)
    {
        var splits = await SplitAsync(level, ct).ConfigureAwait(false);
        List<(OpenNode Parent, OpenNode Left, OpenNode Right)> families = [];
        for (var i = 0; i < level.Count; i++)
        {
            if (splits[i] is not { } split)
            {
                Close(level[i], margins);
                continue;
            }

            var left = new OpenNode(_nodes++, split.Left, split.LeftTotal);
            var right = new OpenNode(_nodes++, split.Right, level[i].Total - split.LeftTotal);
            _finished[level[i].Number] = new TreeNode(split.Source, split.Record, left.Number, right.Number, 0);
            _splits.Add(new SplitFigures(level[i].Number, split.Gain, level[i].Total.Hessian * gradients.Quantizer.Unit, totals.RowsOf(level[i])));
            families.Add((level[i], left, right));
        }

        var scanned = families.Where(family => childrenMaySplit && (IsWorthSplitting(family.Left) || IsWorthSplitting(family.Right))).ToList();
        if (scanned.Count > 0)
        {
            var smaller = scanned.ConvertAll(family => totals.IsSmaller(family.Left, family.Right) ? family.Left : family.Right);
            var sums = await ScanAsync(smaller, ct).ConfigureAwait(false);
            for (var i = 0; i < scanned.Count; i++)
            {
                var larger = smaller[i] == scanned[i].Left ? scanned[i].Right : scanned[i].Left;
                smaller[i].Sums = IsWorthSplitting(smaller[i]) ? sums[i] : null;
                larger.Sums = IsWorthSplitting(larger) ? Subtract(scanned[i].Parent.Sums!, sums[i]) : null;
            }
        }

        foreach (var node in level)
            node.Sums = null;
        return [.. families.SelectMany(family => new[] { family.Left, family.Right })];
    }

    private async Task<NodeSplit?[]> SplitAsync(List<OpenNode> level, CancellationToken ct)
    {
        var splits = new NodeSplit?[level.Count];
        var choices = level.ConvertAll(node => node.Sums is null ? null : new SplitChoice(node, gradients.Quantizer, parameters));
        var waiting = Enumerable.Range(0, level.Count).Where(i => choices[i] is not null).ToList();
        while (true)
        {
            // One round: every waiting node asks the owner of its best split, each owner gets all its questions at once.
            var asked = waiting.Select(i => (Node: i, Best: choices[i]!.Best())).Where(question => question.Best is not null).ToList();
            if (asked.Count == 0)
                return splits;
            var bySource = asked.ToLookup(question => question.Best!.Source);
            var answers = await SourceCalls.AskAsync(
                sources,
                bySource.Contains,
                (s, source, token) => source.SplitAsync(
                    [.. bySource[s].Select(question => new SplitRequest(level[question.Node].Number, question.Best!.Candidates, level[question.Node].Rows))], token),
                ct).ConfigureAwait(false);

            waiting = [];
            foreach (var questions in bySource)
            {
                var answersOfSource = answers[questions.Key];
                if (answersOfSource is null || answersOfSource.Count != questions.Count())
                    throw Messages.SourceAnswerMalformed(sources[questions.Key].Name, Messages.Detail.AnswerCount);
                foreach (var ((node, best), answer) in questions.Zip(answersOfSource))
                {
                    if (answer is not null)
                    {
                        splits[node] = Divide(level[node], best!, answer);
                        continue;
                    }

                    choices[node]!.Exclude(best!);
                    waiting.Add(node);
                }
            }

            waiting.Sort();
        }
    }

    /// <summary>The rows of both sides, after a check that they are those of one of the candidates that were asked for.</summary>
    private NodeSplit Divide(OpenNode node, BestSplit best, SplitAnswer answer)
    {
        var source = sources[best.Source].Name;
        if (answer.Left is null || answer.Left.Length != node.Rows.Length || answer.Record < 0)
            throw Messages.SourceAnswerMalformed(source, Messages.Detail.AnswerShape);
        var left = new int[answer.Left.AsSpan().Count(true)];
        var right = new int[node.Rows.Length - left.Length];
        var (l, r) = (0, 0);
        for (var i = 0; i < node.Rows.Length; i++)
        {
            if (answer.Left[i])
                left[l++] = node.Rows[i];
            else
                right[r++] = node.Rows[i];
        }

        var total = totals.OfLeft(node, best, left) ?? throw Messages.SourceAnswerMalformed(source, Messages.Detail.AnswerSides);
        return new NodeSplit(best.Source, answer.Record, best.Gain, left, right, total);
    }

    private async Task<GradientPair[][][]> ScanAsync(List<OpenNode> nodes, CancellationToken ct)
    {
        // One list for all sources: a remote one may recognise it and encrypt the level's gradients only once.
        ScanNode[] scans = [.. nodes.Select(node => new ScanNode(node.Number, node.Rows))];
        var answers = await SourceCalls.AskAsync(sources, _ => true, (_, source, token) => source.SumAsync(scans, token), ct).ConfigureAwait(false);
        for (var s = 0; s < sources.Count; s++)
            Check(s, answers[s], nodes);
        return [.. Enumerable.Range(0, scans.Length).Select(i => Array.ConvertAll(answers, answer => answer![i]))];
    }

    private void Check(int source, IReadOnlyList<GradientPair[]>? answer, List<OpenNode> nodes)
    {
        if (answer is null || answer.Count != nodes.Count)
            throw Messages.SourceAnswerMalformed(sources[source].Name, Messages.Detail.AnswerCount);
        for (var i = 0; i < nodes.Count; i++)
        {
            if (answer[i] is null || (_candidateCounts[source] >= 0 && answer[i].Length != _candidateCounts[source]))
                throw Messages.SourceAnswerMalformed(sources[source].Name, Messages.Detail.AnswerCandidates);
            _candidateCounts[source] = answer[i].Length;
            foreach (var sum in answer[i])
            {
                if (sum.Hessian < 0 || sum.Hessian > nodes[i].Total.Hessian || !IsGradientSum(sum.Gradient))
                    throw Messages.SourceAnswerMalformed(sources[source].Name, Messages.Detail.AnswerTooLarge);
            }
        }
    }

    private bool IsGradientSum(long sum) => sum >= -gradients.Quantizer.MaximumGradientSum && sum <= gradients.Quantizer.MaximumGradientSum;

    private bool IsWorthSplitting(OpenNode node) => totals.MayHaveTwoRows(node) && SplitGain.CouldSplit(node.Total, gradients.Quantizer, parameters);

    private void Close(OpenNode node, double[] margins)
    {
        var weight = SplitGain.LeafWeight(node.Total, gradients.Quantizer, parameters);
        _finished[node.Number] = TreeNode.Leaf(weight);
        foreach (var row in node.Rows)
            margins[row] += weight;
    }

    private static GradientPair[][] Subtract(GradientPair[][] parent, GradientPair[][] child) =>
        [.. parent.Zip(child, (all, part) => all.Zip(part, (whole, one) => whole - one).ToArray())];

    private sealed record NodeSplit(int Source, int Record, double Gain, int[] Left, int[] Right, GradientPair LeftTotal);
}
