namespace FedLab.Learning.Tests.LogisticRegression;

public sealed class LogisticModelTests
{
    private static readonly LogisticModel Model = new(0.5,
    [
        new NumericTerm("income", 0.25, Imputed: 3, Lower: -1, Upper: 8, MissingCoefficient: -2),
        new CategoricalTerm("grade", ["A", "B"], [1, -1], OtherCoefficient: 4),
    ]);

    [Fact]
    public void Caps_missing_values_and_unknown_categories_count_as_the_terms_say()
    {
        var table = new Table(
        [
            new CategoricalColumn("grade", ["Z", "B", "A"], [2, 1, 0, -1, 2]),
            new NumericColumn("other", new double[5]),
            new NumericColumn("income", [2, 100, -100, double.NaN, 8]),
        ]);
        double[] margins = [0.5 + 0.5 + 1, 0.5 + 2 - 1, 0.5 - 0.25 + 4, 0.5 + 0.75 - 2 + 4, 0.5 + 2 + 1];
        Assert.Equal(margins.Select(Logistic.Sigmoid), Model.PredictProbabilities(table));
        Assert.Empty(Model.PredictProbabilities(table.TakeRows([])));
        Assert.Equal([Logistic.Sigmoid(1)], new LogisticModel(1, []).PredictProbabilities(Table.WithoutColumns(1)));
    }

    [Fact]
    public void Columns_that_do_not_fit_are_named()
    {
        var numbers = new NumericColumn("income", [1]);
        Assert.Contains("grade", Assert.Throws<LearningException>(() => Model.PredictProbabilities(new Table([numbers]))).Message, StringComparison.Ordinal);
        Assert.Contains("'grade' holds numbers", Assert.Throws<LearningException>(() => Model.PredictProbabilities(new Table([numbers, new NumericColumn("grade", [1])]))).Message, StringComparison.Ordinal);
        Assert.Contains("'income' holds text", Assert.Throws<LearningException>(() => Model.PredictProbabilities(new Table([new CategoricalColumn("income", ["a"], [0])]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_row_has_a_probability_however_large_its_numbers()
    {
        // Each product alone would leave the range of doubles, and infinity less infinity is no number.
        var model = new LogisticModel(0, [new NumericTerm("a", 2e8, 0, null, null, 0), new NumericTerm("b", -3e8, -1e307, null, double.MaxValue, 0)]);
        var table = new Table([new NumericColumn("a", [double.MaxValue, double.MaxValue, double.MinValue, -1]), new NumericColumn("b", [double.MaxValue, double.MinValue, double.NaN, double.NaN])]);
        Assert.Equal([0.5, 1, 0.5, 1], model.PredictProbabilities(table));
    }

    [Fact]
    public void Terms_that_make_no_sense_are_refused()
    {
        var income = new NumericTerm("income", 1, 0, null, null, 0);
        var grade = new CategoricalTerm("grade", ["A"], [1], 0);
        foreach (var term in new LogisticTerm[]
        {
            income with { Coefficient = double.NaN }, income with { Imputed = double.PositiveInfinity }, income with { Lower = 2, Upper = 1 }, income with { Lower = double.NaN },
            income with { Feature = "" }, grade with { Coefficients = [] }, grade with { Categories = ["A", "A"], Coefficients = [1, 2] }, grade with { OtherCoefficient = double.NaN },
        })
        {
            Assert.Throws<ArgumentException>(() => new LogisticModel(0, [term]));
        }

        Assert.Throws<ArgumentException>(() => new LogisticModel(0, [income, income]));
        Assert.Throws<ArgumentException>(() => new LogisticModel(double.NaN, []));
    }

    [Fact]
    public async Task A_fit_predicts_what_its_coefficients_say()
    {
        var data = LogisticData.Random(3, 500);
        var fit = await data.FitAsync(new LogisticParameters { Winsorise = 0.02 });
        var probabilities = fit.Model.PredictProbabilities(data.Table);

        // The maximum-likelihood fit with an intercept meets the number of positives.
        Assert.Equal(fit.Positives, probabilities.Sum(), 1e-6);
        var deviance = 2 * probabilities.Select((p, row) => -Math.Log(data.Labels[row] == 1 ? p : 1 - p)).Sum();
        Assert.Equal(fit.Deviance, deviance, 1e-6);
    }
}
