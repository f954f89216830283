using FedLab.Learning;

namespace FedLab.Onnx;

/// <summary>
/// A logistic regression in plain operations. Numbers, all columns X at once: Where(IsNaN(X), missing, Hold(β·Min(Max(X, lower), upper))).
/// Texts: a table of coefficients by code. What the terms contribute is added one by one, as the model itself does, since a sum's
/// order decides where numbers far apart meet.
/// </summary>
internal static class LogisticGraph
{
    public static string Build(OnnxGraph graph, LogisticCreditModel model)
    {
        // A feature without a term was dropped in training: nothing reads its input.
        var features = model.Features.ToDictionary(feature => feature.Name, StringComparer.Ordinal);
        var terms = model.Regression.Terms;
        var numbers = new Queue<string>(AddNumbers(graph, [.. terms.OfType<NumericTerm>()]));
        var sum = graph.Constant([LogisticModel.Hold(model.Regression.Intercept)], 1, 1);
        foreach (var term in terms)
            sum = graph.Add("Add", [sum, term is CategoricalTerm text ? AddText(graph, features[term.Feature], text) : numbers.Dequeue()]);
        return terms.Count == 0 ? graph.Add("Add", [sum, AddNothing(graph, model.Features[0])]) : sum;
    }

    /// <summary>What each term contributes, a column a term.</summary>
    private static IReadOnlyList<string> AddNumbers(OnnxGraph graph, NumericTerm[] terms)
    {
        if (terms.Length == 0)
            return [];
        string Row(Func<NumericTerm, double> value) => graph.Constant(Array.ConvertAll(terms, term => value(term)), 1, terms.Length);
        string Clamp(string values, string least, string most) => graph.Add("Min", [graph.Add("Max", [values, least]), most]);

        var values = graph.Concatenate([.. terms.Select(term => term.Feature)]);
        var capped = Clamp(values, Row(term => term.Lower ?? -double.MaxValue), Row(term => term.Upper ?? double.MaxValue));
        var products = graph.Add("Mul", [capped, Row(term => term.Coefficient)]);
        var held = Clamp(products, graph.Constant([-LogisticModel.LargestContribution], 1, 1), graph.Constant([LogisticModel.LargestContribution], 1, 1));
        return graph.Separate(graph.Add("Where", [graph.Add("IsNaN", [values]), Row(term => term.WhenMissing), held]), terms.Length);
    }

    private static string AddText(OnnxGraph graph, FeatureDefinition feature, CategoricalTerm term)
    {
        var position = Enumerable.Range(0, term.Categories.Count).ToDictionary(i => term.Categories[i], StringComparer.Ordinal);
        double[] byCode = [term.OtherCoefficient, .. feature.Categories!.Select(category => position.TryGetValue(category, out var i) ? term.Coefficients[i] : term.OtherCoefficient)];
        return graph.Add("Gather", [graph.Constant(Array.ConvertAll(byCode, LogisticModel.Hold), byCode.Length), graph.Codes(feature)]);
    }

    /// <summary>A zero for every row, which gives a model without terms its number of rows.</summary>
    private static string AddNothing(OnnxGraph graph, FeatureDefinition feature) => feature.IsCategorical
        ? AddText(graph, feature, new CategoricalTerm(feature.Name, [], [], 0))
        : graph.Add("Where", [graph.Add("IsNaN", [feature.Name]), graph.Constant([0], 1, 1), graph.Constant([0], 1, 1)]);
}
