namespace FedLab.Learning;

/// <summary>
/// A model that stands alone: its features, everything that it does to their values, and the probability that follows. What banks
/// publish at the end of a horizontal run, and what scores without them. Immutable.
/// <code>
///   table ─► conformed to Features ─► margin (trees or logistic terms) ─► probability of label 1
///   CreditModel ◄─ ToJson / Parse ─► one JSON file, the same bytes for the same model
/// </code>
/// </summary>
public abstract partial class CreditModel
{
    /// <summary>Most features of a model.</summary>
    public const int MaximumFeatures = 4_096;

    /// <summary>Most categories of a text feature.</summary>
    public const int MaximumCategories = 65_536;

    /// <summary>Most characters of a feature's name or of a category.</summary>
    public const int MaximumTextLength = 32_767;

    private readonly FeatureDefinition[] _features;

    private protected CreditModel(IReadOnlyList<FeatureDefinition> features)
    {
        ArgumentNullException.ThrowIfNull(features);
        _features = [.. features];
        if (FeatureFault(_features) is { } fault)
            throw new ArgumentException(fault, nameof(features));
    }

    /// <summary>What the model is: <c>trees</c> or <c>logistic</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The columns that the model needs, in its order; text columns with the categories that it knows.</summary>
    public IReadOnlyList<FeatureDefinition> Features => _features;

    /// <summary>The probability of label 1 for every row, in [0, 1].</summary>
    /// <param name="table">
    /// A table with at least the columns of <see cref="Features"/>, in any order. A text that is none of a feature's categories counts as missing.
    /// </param>
    /// <exception cref="LearningException">A column is missing, or holds text where the model has numbers, or the reverse.</exception>
    public double[] PredictProbabilities(Table table) => Predict(FeatureDefinition.Conform(table, _features, out _));

    /// <summary>The probabilities of a table with exactly the model's features.</summary>
    private protected abstract double[] Predict(Table conformed);

    /// <summary>What is wrong with a model's features, or null.</summary>
    private protected static string? FeatureFault(FeatureDefinition[] features)
    {
        if (features.Length is 0 or > MaximumFeatures)
            return Messages.Detail.FeatureCount(features.Length, MaximumFeatures);
        HashSet<string> names = new(features.Length, StringComparer.Ordinal);
        for (var i = 0; i < features.Length; i++)
        {
            if (features[i] is not { } feature || string.IsNullOrWhiteSpace(feature.Name))
                return Messages.Detail.FieldEmpty($"features[{i}].name");
            if (!IsText(feature.Name))
                return Messages.Detail.FieldNotUnicode($"features[{i}].name");
            if (!names.Add(feature.Name))
                return Messages.Detail.FeatureRepeats(feature.Name);
            if (feature.Categories is { } categories && CategoryFault(categories) is { } fault)
                return Messages.Detail.InFeature(feature.Name, fault);
        }

        return null;
    }

    private static string? CategoryFault(IReadOnlyList<string> categories)
    {
        if (categories.Count > MaximumCategories)
            return Messages.Detail.FieldNotList("categories", MaximumCategories);
        if (categories.Any(string.IsNullOrEmpty))
            return Messages.Detail.CategoryEmpty;
        if (!categories.All(IsText))
            return Messages.Detail.FieldNotUnicode("categories");
        return categories.Distinct(StringComparer.Ordinal).Count() == categories.Count ? null : Messages.Detail.FieldRepeats("categories");
    }

    /// <summary>A text that UTF-8 keeps: no half of a surrogate pair.</summary>
    private static bool IsText(string text)
    {
        if (text.Length > MaximumTextLength)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return false;
        }

        return true;
    }
}
