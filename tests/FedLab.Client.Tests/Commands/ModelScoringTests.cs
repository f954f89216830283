using System.Globalization;
using System.Text.Json;
using FedLab.Learning;

namespace FedLab.Client.Tests.Commands;

/// <summary><c>fedlab score</c> with a published model file.</summary>
public sealed class ModelScoringTests : IDisposable
{
    private const string Rows = "note,sector,id,age\nx,C,e1,30\n,F,e2,50\n,Z,e3,\nlast,,e4,41.5\n";

    private static readonly FeatureDefinition[] Features = [new("age"), new("sector", ["C", "F"])];

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;
    private readonly string _data;

    public ModelScoringTests()
    {
        var regression = new LogisticModel(-2.5, [new NumericTerm("age", -0.03, 44, 21, null, 0.1), new CategoricalTerm("sector", ["C", "F"], [0, 0.4], 0.7)]);
        _model = _folder.File("model.json");
        File.WriteAllBytes(_model, new LogisticCreditModel(Features, regression).ToJson());
        _data = _folder.Write("new.csv", Rows);
    }

    [Fact]
    public async Task Every_row_of_a_file_gets_its_probability()
    {
        var run = await CommandLineRun.RunAsync("score", "--model", _model, "--data", _data, "--key", "id", "--output", _folder.File("scores.csv"));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(_folder.File("scores.csv"), run.Output, StringComparison.Ordinal);
        double[] margins = [-2.5 - (0.03 * 30), -2.5 - (0.03 * 50) + 0.4, -2.5 - (0.03 * 44) + 0.1 + 0.7, -2.5 - (0.03 * 41.5) + 0.7];
        var lines = await File.ReadAllLinesAsync(_folder.File("scores.csv"), TestContext.Current.CancellationToken);
        Assert.Equal("key,probability", lines[0]);
        Assert.Equal(["E1", "E2", "E3", "E4"], lines.Skip(1).Select(line => line.Split(',')[0]));
        Assert.All(lines.Skip(1).Zip(margins), pair => Assert.Equal(1 / (1 + Math.Exp(-pair.Second)), double.Parse(pair.First.Split(',')[1], CultureInfo.InvariantCulture), 1e-15));
    }

    [Fact]
    public async Task The_report_as_JSON_counts_rows_and_texts_that_the_model_does_not_know()
    {
        var data = _folder.Write("again.csv", "id,age,sector\ne1,30,C\ne1,31,Q\n,32,C\ne2,33,Q\n");
        var run = await CommandLineRun.RunAsync("score", "--model", _model, "--data", data, "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        var report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal("logistic", report.GetProperty("kind").GetString());
        Assert.Equal("id", report.GetProperty("key").GetString());
        Assert.Equal([4, 2, 2, 2], new[] { "rows", "scored", "leftOut", "unknownValues" }.Select(name => report.GetProperty(name).GetInt32()));
        // Without --out the scores lie beside the data.
        Assert.Equal(_folder.File("again-scores.csv"), report.GetProperty("path").GetString());
        Assert.Equal(3, (await File.ReadAllLinesAsync(_folder.File("again-scores.csv"), TestContext.Current.CancellationToken)).Length);
    }

    [Theory]
    [InlineData(2, "--data", "score", "--model", "MODEL")]
    [InlineData(2, "--party", "score", "--model", "MODEL", "--data", "DATA", "--party", "a=b")]
    [InlineData(2, "does not exist", "score", "--model", "nowhere.json", "--data", "DATA", "--key", "id")]
    [InlineData(2, "is a folder", "score", "--model", "FOLDER", "--data", "DATA", "--key", "id")]
    [InlineData(2, "is a folder", "score", "--model", "MODEL", "--data", "DATA", "--key", "id", "--out", "FOLDER")]
    [InlineData(2, "replaced by its own scores", "score", "--model", "MODEL", "--data", "DATA", "--key", "id", "--out", "DATA")]
    [InlineData(2, "replaced by its own scores", "score", "--model", "MODEL", "--data", "DATA", "--key", "id", "--out", "MODEL")]
    [InlineData(2, "'age' is a feature", "score", "--model", "MODEL", "--data", "DATA", "--key", "age")]
    [InlineData(2, "--key goes with --data", "score", "--model", "FOLDER", "--key", "id", "--out", "x.csv")]
    [InlineData(1, "ident", "score", "--model", "MODEL", "--data", "DATA", "--key", "ident")]
    [InlineData(1, "no such file", "score", "--model", "MODEL", "--data", "nowhere.csv", "--key", "id")]
    [InlineData(1, "is not JSON", "score", "--model", "DATA", "--data", "DATA", "--key", "id")]
    public async Task A_wrong_option_is_one_sentence_and_writes_nothing(int code, string expected, params string[] arguments)
    {
        var before = Directory.GetFiles(_folder.Path);
        var contents = await File.ReadAllTextAsync(_data, TestContext.Current.CancellationToken);
        var run = await CommandLineRun.RunAsync([.. arguments.Select(Resolve)]);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(expected, run.Sentence, StringComparison.Ordinal);
        Assert.Empty(run.Output);
        Assert.Equal(before, Directory.GetFiles(_folder.Path));
        Assert.Equal(contents, await File.ReadAllTextAsync(_data, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("id,sector,years\ne1,C,30\n", "age")]
    [InlineData("id,sector,age\ne1,C,young\n", "age")]
    [InlineData("id,sector,age\ne1,C,30\ne2,C,1e999\n", "line 3")]
    [InlineData("age,id,sector\n30,e1,C\n", "--key")]
    [InlineData("id,sector,age,age\ne1,C,30,30\n", "age")]
    public async Task Data_that_do_not_fit_the_model_are_named_with_the_column(string content, string expected)
    {
        _folder.Write("new.csv", content);
        foreach (var language in (string[])["en", "zh-CN"])
        {
            var run = await CommandLineRun.RunAsync("score", "--model", _model, "--data", _data, "--language", language);
            Assert.NotEqual(0, run.ExitCode);
            Assert.Contains(_data, run.Sentence, StringComparison.Ordinal);
            if (language == "en") Assert.Contains(expected, run.Sentence, StringComparison.Ordinal);
            else Assert.Contains(run.Sentence, letter => letter > 0x2E80);
            Assert.False(File.Exists(_folder.File("new-scores.csv")));
        }
    }

    [Fact]
    public async Task A_damaged_model_file_is_named_with_the_field()
    {
        await File.WriteAllTextAsync(_model, (await File.ReadAllTextAsync(_model, TestContext.Current.CancellationToken)).Replace("-2.5", "\"x\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var run = await CommandLineRun.RunAsync("score", "--model", _model, "--data", _data, "--key", "id");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(_model, run.Sentence, StringComparison.Ordinal);
        Assert.Contains("'model.intercept'", run.Sentence, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Resolve(string argument) => argument switch
    {
        "MODEL" => _model,
        "DATA" => _data,
        "FOLDER" => _folder.Path,
        _ => argument,
    };
}
