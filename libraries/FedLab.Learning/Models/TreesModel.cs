using System.Runtime.InteropServices;
using System.Text.Json;

namespace FedLab.Learning;

/// <summary>Gradient-boosted trees together with the rules of their splits.</summary>
public sealed class TreesModel : CreditModel
{
    internal const string KindName = "trees";

    /// <summary>Most rules of a model: one for each split of the longest file.</summary>
    private const int MaximumRules = 10_000_000;

    private readonly SplitRule[] _rules;

    /// <summary>A model of trees and rules.</summary>
    /// <param name="features">The columns that the model needs; all features that training had, used by a split or not.</param>
    /// <param name="ensemble">Trees whose splits all belong to source 0.</param>
    /// <param name="rules">The rules of source 0 by record number; those that no split uses (of dropped trees) at the end are left out.</param>
    /// <exception cref="ArgumentException">A split has no rule, or a rule's feature or categories are not among the features.</exception>
    public TreesModel(IReadOnlyList<FeatureDefinition> features, TreeEnsemble ensemble, IReadOnlyList<SplitRule> rules)
        : base(features)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        ArgumentNullException.ThrowIfNull(rules);
        if (RuleFault(Features, ensemble, rules) is { } fault)
            throw new ArgumentException(fault, nameof(rules));
        Ensemble = ensemble;
        _rules = [.. rules.Take(ensemble.RecordCount(0))];
    }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <summary>The trees; the record of a split is the number of its rule.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>The rules of the splits by record number.</summary>
    public IReadOnlyList<SplitRule> Rules => _rules;

    internal static TreesModel Read(JsonElement root, FeatureDefinition[] features)
    {
        ModelJson.CheckFields(root, "model", 6);
        // The ensemble's own reader wants bytes; these are the document's, not copied.
        var ensemble = TreeEnsemble.FromJson(JsonMarshal.GetRawUtf8Value(ModelJson.Field(root, "ensemble", "model")));
        SplitRule[] rules = [.. ModelJson.Array(root, "rules", "model", MaximumRules).Select(SplitRule.Read)];
        var fault = RuleFault(features, ensemble, rules) ?? (rules.Length == ensemble.RecordCount(0) ? null : Messages.Detail.RulesUnused(rules.Length, ensemble.RecordCount(0)));
        return fault is null ? new TreesModel(features, ensemble, rules) : throw Messages.ModelMalformed(fault);
    }

    /// <inheritdoc/>
    private protected override void WriteBody(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("ensemble"u8);
        writer.WriteRawValue(Ensemble.ToJson(), skipInputValidation: true);
        writer.WriteStartArray("rules"u8);
        foreach (var rule in _rules)
            rule.WriteTo(writer);
        writer.WriteEndArray();
    }

    /// <inheritdoc/>
    private protected override double[] Predict(Table conformed)
    {
        var tests = Array.ConvertAll(_rules, rule => new RuleTest(rule, rule.ColumnIn(conformed)));
        var values = Ensemble.PredictMargins(conformed.RowCount, (_, record, row) => tests[record].GoesLeft(row));
        for (var row = 0; row < values.Length; row++)
            values[row] = Logistic.Sigmoid(values[row]);
        return values;
    }

    private static string? RuleFault(IReadOnlyList<FeatureDefinition> features, TreeEnsemble ensemble, IReadOnlyList<SplitRule> rules)
    {
        if (ensemble.Trees.Any(tree => tree.Nodes.Any(node => node.Source > 0)))
            return Messages.Detail.OtherSources;
        var needed = ensemble.RecordCount(0);
        if (rules.Count < needed)
            return Messages.Detail.RulesMissing(rules.Count, needed);
        var categories = features.ToDictionary(feature => feature.Name, feature => feature.Categories?.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        for (var i = 0; i < needed; i++)
        {
            var rule = rules[i];
            if (!categories.TryGetValue(rule.Feature, out var known))
                return Messages.Detail.FeatureUnknown($"rules[{i}]", rule.Feature);
            if ((rule.Kind == SplitKind.Threshold && known is not null) || (rule.Kind == SplitKind.Categories && known is null))
                return Messages.Detail.FeatureOfOtherKind($"rules[{i}]", rule.Feature);
            if (rule.Categories.FirstOrDefault(category => !known!.Contains(category)) is { } unknown)
                return Messages.Detail.CategoryUnknown($"rules[{i}]", unknown);
        }

        return null;
    }

    /// <summary>A rule bound to its column, without a look-up of text in every row.</summary>
    private sealed class RuleTest
    {
        private readonly ReadOnlyMemory<double> _numbers;
        private readonly ReadOnlyMemory<int> _codes;
        private readonly double _threshold;
        private readonly bool _missingLeft;

        /// <summary>Of a text column: by code whether the row goes left; null for numbers.</summary>
        private readonly bool[]? _leftByCode;

        public RuleTest(SplitRule rule, Column column)
        {
            _missingLeft = rule.MissingLeft;
            if (column is CategoricalColumn text)
            {
                var listed = rule.Categories.ToHashSet(StringComparer.Ordinal);
                _codes = text.Codes;
                _leftByCode = [.. text.Categories.Select(category => (rule.Kind == SplitKind.Missing || listed.Contains(category)) != _missingLeft)];
                return;
            }

            _numbers = ((NumericColumn)column).Values;
            // Of a rule on missing values: present numbers are above −∞ and below +∞.
            _threshold = rule.Kind == SplitKind.Threshold ? rule.Threshold : _missingLeft ? double.NegativeInfinity : double.PositiveInfinity;
        }

        public bool GoesLeft(int row)
        {
            if (_leftByCode is not null)
            {
                var code = _codes.Span[row];
                return code < 0 ? _missingLeft : _leftByCode[code];
            }

            var value = _numbers.Span[row];
            return double.IsNaN(value) ? _missingLeft : value <= _threshold;
        }
    }
}
