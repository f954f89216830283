using FedLab.Learning;
using static FedLab.Onnx.OnnxGraph;

namespace FedLab.Onnx;

/// <summary>
/// Trees as one TreeEnsembleRegressor. Its input is a matrix of doubles: the numeric features as they are, and for every set of
/// categories that a rule asks for a column with 1 where the row's category is in the set.
/// <code>
/// text ─LabelEncoder─► code ─Gather(sets by code)─► 0/1 columns ┐
/// number ───────────────────────────────────────────────────────┴─Concat─► TreeEnsembleRegressor ─► margin
/// </code>
/// A category set as a column keeps a rule one node; the operator itself knows only comparisons with numbers.
/// </summary>
internal static class TreesGraph
{
    /// <summary>Between "not in the set" and "in the set".</summary>
    private const double Half = 0.5;

    public static string Build(OnnxGraph graph, TreesModel model)
    {
        List<string> columns = [];
        var tests = new NodeTest[model.Rules.Count];
        var width = AddNumbers(model, columns, tests);
        foreach (var feature in model.Features.Where(feature => feature.IsCategorical))
            width += AddSets(graph, model, feature, width, columns, tests);
        if (columns.Count == 0)
            columns.Add(AddZeros(graph, model.Features[0]));
        var margin = AddEnsemble(graph, model.Ensemble, graph.Concatenate(columns), tests);
        // The operator returns single precision whatever its input; the sigmoid is a node of its own because runtimes ignore its post_transform.
        return graph.ToDouble(margin);
    }

    /// <summary>The numeric features that rules use, a column each.</summary>
    /// <returns>Number of columns.</returns>
    private static int AddNumbers(TreesModel model, List<string> columns, NodeTest[] tests)
    {
        var used = model.Rules.Select(rule => rule.Feature).ToHashSet(StringComparer.Ordinal);
        var numbers = model.Features.Where(feature => !feature.IsCategorical && used.Contains(feature.Name)).Select(feature => feature.Name).ToArray();
        var position = Enumerable.Range(0, numbers.Length).ToDictionary(column => numbers[column], StringComparer.Ordinal);
        columns.AddRange(numbers);
        for (var record = 0; record < tests.Length; record++)
        {
            var rule = model.Rules[record];
            if (!position.TryGetValue(rule.Feature, out var column))
                continue;
            // Every present number is at most the largest one, so a rule on missing values is a threshold there.
            tests[record] = rule.Kind == SplitKind.Threshold
                ? new NodeTest(column, rule.Threshold, TrueIsLeft: true, MissingIsTrue: rule.MissingLeft)
                : new NodeTest(column, double.MaxValue, TrueIsLeft: !rule.MissingLeft, MissingIsTrue: false);
        }

        return numbers.Length;
    }

    /// <summary>The sets of categories that rules ask of a text feature, a column each.</summary>
    /// <returns>Number of columns.</returns>
    private static int AddSets(OnnxGraph graph, TreesModel model, FeatureDefinition feature, int firstColumn, List<string> columns, NodeTest[] tests)
    {
        var categories = feature.Categories!;
        Dictionary<string, int> columnOf = new(StringComparer.Ordinal);
        List<bool[]> sets = [];
        for (var record = 0; record < tests.Length; record++)
        {
            var rule = model.Rules[record];
            if (!rule.Feature.Equals(feature.Name, StringComparison.Ordinal))
                continue;
            var listed = rule.Categories.ToHashSet(StringComparer.Ordinal);
            bool[] set = [.. categories.Select(category => rule.Kind == SplitKind.Missing || listed.Contains(category))];
            var key = string.Concat(set.Select(isIn => isIn ? '1' : '0'));
            if (!columnOf.TryGetValue(key, out var column))
            {
                columnOf[key] = column = firstColumn + sets.Count;
                sets.Add(set);
            }

            // At most one half: not in the set, the way of missing values.
            tests[record] = new NodeTest(column, Half, TrueIsLeft: rule.MissingLeft, MissingIsTrue: true);
        }

        if (sets.Count == 0)
            return 0;
        var table = new double[(categories.Count + 1) * sets.Count];
        for (var code = 1; code <= categories.Count; code++)
        {
            for (var s = 0; s < sets.Count; s++)
                table[(code * sets.Count) + s] = sets[s][code - 1] ? 1 : 0;
        }

        // [rows, 1] codes into [categories + 1, sets] gives [rows, 1, sets].
        var gathered = graph.Add("Gather", [graph.Constant(table, categories.Count + 1, sets.Count), graph.Codes(feature)]);
        columns.Add(graph.Add("Flatten", [gathered], Integer("axis", 1)));
        return sets.Count;
    }

    /// <summary>A column for trees that ask for none: they are leaves, but the operator wants rows.</summary>
    private static string AddZeros(OnnxGraph graph, FeatureDefinition feature) => feature.IsCategorical ? graph.ToDouble(graph.Codes(feature)) : feature.Name;

    private static string AddEnsemble(OnnxGraph graph, TreeEnsemble ensemble, string matrix, NodeTest[] tests)
    {
        List<long> trees = [], nodes = [], features = [], trueNodes = [], falseNodes = [], missingIsTrue = [], leafTrees = [], leafNodes = [];
        List<string> modes = [];
        List<double> thresholds = [], weights = [];
        // A model whose training stopped before the first tree is a leaf of weight 0.
        IReadOnlyList<Tree> all = ensemble.Trees.Count > 0 ? ensemble.Trees : [new Tree([new TreeNode(-1, 0, 0, 0, 0)])];
        for (var t = 0; t < all.Count; t++)
        {
            for (var n = 0; n < all[t].Nodes.Count; n++)
            {
                var node = all[t].Nodes[n];
                var test = node.IsLeaf ? default : tests[node.Record];
                trees.Add(t);
                nodes.Add(n);
                features.Add(test.Column);
                modes.Add(node.IsLeaf ? "LEAF" : "BRANCH_LEQ");
                thresholds.Add(test.Threshold);
                trueNodes.Add(test.TrueIsLeft ? node.Left : node.Right);
                falseNodes.Add(test.TrueIsLeft ? node.Right : node.Left);
                missingIsTrue.Add(test.MissingIsTrue ? 1 : 0);
                if (!node.IsLeaf)
                    continue;
                leafTrees.Add(t);
                leafNodes.Add(n);
                weights.Add(node.LeafWeight);
            }
        }

        return graph.AddMachineLearning(
            "TreeEnsembleRegressor",
            [matrix],
            Integer("n_targets", 1),
            Text("aggregate_function", "SUM"),
            Text("post_transform", "NONE"),
            Vector("base_values_as_tensor", [ensemble.BaseMargin]),
            Integers("nodes_treeids", trees),
            Integers("nodes_nodeids", nodes),
            Integers("nodes_featureids", features),
            Texts("nodes_modes", modes),
            Vector("nodes_values_as_tensor", [.. thresholds]),
            Integers("nodes_truenodeids", trueNodes),
            Integers("nodes_falsenodeids", falseNodes),
            Integers("nodes_missing_value_tracks_true", missingIsTrue),
            Integers("target_treeids", leafTrees),
            Integers("target_nodeids", leafNodes),
            Integers("target_ids", leafNodes.Select(_ => 0L)),
            Vector("target_weights_as_tensor", [.. weights]));
    }

    /// <summary>A rule as the operator asks it: is the column's value at most the threshold?</summary>
    /// <param name="Column">Column of the matrix.</param>
    /// <param name="Threshold">Values up to here are true.</param>
    /// <param name="TrueIsLeft">Which child true means.</param>
    /// <param name="MissingIsTrue">Whether NaN counts as true.</param>
    private readonly record struct NodeTest(int Column, double Threshold, bool TrueIsLeft, bool MissingIsTrue);
}
