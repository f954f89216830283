using FedLab.Client;
using FedLab.Client.Launching;
using FedLab.Federation.Experiments;
using FedLab.Notebook.Display;
using FedLab.Notebook.Labs;

namespace FedLab.Notebook.Tests.Labs;

/// <summary>Several banks, with the programs of a lab as processes.</summary>
public sealed class HorizontalLabTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Banks_compare_two_models_and_score_alone_while_the_lab_goes_on()
    {
        using var patience = new CancellationTokenSource(Patience);
        NotebookHost.Enter(new RecordingHost(), patience.Token);
        var place = _folder.File("lab");
        using var port = new HeldPort();
        try
        {
            using var lab = await Lab.UpAsync(place, new LabSetup { Horizontal = true, Rows = 3000, Port = port.Number, Model = ExperimentSpec.Logistic });
            // What the lab was made for, defined from nothing, is the same experiment to the byte.
            var same = lab.Experiment(lab.Prepared!.Name).Banks().Features().Logistic();
            Assert.Equal(lab.Prepared.ToBytes(), same.ToSpec().ToBytes());

            var plain = await (await same.LaunchAsync()).WaitAsync();
            var ridge = await (await lab.PreparedExperiment("ridge").Logistic(l => l with { Ridge = 5 }).LaunchAsync()).WaitAsync();
            var comparison = RunComparison.Of(plain, ridge);
            Assert.Equal(["0", "5"], comparison.Differences["ridge"]);
            Assert.Equal(["ridge"], comparison.Differences.Keys);
            Assert.Contains("ridge", RecordingHost.TextOf(comparison.ToMimeBundle()), StringComparison.Ordinal);

            // Every bank holds the whole model and needs nobody to score.
            var bank = plain.Own(lab.Institutions[0].Name);
            Assert.Equal("(intercept)", bank.Coefficients[0].Name);
            Assert.Equal(bank.BankReport!.Fit!.Deviance / (2 * bank.BankReport.Fit.Rows), bank.LossByRound[^1], 6);
            var scores = await bank.ScoresAsync();
            Assert.Equal(bank.BankReport!.Joint, scores.Metrics);
            var frame = await OwnData.LoadAsync(lab.HomeOf(bank.Institution));
            var scored = bank.Score(frame);
            Assert.Equal(frame.Rows.Count, scored.Rows.Count);
            Assert.InRange(scored["probability"].Mean(), 0, 1);
            Assert.Equal(frame.Columns.Count, (await OwnData.DescribeAsync(lab.HomeOf(bank.Institution))).Rows.Count);

            // Of trees it knows what every feature gains, of the rows of all banks.
            var trees = (await (await lab.Experiment("trees").Banks().Features().Trees(t => t with { Trees = 2, MaxDepth = 2, MaxBin = 8 }).LaunchAsync()).WaitAsync()).Own(bank.Institution);
            Assert.All(trees.Splits, split => Assert.True(split is { Gain: > 0, Cover: > 0, Rows: null }));
            Assert.Equal(trees.FeatureUse.Keys.Order(StringComparer.Ordinal), trees.FeatureGain.Keys.Order(StringComparer.Ordinal));
            Assert.Empty(trees.GainOfOthers);
            Assert.All(trees.Importance, item => Assert.Equal(("", trees.FeatureGain[item.Feature]), (item.Party, item.Importance)));
            Assert.Contains("cover (sum of Hessians)", RecordingHost.TextOf(trees.ToMimeBundle()), StringComparison.Ordinal);
            Assert.Empty(bank.Importance);

            // Between banks a vertical scoring is refused in words.
            Assert.Contains("alone", (await Assert.ThrowsAsync<ClientException>(() => lab.ScoreAsync(plain))).Message, StringComparison.Ordinal);

            // The bundle can be had while the lab runs.
            var audit = await AuditTrail.CollectAsync(place, plain.Run);
            Assert.True(audit.Holds, string.Join('\n', audit.Findings.Select(finding => finding.Text)));
            var parts = (await RunMessages.ReadAsync(audit.Path, plain.Run)).OfStep("sum.part");
            Assert.NotEmpty(parts);
            Assert.All(parts, part => Assert.Equal(MessageReaders.AllBanksTogether, part.Readers));
            await lab.DownAsync();
        }
        finally
        {
            if (DetachedLab.Find(place) is { } left) await left.StopAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh-CN")]
    public async Task What_the_command_refuses_names_what_stands_in_the_cell(string language)
    {
        using var spoken = new Language(language);
        NotebookHost.Enter(new RecordingHost(), CancellationToken.None);
        var file = _folder.File("a.csv");
        await File.WriteAllTextAsync(file, "id,income,default\n1,2,0\n", TestContext.Current.CancellationToken);
        Assert.Contains(" Files", await RefusalAsync(new LabSetup { Files = Files("a", _folder.File("nowhere.csv"), "b", file), Keys = ["id"], Label = "a.default" }), StringComparison.Ordinal);
        Assert.Contains(" Files", await RefusalAsync(new LabSetup { Files = Files("a", file), Keys = ["id"], Label = "a.default" }), StringComparison.Ordinal);
        Assert.Contains("AllowTwoBanks = true", await RefusalAsync(new LabSetup { Horizontal = true, Files = Files("a", file, "b", file), Keys = ["id"], Label = "default" }), StringComparison.Ordinal);
        Assert.Contains("Horizontal = true", await RefusalAsync(new LabSetup { Files = Files("a", file, "b", file), Keys = ["id"], Label = "a.default", Model = ExperimentSpec.Logistic }), StringComparison.Ordinal);
        Assert.Contains("a.csv", await RefusalAsync(new LabSetup(), "a.csv"), StringComparison.Ordinal);
        Assert.Contains("under", await RefusalAsync(new LabSetup(), "a.csv/under"), StringComparison.Ordinal);

        async Task<string> RefusalAsync(LabSetup setup, string folder = "lab")
        {
            var message = (await Assert.ThrowsAsync<ClientException>(() => Lab.UpAsync(_folder.File(folder), setup))).Message;
            Assert.DoesNotContain("--", message, StringComparison.Ordinal);
            return message;
        }

        static OrderedDictionary<string, string> Files(params string[] pairs) => new(pairs.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], pair[1])), StringComparer.Ordinal);
    }

    [Fact]
    public async Task What_the_command_refuses_reaches_the_cell_as_its_sentence_and_nothing_is_made()
    {
        NotebookHost.Enter(new RecordingHost(), CancellationToken.None);
        var refusal = await Assert.ThrowsAsync<ClientException>(() => Lab.UpAsync(_folder.File("lab"), new LabSetup { Rows = 5 }));
        Assert.Contains("'5'", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.False(Directory.Exists(_folder.File("lab")));
        await Assert.ThrowsAsync<ClientException>(() => Lab.OpenAsync(_folder.File("lab")));
        Assert.Contains("up.json", (await Assert.ThrowsAsync<ClientException>(() => Lab.OpenAsync(_folder.Path))).Message, StringComparison.Ordinal);
        Assert.Contains("https://HOST:PORT", (await Assert.ThrowsAsync<ClientException>(() => Lab.ConnectAsync("http://localhost:1", _folder.Path))).Message, StringComparison.Ordinal);
    }
}
