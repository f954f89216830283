using FedLab.Federation.Channels;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Publication;
using FedLab.Learning;

namespace FedLab.Federation.Tests.Horizontal;

public sealed class BanksTrainTogetherTests
{
    [Theory]
    [InlineData("trees", 3)]
    [InlineData("trees", 5)]
    [InlineData("logistic", 3)]
    [InlineData("logistic", 2)]
    public async Task Every_bank_has_the_model_of_all_rows_in_one_place(string model, int banks)
    {
        (string, string)[] settings = model == "trees" ? [("trees", "4"), ("early-stopping-rounds", "3"), ("subsample", "0.8")] : [];
        var data = Banks.Data([.. Enumerable.Range(1, banks).Select(bank => 150 * bank)]);
        using var lab = new TestLab(Banks.Spec(banks, model, settings), data);
        var results = await lab.RunAsync(1, TestContext.Current.CancellationToken);

        using var pooled = new TestLab(lab.Spec, lab.Data);
        var pool = Banks.Pool(data);
        var context = pooled.Context("bank-0", 1, null!) with { Data = pool };
        var (training, test) = BankRows.Split(context, out _);
        var expected = await BankLearner.Of(lab.Spec, 1).TrainAsync(training, new OwnSums(), (_, _) => { }, TestContext.Current.CancellationToken);

        var manifest = BankManifest.Parse(results["bank-0"].Manifest);
        Assert.Equal(training.Labels.Length, manifest.TrainingRows);
        Assert.Equal(test.Labels.Length, manifest.TestRows);
        var probabilities = expected.Model.PredictProbabilities(test.Features);
        var metrics = BinaryMetrics.Evaluate(test.Labels, probabilities);
        Assert.Equal(metrics.AreaUnderRocCurve, manifest.Metrics!.AreaUnderRocCurve, 2e-3);
        Assert.Equal(metrics.KolmogorovSmirnov, manifest.Metrics.KolmogorovSmirnov, 2e-2);
        Assert.Equal(metrics.LogLoss, manifest.Metrics.LogLoss, 1e-9);
        foreach (var bank in lab.Present)
        {
            var published = (await lab.Stores[bank].LoadAsync(BankReport.ModelFileName, default))!;
            // Trees' sums are of integers, so where the rows lie makes no difference; a logistic bank rounds sums of doubles to fixed point.
            if (model == "trees") Assert.Equal(expected.Model.ToJson(), published);
            Assert.Equal(await lab.Stores["bank-0"].LoadAsync(BankReport.ModelFileName, default), published);
            foreach (var (one, other) in probabilities.Zip(CreditModel.Parse(published).PredictProbabilities(test.Features))) Assert.Equal(one, other, 1e-10);
            Assert.Equal(results["bank-0"].Manifest, results[bank].Manifest);
            Assert.Equal(lab.Present.Order(StringComparer.Ordinal), results[bank].Signatures.Keys);
            var report = BankReport.Parse(await lab.Stores[bank].LoadAsync(BankReport.FileName, default));
            Assert.NotNull(report.Alone);
            // Of a regression the sums say the loss of all rows, the same to every bank; of trees a bank knows that of its own rows.
            Assert.True(report.LossByRound![^1] < report.LossByRound[0]);
            if (model == "logistic") Assert.Equal(report.Fit!.Deviance / (2 * report.Fit.Rows), report.LossByRound[^1], 1e-6);
            // Gains and covers follow from the sums, which hold no numbers of rows.
            Assert.Equal(expected.Model is TreesModel trees ? SplitReport.Of(trees.Ensemble, parties: null) : null, report.Splits);
            Assert.Equal(model == "trees", report.Splits?.Count > 4);
            Assert.All(report.Splits ?? [], split => Assert.True(split is { Gain: > 0, Cover: > 0, Rows: null }));
            Assert.True(report.Sums > 3);
        }
    }

    [Fact]
    public async Task An_attempt_goes_on_from_the_sums_that_any_bank_knows_and_ends_with_the_same_model()
    {
        var data = Banks.Data(200, 150, 100);
        var spec = Banks.Spec(3, "trees", ("trees", "5"));
        using var straight = new TestLab(spec, data);
        var expected = (await straight.RunAsync(1, TestContext.Current.CancellationToken))["bank-0"].Manifest;

        using var lab = new TestLab(spec, data);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        lab.OnProgress = (bank, progress) =>
        {
            if (bank == "bank-1" && progress is { Phase: "training", Done: 2 }) stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.RunAsync(1, stop.Token));
        lab.OnProgress = null;

        // One bank loses some of what it wrote, another everything, as when their machines fail.
        var torn = (await lab.Stores["bank-2"].LoadAsync(SumLog.FileName, default))!;
        await lab.Stores["bank-2"].SaveAsync(SumLog.FileName, torn.AsMemory(0, torn.Length / 2), default);
        lab.Stores["bank-0"].Delete(SumLog.FileName);
        var before = lab.Relayed.Count(item => item.Header.Step == Steps.SumPart.Name && item.Header.Sender == "bank-1");
        var results = await lab.RunAsync(2, TestContext.Current.CancellationToken);

        Assert.Equal(expected, results["bank-0"].Manifest);
        // What stood before the interruption follows from the known sums again.
        var splits = BankReport.Parse(await straight.Stores["bank-0"].LoadAsync(BankReport.FileName, default)).Splits!;
        Assert.NotEmpty(splits);
        foreach (var bank in lab.Present) Assert.Equal(splits, BankReport.Parse(await lab.Stores[bank].LoadAsync(BankReport.FileName, default)).Splits);
        var all = lab.Relayed.Count(item => item.Header.Step == Steps.SumPart.Name && item.Header.Sender == "bank-1");
        Assert.InRange(before, 8, int.MaxValue);
        Assert.InRange(all, BankManifest.Parse(expected).Rounds, BankManifest.Parse(expected).Rounds + 1);
        foreach (var known in lab.Relayed.Where(item => item.Header.Step == Steps.SumKnown.Name)) Assert.Equal(MessageClass.Sealed, known.Header.Class);
    }

    [Theory]
    [InlineData("trees")]
    [InlineData("logistic")]
    public async Task With_threshold_keys_the_others_go_on_without_a_bank_that_is_gone(string model)
    {
        var data = Banks.Data(300, 200, 100, 150);
        using var lab = new TestLab(Banks.Spec(4, model, [("threshold", "3"), .. model == "trees" ? new[] { ("trees", "5") } : []]), data);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        lab.OnProgress = (bank, progress) =>
        {
            if (bank == "bank-1" && progress is { Phase: "training", Done: 2 }) stop.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.RunAsync(1, stop.Token));
        lab.OnProgress = null;
        lab.Absent = ["bank-3"];
        var known = lab.Relayed.Count;
        var results = await lab.RunAsync(2, TestContext.Current.CancellationToken);

        var manifest = BankManifest.Parse(results["bank-0"].Manifest);
        Assert.Equal(["bank-3"], manifest.Absent!.Keys);
        Assert.InRange(manifest.Absent["bank-3"], 3, manifest.Rounds - 2);
        Assert.Equal(3, results.Count);
        Assert.All(results.Values, result => Assert.Equal(results["bank-0"].Manifest, result.Manifest));

        // The earlier sums stand: none of them is asked for again without the absent bank.
        var again = lab.Relayed.Skip(known).Count(item => item.Header.Step == Steps.SumPart.Name && item.Header.Sender == "bank-0");
        Assert.Equal(manifest.Rounds - manifest.Absent["bank-3"], again);
    }

    [Theory]
    [InlineData("trees", 1)]
    [InlineData("trees", 2)]
    [InlineData("trees", 4)]
    [InlineData("trees", 7)]
    [InlineData("logistic", 1)]
    [InlineData("logistic", 3)]
    [InlineData("logistic", 6)]
    [InlineData("logistic", 8)]
    public async Task A_bank_that_leaves_after_any_sum_ends_in_a_model_or_in_a_sentence_and_no_sum_is_asked_for_twice(string model, int after)
    {
        var data = Banks.Data(300, 200, 100, 150);
        using var lab = new TestLab(Banks.Spec(4, model, [("threshold", "3"), .. model == "trees" ? new[] { ("trees", "3") } : []]), data);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        lab.Withhold = (header, _) =>
        {
            if (header.Step == Steps.SumTotal.Name && header.Sequence == after) stop.Cancel();
            return false;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lab.RunAsync(1, stop.Token));
        lab.Withhold = null;
        lab.Absent = ["bank-3"];
        try
        {
            var results = await lab.RunAsync(2, TestContext.Current.CancellationToken);
            Assert.All(results.Values, result => Assert.Equal(results["bank-0"].Manifest, result.Manifest));
        }
        catch (ProtocolException e)
        {
            Assert.Equal("absent-too-early", e.Code);
            Assert.Contains("bank-3", e.Message, StringComparison.Ordinal);
        }
        var log = await SumLog.OpenAsync(lab.Context("bank-0", 3, null!), TestContext.Current.CancellationToken);
        var rounds = Enumerable.Range(0, log.Count).Select(index => log[index].Round).ToArray();
        Assert.Equal(rounds.Distinct(), rounds);
    }

    [Fact]
    public async Task Without_all_the_kept_keys_a_run_with_an_absent_bank_ends_with_a_sentence()
    {
        var data = Banks.Data(300, 200, 100, 150);
        using var lab = new TestLab(Banks.Spec(4, "trees", ("threshold", "3"), ("trees", "5")), data);
        lab.Absent = ["bank-3"];
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => lab.RunAsync(2, TestContext.Current.CancellationToken));
        Assert.Equal("keys-lost", refused.Code);
    }

    [Fact]
    public async Task A_bank_whose_data_changed_since_the_attempt_before_is_refused()
    {
        var spec = Banks.Spec(3, "trees", ("trees", "2"));
        using var lab = new TestLab(spec, Banks.Data(100, 100, 100));
        await lab.RunAsync(1, TestContext.Current.CancellationToken);
        using var other = new TestLab(spec, Banks.Data(100, 101, 100));
        foreach (var (bank, store) in lab.Stores) await other.Stores[bank].SaveAsync(SumLog.FileName, (await store.LoadAsync(SumLog.FileName, default))!, default);
        Assert.Equal("data-changed", (await Assert.ThrowsAsync<ProtocolException>(() => other.RunAsync(2, TestContext.Current.CancellationToken))).Code);
    }

    [Fact]
    public async Task A_newton_round_of_25_features_takes_less_than_300_kB_of_a_bank()
    {
        const int features = 25, rows = 80;
        var spec = Banks.Spec(3, "logistic") with { Features = [.. Enumerable.Range(0, features).Select(i => new FeatureDefinition($"x{i}"))], Settings = new Dictionary<string, string> { ["ridge"] = "1" } };
        var data = Enumerable.Range(0, 3).ToDictionary(bank => $"bank-{bank}", bank => TestLab.MakeData(
            [.. Enumerable.Range(0, rows).Select(row => $"customer-{bank}-{row}")],
            new Table([.. Enumerable.Range(0, features).Select(i => new NumericColumn($"x{i}", [.. Enumerable.Range(0, rows).Select(row => Math.Sin((row * (i + 1)) + bank))]))]),
            [.. Enumerable.Range(0, rows).Select(row => (byte)(row % 3 == 0 ? 1 : 0))]));
        using var lab = new TestLab(spec, data);
        await lab.RunAsync(1, TestContext.Current.CancellationToken);

        var log = await SumLog.OpenAsync(lab.Context("bank-0", 2, null!), TestContext.Current.CancellationToken);
        var sent = lab.Relayed.Where(item => item.Header.Sender == "bank-0" && (item.Header.Step is "sum.part" or "sum.share")).ToArray();
        var newton = Enumerable.Range(0, log.Count).Where(index => log[index].Round.StartsWith("newton", StringComparison.Ordinal)).ToArray();
        Assert.InRange(newton.Length, 3, 20);
        foreach (var index in newton) Assert.InRange(sent.Skip(3 * index).Take(3).Sum(item => item.Header.Length), 100_000, 300_000);
    }
}
