namespace FedLab.Learning;

/// <summary>What one feature adds to the log-odds of a <see cref="LogisticModel"/>.</summary>
/// <param name="Feature">The column's name.</param>
public abstract record LogisticTerm(string Feature);

/// <summary>
/// A feature with numbers: the value, held within the caps, times a coefficient. A missing value counts as <paramref name="Imputed"/>
/// and adds <paramref name="MissingCoefficient"/>.
/// </summary>
/// <param name="Feature">The column's name.</param>
/// <param name="Coefficient">Log-odds per unit of the feature.</param>
/// <param name="Imputed">The value in place of a missing one: the mean of the training rows, after the caps.</param>
/// <param name="Lower">Smaller values count as this; null without a cap.</param>
/// <param name="Upper">Larger values count as this; null without a cap.</param>
/// <param name="MissingCoefficient">Log-odds of the value being missing; 0 where no training row missed it.</param>
public sealed record NumericTerm(string Feature, double Coefficient, double Imputed, double? Lower, double? Upper, double MissingCoefficient) : LogisticTerm(Feature)
{
    /// <summary>What a missing value adds to the log-odds, within ±<see cref="LogisticModel.LargestContribution"/>.</summary>
    public double WhenMissing => LogisticModel.Hold((Coefficient * Imputed) + MissingCoefficient);
}

/// <summary>A feature with text: a coefficient for each category, 0 for the reference; a missing or unknown category adds <paramref name="OtherCoefficient"/>.</summary>
/// <param name="Feature">The column's name.</param>
/// <param name="Categories">The known categories.</param>
/// <param name="Coefficients">Log-odds of each category against the reference.</param>
/// <param name="OtherCoefficient">Log-odds of a missing or unknown category against the reference; 0 where no training row had one.</param>
public sealed record CategoricalTerm(string Feature, IReadOnlyList<string> Categories, IReadOnlyList<double> Coefficients, double OtherCoefficient) : LogisticTerm(Feature);

/// <summary>
/// A logistic regression on the features' own scale: the probability of label 1 is the <see cref="Logistic.Sigmoid"/> of the
/// intercept and what each term adds, added one by one in the order of the terms.
/// </summary>
public sealed class LogisticModel
{
    /// <summary>
    /// The most that one term adds or takes away. Sums stay finite, so that every row has a probability: products of huge numbers
    /// could be infinite with either sign, and infinity less infinity is no number.
    /// </summary>
    public const double LargestContribution = 1e300;

    private readonly LogisticTerm[] _terms;

    /// <summary>A model of the given terms.</summary>
    /// <param name="intercept">Log-odds without any term.</param>
    /// <param name="terms">At most one term a feature; none makes every probability the same.</param>
    /// <exception cref="ArgumentException">
    /// A number is not finite, a lower cap is above the upper, two terms are of one feature, or categories are repeated or not as many as their coefficients.
    /// </exception>
    public LogisticModel(double intercept, IReadOnlyList<LogisticTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (!double.IsFinite(intercept))
            throw new ArgumentException("The intercept is not finite.", nameof(intercept));
        Intercept = intercept;
        _terms = [.. terms];
        var features = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in _terms)
        {
            if (term is null || string.IsNullOrEmpty(term.Feature) || !features.Add(term.Feature))
                throw new ArgumentException($"The term of '{term?.Feature}' has no feature or is the second one of it.", nameof(terms));
            if (!IsSound(term))
                throw new ArgumentException($"The term of '{term.Feature}' has numbers that are not finite, caps in the wrong order, or categories that do not match their coefficients.", nameof(terms));
        }
    }

    /// <summary>Log-odds without any term.</summary>
    public double Intercept { get; }

    /// <summary>What each feature adds.</summary>
    public IReadOnlyList<LogisticTerm> Terms => _terms;

    /// <summary>The probability of label 1 for every row.</summary>
    /// <param name="table">A table with the columns that the terms name, in any order and with others among them; text columns may have other categories.</param>
    /// <returns>Numbers in [0, 1], in the order of the rows.</returns>
    /// <exception cref="LearningException">A column is missing, or holds text where the model has numbers, or the reverse.</exception>
    public double[] PredictProbabilities(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var scores = new double[table.RowCount];
        Array.Fill(scores, Hold(Intercept));
        foreach (var term in _terms)
        {
            if (!table.Contains(term.Feature))
                throw Messages.ColumnMissing(term.Feature);
            switch (term, table[term.Feature])
            {
                case (NumericTerm numeric, NumericColumn column):
                    Add(numeric, column.Values.Span, scores);
                    break;
                case (CategoricalTerm categorical, CategoricalColumn column):
                    Add(categorical, column, scores);
                    break;
                case (NumericTerm, _):
                    throw Messages.ColumnHoldsText(term.Feature);
                default:
                    throw Messages.ColumnHoldsNumbers(term.Feature);
            }
        }

        for (var row = 0; row < scores.Length; row++)
            scores[row] = Logistic.Sigmoid(scores[row]);
        return scores;
    }

    /// <summary>A contribution within ±<see cref="LargestContribution"/>.</summary>
    /// <param name="contribution">Log-odds, perhaps infinite.</param>
    public static double Hold(double contribution) => Math.Clamp(contribution, -LargestContribution, LargestContribution);

    private static void Add(NumericTerm term, ReadOnlySpan<double> values, Span<double> scores)
    {
        var (lower, upper) = (term.Lower ?? double.NegativeInfinity, term.Upper ?? double.PositiveInfinity);
        var missing = term.WhenMissing;
        for (var row = 0; row < scores.Length; row++)
            scores[row] += double.IsNaN(values[row]) ? missing : Hold(term.Coefficient * Math.Clamp(values[row], lower, upper));
    }

    private static void Add(CategoricalTerm term, CategoricalColumn column, Span<double> scores)
    {
        var position = new Dictionary<string, int>(term.Categories.Count, StringComparer.Ordinal);
        for (var i = 0; i < term.Categories.Count; i++)
            position[term.Categories[i]] = i;
        var byCode = new double[column.Categories.Count];
        for (var code = 0; code < byCode.Length; code++)
            byCode[code] = Hold(position.TryGetValue(column.Categories[code], out var known) ? term.Coefficients[known] : term.OtherCoefficient);
        var codes = column.Codes.Span;
        var missing = Hold(term.OtherCoefficient);
        for (var row = 0; row < scores.Length; row++)
            scores[row] += codes[row] < 0 ? missing : byCode[codes[row]];
    }

    private static bool IsSound(LogisticTerm term) => term switch
    {
        NumericTerm numeric => double.IsFinite(numeric.Coefficient) && double.IsFinite(numeric.Imputed) && double.IsFinite(numeric.MissingCoefficient)
            && double.IsFinite(numeric.Lower ?? 0) && double.IsFinite(numeric.Upper ?? 0) && !(numeric.Lower > numeric.Upper),
        CategoricalTerm categorical => categorical.Categories is not null && categorical.Coefficients is not null
            && categorical.Categories.Count == categorical.Coefficients.Count && categorical.Coefficients.All(double.IsFinite)
            && double.IsFinite(categorical.OtherCoefficient) && !categorical.Categories.Contains(null!)
            && categorical.Categories.Distinct(StringComparer.Ordinal).Count() == categorical.Categories.Count,
        _ => false,
    };
}
