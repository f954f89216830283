using System.Globalization;
using System.Text;

namespace FedLab.Learning.Tests.Models;

public sealed class CreditModelTests
{
    private const string Trees =
        """{"format":"fedlab-credit-model","version":1,"kind":"trees","features":[{"name":"age"},{"name":"行业","categories":["C","F"]}],"ensemble":{"baseMargin":-1.2,"trees":[{"nodes":[{"source":0,"record":0,"left":1,"right":2},{"weight":0.1},{"source":0,"record":1,"left":3,"right":4},{"weight":-0.2},{"weight":0.30000000000000004}]}]},"rules":[{"feature":"age","kind":"threshold","threshold":41.5,"missingLeft":false},{"feature":"行业","kind":"categories","categories":["F"],"missingLeft":true}]}""";

    private const string Logistic =
        """{"format":"fedlab-credit-model","version":1,"kind":"logistic","features":[{"name":"age"},{"name":"行业","categories":["C","F"]},{"name":"dropped"}],"intercept":-2.5,"terms":[{"feature":"age","coefficient":-0.03,"imputed":44.2,"lower":21,"upper":null,"missingCoefficient":0.1},{"feature":"行业","categories":["C","F"],"coefficients":[0,0.4],"otherCoefficient":0.7}]}""";

    [Theory]
    [InlineData(Trees)]
    [InlineData(Logistic)]
    public void The_published_form_is_read_and_written_to_the_byte(string json)
    {
        var model = CreditModel.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Equal(json, Encoding.UTF8.GetString(model.ToJson()));
        var indented = json.Replace(",", " ,\r\n\t", StringComparison.Ordinal);
        Assert.Equal(json, Encoding.UTF8.GetString(CreditModel.Parse(Encoding.UTF8.GetBytes(indented)).ToJson()));
    }

    [Fact]
    public void Scores_follow_by_hand_from_the_published_form()
    {
        var table = new Table([
            new CategoricalColumn("行业", ["F", "Z", "C"], [0, 1, 2, -1, 0]),
            new NumericColumn("dropped", [1, 2, 3, 4, double.NaN]),
            new NumericColumn("age", [41.5, 41.500000000000007, 50, double.NaN, 18]),
        ]);
        Assert.Equal(Sigmoids(-1.2 + 0.1, -1.2 - 0.2, -1.2 - 0.2, -1.2 - 0.2, -1.2 + 0.1), CreditModel.Parse(Encoding.UTF8.GetBytes(Trees)).PredictProbabilities(table));
        double[] byHand = Sigmoids(-2.5 - (0.03 * 41.5) + 0.4, -2.5 - (0.03 * 41.5) + 0.7, -2.5 - (0.03 * 50), -2.5 - (0.03 * 44.2) + 0.1 + 0.7, -2.5 - (0.03 * 21) + 0.4);
        var probabilities = CreditModel.Parse(Encoding.UTF8.GetBytes(Logistic)).PredictProbabilities(table);
        Assert.All(byHand.Zip(probabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-15));
    }

    [Fact]
    public void A_model_scores_the_same_after_it_was_a_file()
    {
        Property.Holds(200, seed =>
        {
            var random = new DeterministicRandom((ulong)seed);
            var features = GeneratedModels.Features(random);
            CreditModel model = random.Chance(0.5) ? GeneratedModels.Trees(random, features) : GeneratedModels.Logistic(random, features);
            var rows = GeneratedModels.Rows(random, model, 40);
            var read = CreditModel.Parse(model.ToJson());
            Assert.Equal(model.Kind, read.Kind);
            Assert.Equal(model.ToJson(), read.ToJson());
            Assert.Equal(model.PredictProbabilities(rows), read.PredictProbabilities(rows));
        });
    }

    [Fact]
    public void Trees_score_as_their_rules_say_row_by_row()
    {
        Property.Holds(200, seed =>
        {
            var random = new DeterministicRandom((ulong)seed);
            var model = GeneratedModels.Trees(random, GeneratedModels.Features(random));
            var rows = GeneratedModels.Rows(random, model, 40);
            var conformed = FeatureDefinition.Conform(rows, model.Features, out _);
            var margins = model.Ensemble.PredictMargins(rows.RowCount, (_, record, row) => model.Rules[record].GoesLeft(conformed[model.Rules[record].Feature], row));
            Assert.Equal(Sigmoids(margins), model.PredictProbabilities(rows));
        });
    }

    [Theory]
    [InlineData("\"version\":1", "\"version\":2", "version 2")]
    [InlineData("\"format\":\"fedlab-credit-model\"", "\"format\":\"other\"", "published model")]
    [InlineData("\"kind\":\"trees\"", "\"kind\":\"forest\"", "'model.kind'")]
    [InlineData("\"kind\":\"trees\"", "\"kind\":\"logistic\"", "'model.terms'")]
    [InlineData("\"kind\":\"trees\"", "\"kind\":7", "'model.kind'")]
    [InlineData("{\"name\":\"age\"}", "{\"name\":\" \"}", "'features[0].name'")]
    [InlineData("{\"name\":\"age\"}", "{\"name\":\"行业\"}", "'行业' is listed twice")]
    [InlineData("{\"name\":\"age\"}", "{\"name\":\"\\ud800\"}", "'model.features[0].name'")]
    [InlineData("{\"name\":\"age\"}", "{\"name\":\"age\",\"unit\":1}", "'model.features[0]'")]
    [InlineData("{\"name\":\"age\"},", "", "'age'")]
    [InlineData("[\"C\",\"F\"]", "[\"C\",\"\"]", "category is empty")]
    [InlineData("[\"C\",\"F\"]", "[\"C\",\"C\"]", "'categories' lists a text twice")]
    [InlineData("[\"C\",\"F\"]", "[\"C\"]", "'F' is not among")]
    [InlineData("[\"C\",\"F\"]", "[\"C\",5]", "'model.features[1].categories[1]'")]
    [InlineData("\"baseMargin\":-1.2", "\"baseMargin\":1e999", "baseMargin")]
    [InlineData("\"record\":1", "\"record\":2", "rules")]
    [InlineData("\"source\":0,\"record\":1", "\"source\":1,\"record\":1", "another party")]
    [InlineData("\"threshold\":41.5", "\"threshold\":\"41.5\"", "'threshold'")]
    [InlineData("{\"name\":\"age\"}", "{\"name\":\"age\",\"categories\":[]}", "'age' holds text where numbers are needed")]
    [InlineData("\"rules\":[", "\"rules\":[{\"feature\":\"age\",\"kind\":\"missing\",\"missingLeft\":false},", "3 rules")]
    [InlineData("\"rules\":[", "\"rulez\":[", "'model.rules'")]
    [InlineData("\"version\":1", "\"version\":1,\"version\":1", "not JSON")]
    [InlineData("{\"format\"", "[{\"format\"", "not JSON")]
    public void A_malformed_file_of_trees_is_refused_by_the_field(string part, string wrong, string named) => AssertRefused(Trees, part, wrong, named);

    [Theory]
    [InlineData("\"intercept\":-2.5", "\"intercept\":null", "'model.intercept'")]
    [InlineData("\"coefficient\":-0.03", "\"coefficient\":\"NaN\"", "'model.terms[0].coefficient'")]
    [InlineData("\"lower\":21,\"upper\":null", "\"lower\":21,\"upper\":20.5", "terms[0]: 'lower' is above")]
    [InlineData("\"lower\":21", "\"low\":21", "'model.terms[0].lower'")]
    [InlineData("\"coefficients\":[0,0.4]", "\"coefficients\":[0]", "1 coefficients for 2 categories")]
    [InlineData("\"feature\":\"age\"", "\"feature\":\"dropped2\"", "'dropped2'")]
    [InlineData("\"feature\":\"age\"", "\"feature\":\"行业\"", "terms[0]: the feature '行业'")]
    [InlineData("{\"feature\":\"age\"", "{\"feature\":\"dropped\",\"coefficient\":1,\"imputed\":0,\"lower\":null,\"upper\":null,\"missingCoefficient\":0},{\"feature\":\"dropped\"", "terms[1]: the feature 'dropped'")]
    [InlineData("\"categories\":[\"C\",\"F\"],\"coefficients\"", "\"categories\":[\"C\",\"G\"],\"coefficients\"", "'G' is not among")]
    public void A_malformed_file_of_a_regression_is_refused_by_the_field(string part, string wrong, string named) => AssertRefused(Logistic, part, wrong, named);

    [Fact]
    public void Damaged_files_are_refused_or_read_but_never_anything_else()
    {
        Property.Holds(2_000, seed =>
        {
            var random = new DeterministicRandom((ulong)seed);
            var bytes = Encoding.UTF8.GetBytes(random.Chance(0.5) ? Trees : Logistic);
            for (var i = random.Next(3); i >= 0; i--)
                bytes[random.Next(bytes.Length)] = random.Chance(0.5) ? (byte)random.Next(256) : (byte)random.Pick('0', '9', '-', ',', ']', '}', '"', 'e');
            var damaged = bytes.AsSpan(0, random.Chance(0.2) ? random.Next(bytes.Length) : bytes.Length);
            try
            {
                var model = CreditModel.Parse(damaged);
                Assert.Equal(model.ToJson(), CreditModel.Parse(model.ToJson()).ToJson());
            }
            catch (LearningException)
            {
                // Refused.
            }
        });
    }

    [Fact]
    public void Data_without_a_column_or_with_the_wrong_kind_are_refused_by_name()
    {
        var model = CreditModel.Parse(Encoding.UTF8.GetBytes(Trees));
        var age = new NumericColumn("age", [1]);
        Assert.Contains("'行业'", Assert.Throws<LearningException>(() => model.PredictProbabilities(new Table([age]))).Message, StringComparison.Ordinal);
        Assert.Contains("'行业'", Assert.Throws<LearningException>(() => model.PredictProbabilities(new Table([age, new NumericColumn("行业", [1])]))).Message, StringComparison.Ordinal);
        Table text = new([new CategoricalColumn("age", ["old"], [0]), new CategoricalColumn("行业", ["C"], [0])]);
        Assert.Contains("'age'", Assert.Throws<LearningException>(() => model.PredictProbabilities(text)).Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string json, string part, string wrong, string named)
    {
        var first = json.IndexOf(part, StringComparison.Ordinal);
        Assert.True(first >= 0, part);
        var bytes = Encoding.UTF8.GetBytes(json[..first] + wrong + json[(first + part.Length)..]);
        var language = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
            Assert.Contains(named, Assert.Throws<LearningException>(() => CreditModel.Parse(bytes)).Message, StringComparison.Ordinal);
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("zh-CN");
            Assert.Contains(Assert.Throws<LearningException>(() => CreditModel.Parse(bytes)).Message, character => character > 0x2E80);
        }
        finally
        {
            CultureInfo.CurrentUICulture = language;
        }
    }

    private static double[] Sigmoids(params double[] margins) => Array.ConvertAll(margins, FedLab.Learning.Logistic.Sigmoid);
}
