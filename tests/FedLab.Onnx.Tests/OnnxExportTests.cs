using FedLab.Learning;
using FedLab.Learning.Tests;
using FedLab.Learning.Tests.Models;
using FedLab.Learning.Tests.PublicData;

namespace FedLab.Onnx.Tests;

[Collection(OnnxRuntime.Collection)]
public sealed class OnnxExportTests(OnnxRuntime runtime, ITestOutputHelper output)
{
    /// <summary>What the library promises: the trees' sum passes through single precision, everything else is double.</summary>
    private const double Tolerance = 1e-7;

    [Fact]
    public void Trees_score_the_same_on_every_edge()
    {
        var worst = 0.0;
        Property.Holds(150, seed =>
        {
            var random = new DeterministicRandom((ulong)seed);
            var model = GeneratedModels.Trees(random, GeneratedModels.Features(random));
            worst = Math.Max(worst, Compare(model, GeneratedModels.Rows(random, model, 1 + random.Next(60)), Tolerance));
        });
        output.WriteLine($"largest difference {worst:E2}");
    }

    [Fact]
    public void Logistic_regressions_score_the_same_on_every_edge()
    {
        var worst = 0.0;
        Property.Holds(150, seed =>
        {
            var random = new DeterministicRandom((ulong)seed);
            var model = GeneratedModels.Logistic(random, GeneratedModels.Features(random));
            worst = Math.Max(worst, Compare(model, GeneratedModels.Rows(random, model, 1 + random.Next(60)), Tolerance));
        });
        output.WriteLine($"largest difference {worst:E2}");
    }

    [Fact]
    public void Rows_whose_sums_would_leave_the_range_of_doubles_score_the_same()
    {
        var random = new DeterministicRandom(767331986);
        var model = GeneratedModels.Logistic(random, GeneratedModels.Features(random));
        Compare(model, GeneratedModels.Rows(random, model, 1 + random.Next(60)), Tolerance);
    }

    [Theory]
    [InlineData("german_credit")]
    [InlineData("sba_small_business")]
    [InlineData("give_me_some_credit")]
    [InlineData("default_credit")]
    public async Task Trees_trained_on_public_credit_data_score_all_rows_the_same(string set)
    {
        var (table, data) = Read(set);
        var parameters = new TreeParameters { Trees = 50, MaxDepth = 4, LearningRate = 0.1 };
        var result = await PooledTrainer.FitAsync(
            [new PooledParty("all", table, 1)], data.Labels, data.RowIdentities, data.TrainingRows, data.TestRows, parameters, 1, TestContext.Current.CancellationToken);
        var model = new TreesModel(Definitions(table), result.State.Ensemble, result.Rules[0]);

        // The published model is the trained one, to the last bit, before and after it was a file.
        Assert.Equal(result.TestProbabilities, model.PredictProbabilities(table.TakeRows(data.TestRows)));
        Assert.Equal(result.TestProbabilities, CreditModel.Parse(model.ToJson()).PredictProbabilities(table.TakeRows(data.TestRows)));
        output.WriteLine($"{set}: {table.RowCount} rows, {model.Rules.Count} rules, JSON {model.ToJson().Length} bytes, ONNX {model.ToOnnx().Length} bytes, largest difference {Compare(model, table, Tolerance):E2}");
    }

    [Theory]
    [InlineData("german_credit")]
    [InlineData("sba_small_business")]
    [InlineData("give_me_some_credit")]
    [InlineData("default_credit")]
    public async Task A_logistic_regression_fitted_on_public_credit_data_scores_all_rows_the_same(string set)
    {
        var (table, data) = Read(set);
        var definitions = Definitions(table);
        var training = table.TakeRows(data.TrainingRows);
        var labels = Array.ConvertAll(data.TrainingRows, row => data.Labels[row]);
        var fit = await new LogisticTrainer(new LogisticParameters()).FitAsync(new LogisticProblem(training, labels), definitions, new OwnSums(), null, 1, TestContext.Current.CancellationToken);
        var model = new LogisticCreditModel(definitions, fit.Model);
        Assert.Equal(fit.Model.PredictProbabilities(table), CreditModel.Parse(model.ToJson()).PredictProbabilities(table));
        output.WriteLine($"{set}: {table.RowCount} rows, {fit.Model.Terms.Count} terms, JSON {model.ToJson().Length} bytes, ONNX {model.ToOnnx().Length} bytes, largest difference {Compare(model, table, Tolerance):E2}");
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes()
    {
        var random = new DeterministicRandom(3);
        var features = GeneratedModels.Features(random);
        CreditModel[] models = [GeneratedModels.Trees(random, features), GeneratedModels.Logistic(random, features)];
        Assert.All(models, model => Assert.Equal(model.ToOnnx(), CreditModel.Parse(model.ToJson()).ToOnnx()));
    }

    private static FeatureDefinition[] Definitions(Table table) =>
        [.. table.Columns.Select(column => new FeatureDefinition(column.Name, (column as CategoricalColumn)?.Categories))];

    private static (Table Table, CreditSet Data) Read(string set)
    {
        var folder = CreditSet.Folder();
        Assert.SkipWhen(folder is null, "Set FEDLAB_DATA to the folder of the public credit sets.");
        var data = CreditSet.Read(Path.Combine(folder, set));
        return (new Table([.. data.Bank.Columns, .. data.Source.Columns]), data);
    }

    private double Compare(CreditModel model, Table table, double tolerance)
    {
        var ours = model.PredictProbabilities(table);
        var theirs = runtime.Predict(model, table);
        Assert.Equal(ours.Length, theirs.Length);
        var worst = 0.0;
        for (var row = 0; row < ours.Length; row++)
        {
            Assert.True(Math.Abs(ours[row] - theirs[row]) <= tolerance, $"Row {row}: {ours[row]} here, {theirs[row]} in ONNX Runtime.");
            worst = Math.Max(worst, Math.Abs(ours[row] - theirs[row]));
        }

        return worst;
    }
}
