namespace FedLab.Learning.Tests.Models;

/// <summary>Random features, models on them that use every kind of rule and term, and rows that sit on every edge.</summary>
internal static class GeneratedModels
{
    private static readonly string[] Texts = ["甲", "B", "a", "Zz", "b c", "rare", "'quoted'", "1.5"];

    public static FeatureDefinition[] Features(DeterministicRandom random)
    {
        var features = new FeatureDefinition[1 + random.Next(6)];
        for (var i = 0; i < features.Length; i++)
        {
            // Names that the graph itself would like to have.
            var name = i == 0 ? random.Pick("probability", "fedlab_constant_1", "x 0") : $"特征 {i}";
            features[i] = new FeatureDefinition(name, random.Chance(0.4) ? Texts[..random.Next(Texts.Length + 1)] : null);
        }

        return features;
    }

    public static TreesModel Trees(DeterministicRandom random, FeatureDefinition[] features)
    {
        List<SplitRule> rules = [];
        var trees = new Tree[random.Next(6)];
        for (var t = 0; t < trees.Length; t++)
        {
            List<TreeNode> nodes = [];
            var open = 1;
            while (nodes.Count < open)
            {
                if (nodes.Count < 15 && random.Chance(0.7))
                {
                    rules.Add(Rule(random, features[random.Next(features.Length)]));
                    nodes.Add(new TreeNode(0, rules.Count - 1, open, open + 1, 0));
                    open += 2;
                }
                else
                {
                    nodes.Add(new TreeNode(-1, 0, 0, 0, (random.NextDouble() - 0.5) * random.Pick(0.01, 1, 20)));
                }
            }

            trees[t] = new Tree(nodes);
        }

        return new TreesModel(features, new TreeEnsemble((random.NextDouble() - 0.5) * 4, trees), rules);
    }

    public static LogisticCreditModel Logistic(DeterministicRandom random, FeatureDefinition[] features)
    {
        List<LogisticTerm> terms = [];
        foreach (var feature in features.Where(_ => random.Chance(0.8)))
        {
            if (feature.Categories is { } known)
            {
                string[] listed = [.. known.Where(_ => random.Chance(0.8))];
                terms.Add(new CategoricalTerm(feature.Name, listed, [.. listed.Select(_ => random.NextDouble() - 0.5)], random.NextDouble()));
                continue;
            }

            var scale = random.Pick(1e-9, 1, 1e6);
            double? lower = random.Chance(0.5) ? -scale * random.NextDouble() : null;
            double? upper = random.Chance(0.5) ? scale * random.NextDouble() : null;
            terms.Add(new NumericTerm(feature.Name, (random.NextDouble() - 0.5) / scale, scale * random.NextDouble(), lower, upper, random.Pick(0, 0.7)));
        }

        return new LogisticCreditModel(features, new LogisticModel(random.NextDouble() - 2, terms));
    }

    /// <summary>Rows of missing values, unknown categories, huge numbers, and numbers on and one step beside every threshold and cap.</summary>
    public static Table Rows(DeterministicRandom random, CreditModel model, int rows) => new([.. model.Features.Select(feature => (Column)(feature.Categories is { } categories
        ? Text(random, feature.Name, categories, rows)
        : Numbers(random, feature.Name, [.. Edges(model, feature.Name)], rows)))]);

    private static IEnumerable<double> Edges(CreditModel model, string feature) => model switch
    {
        TreesModel trees => trees.Rules.Where(rule => rule.Feature == feature && rule.Kind == SplitKind.Threshold).Select(rule => rule.Threshold),
        LogisticCreditModel logistic => logistic.Regression.Terms.OfType<NumericTerm>().Where(term => term.Feature == feature).SelectMany(term => new[] { term.Lower ?? 0, term.Upper ?? 0 }),
        _ => [],
    };

    private static SplitRule Rule(DeterministicRandom random, FeatureDefinition feature)
    {
        if (random.Chance(0.15) || feature.Categories is { Count: 0 })
            return SplitRule.OnMissing(feature.Name, random.Chance(0.5));
        if (feature.Categories is not { } categories)
            return SplitRule.AtThreshold(feature.Name, (random.NextDouble() - 0.5) * random.Pick(1e-9, 1, 1e6), random.Chance(0.5));
        var first = categories[random.Next(categories.Count)];
        return SplitRule.OfCategories(feature.Name, [first, .. categories.Where(category => category != first && random.Chance(0.4))], random.Chance(0.5));
    }

    private static NumericColumn Numbers(DeterministicRandom random, string name, double[] edges, int rows)
    {
        var values = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            var near = edges.Length > 0 && random.Chance(0.7) ? edges[random.Next(edges.Length)] : (random.NextDouble() - 0.5) * random.Pick(1e-9, 1, 1e6);
            values[row] = random.Next(8) switch
            {
                0 => double.NaN,
                1 => Math.BitIncrement(near),
                2 => Math.BitDecrement(near),
                3 => random.Pick(0.0, -0.0, -double.MaxValue, double.MaxValue, double.Epsilon),
                _ => near,
            };
        }

        return new NumericColumn(name, values);
    }

    private static CategoricalColumn Text(DeterministicRandom random, string name, IReadOnlyList<string> known, int rows)
    {
        string[] all = [.. known, "unknown", "未知"];
        return new CategoricalColumn(name, all, [.. Enumerable.Range(0, rows).Select(_ => random.Next(all.Length + 1) - 1)]);
    }
}
