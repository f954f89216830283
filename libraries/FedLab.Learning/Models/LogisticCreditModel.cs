using System.Text.Json;

namespace FedLab.Learning;

/// <summary>A logistic regression together with the dictionary of its features.</summary>
public sealed class LogisticCreditModel : CreditModel
{
    internal const string KindName = "logistic";

    /// <summary>A model of the given regression.</summary>
    /// <param name="features">The columns that the model needs; a feature without a term (dropped in training) has no effect.</param>
    /// <param name="regression">At most one term for each feature.</param>
    /// <exception cref="ArgumentException">A term's feature or categories are not among the features, or a number is not finite.</exception>
    public LogisticCreditModel(IReadOnlyList<FeatureDefinition> features, LogisticModel regression)
        : base(features)
    {
        ArgumentNullException.ThrowIfNull(regression);
        if (TermFault(Features, regression.Intercept, regression.Terms) is { } fault)
            throw new ArgumentException(fault, nameof(regression));
        Regression = regression;
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>Intercept and terms.</summary>
    public LogisticModel Regression { get; }

    internal static LogisticCreditModel Read(JsonElement root, FeatureDefinition[] features)
    {
        ModelJson.CheckFields(root, "model", 6);
        LogisticTerm[] terms = [.. ModelJson.Array(root, "terms", "model", MaximumFeatures).Select((element, i) => ReadTerm(element, $"model.terms[{i}]"))];
        var intercept = ModelJson.Number(root, "intercept", "model");
        return TermFault(features, intercept, terms) is { } fault ? throw Messages.ModelMalformed(fault) : new LogisticCreditModel(features, new LogisticModel(intercept, terms));
    }

    /// <inheritdoc/>
    private protected override void WriteBody(Utf8JsonWriter writer)
    {
        writer.WriteNumber("intercept"u8, Regression.Intercept);
        writer.WriteStartArray("terms"u8);
        foreach (var term in Regression.Terms)
        {
            writer.WriteStartObject();
            writer.WriteString("feature"u8, term.Feature);
            if (term is NumericTerm numeric)
                Write(writer, numeric);
            else
                Write(writer, (CategoricalTerm)term);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <inheritdoc/>
    private protected override double[] Predict(Table conformed) => Regression.PredictProbabilities(conformed);

    private static void Write(Utf8JsonWriter writer, NumericTerm term)
    {
        writer.WriteNumber("coefficient"u8, term.Coefficient);
        writer.WriteNumber("imputed"u8, term.Imputed);
        WriteCap(writer, "lower", term.Lower);
        WriteCap(writer, "upper", term.Upper);
        writer.WriteNumber("missingCoefficient"u8, term.MissingCoefficient);
    }

    private static void Write(Utf8JsonWriter writer, CategoricalTerm term)
    {
        ModelJson.WriteTexts(writer, "categories", term.Categories);
        writer.WriteStartArray("coefficients"u8);
        foreach (var coefficient in term.Coefficients)
            writer.WriteNumberValue(coefficient);
        writer.WriteEndArray();
        writer.WriteNumber("otherCoefficient"u8, term.OtherCoefficient);
    }

    private static void WriteCap(Utf8JsonWriter writer, string name, double? cap)
    {
        if (cap is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    private static LogisticTerm ReadTerm(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Messages.ModelMalformed(Messages.Detail.FieldCount(where, 6));
        var isText = element.TryGetProperty("categories"u8, out _);
        ModelJson.CheckFields(element, where, isText ? 4 : 6);
        var feature = ModelJson.Text(element, "feature", where);
        return isText
            ? new CategoricalTerm(
                feature,
                ModelJson.Texts(element, "categories", where, MaximumCategories),
                ModelJson.Numbers(element, "coefficients", where, MaximumCategories),
                ModelJson.Number(element, "otherCoefficient", where))
            : new NumericTerm(
                feature,
                ModelJson.Number(element, "coefficient", where),
                ModelJson.Number(element, "imputed", where),
                ModelJson.NumberOrNull(element, "lower", where),
                ModelJson.NumberOrNull(element, "upper", where),
                ModelJson.Number(element, "missingCoefficient", where));
    }

    private static string? TermFault(IReadOnlyList<FeatureDefinition> features, double intercept, IReadOnlyList<LogisticTerm> terms)
    {
        if (!double.IsFinite(intercept))
            return Messages.Detail.FieldNotFinite("intercept");
        var open = features.ToDictionary(feature => feature.Name, StringComparer.Ordinal);
        for (var i = 0; i < terms.Count; i++)
        {
            var term = terms[i];
            // A feature is taken out with its first term, so that a second one finds none.
            if (!open.Remove(term.Feature, out var feature))
                return Messages.Detail.FeatureUnknown($"terms[{i}]", term.Feature);
            var fault = (term, feature.Categories) switch
            {
                (NumericTerm numeric, null) => NumberFault(numeric, $"terms[{i}]"),
                (CategoricalTerm text, { } categories) => TextFault(text, categories, $"terms[{i}]"),
                _ => Messages.Detail.FeatureOfOtherKind($"terms[{i}]", term.Feature),
            };
            if (fault is not null)
                return fault;
        }

        return null;
    }

    private static string? NumberFault(NumericTerm term, string where)
    {
        if (!double.IsFinite(term.Coefficient))
            return Messages.Detail.FieldNotFinite($"{where}.coefficient");
        if (!double.IsFinite(term.Imputed))
            return Messages.Detail.FieldNotFinite($"{where}.imputed");
        if (!double.IsFinite(term.MissingCoefficient))
            return Messages.Detail.FieldNotFinite($"{where}.missingCoefficient");
        if (!double.IsFinite(term.Lower ?? 0) || !double.IsFinite(term.Upper ?? 0))
            return Messages.Detail.FieldNotFinite($"{where}.{(double.IsFinite(term.Lower ?? 0) ? "upper" : "lower")}");
        return term.Lower > term.Upper ? Messages.Detail.CapsCross(where) : null;
    }

    private static string? TextFault(CategoricalTerm term, IReadOnlyList<string> known, string where)
    {
        if (term.Coefficients.Count != term.Categories.Count)
            return Messages.Detail.CoefficientCount(where, term.Coefficients.Count, term.Categories.Count);
        if (!term.Coefficients.All(double.IsFinite) || !double.IsFinite(term.OtherCoefficient))
            return Messages.Detail.FieldNotFinite($"{where}.coefficients");
        if (term.Categories.Distinct(StringComparer.Ordinal).Count() != term.Categories.Count)
            return Messages.Detail.FieldRepeats($"{where}.categories");
        return term.Categories.FirstOrDefault(category => !known.Contains(category, StringComparer.Ordinal)) is { } unknown ? Messages.Detail.CategoryUnknown(where, unknown) : null;
    }
}
