namespace FedLab.Learning.Tests.LogisticRegression;

public sealed class LogisticTrainerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.01, 0)]
    [InlineData(0.01, 2.5)]
    public void Random_problems_are_fitted_as_a_plain_Newton_does(double winsorise, double ridge) => Property.Holds(15, seed =>
    {
        var data = LogisticData.Random(seed, 700);
        var fit = data.FitAsync(new LogisticParameters { Winsorise = winsorise, Ridge = ridge }).GetAwaiter().GetResult();
        var plain = PlainNewton.Fit(data.Table, data.Labels, fit, ridge);
        LogisticCoefficient[] estimated = [.. fit.Coefficients.Where(line => line.State == LogisticColumnState.Estimated)];
        for (var j = 0; j < estimated.Length; j++)
        {
            Near(plain.Coefficients[j], estimated[j].Estimate, plain.StandardErrors[j]);
            Near(plain.StandardErrors[j], estimated[j].StandardError!.Value, plain.StandardErrors[j]);
        }

        Near(plain.Deviance, fit.Deviance, 1);
        Near(plain.Deviance + (2 * plain.EffectiveParameters), fit.AkaikeInformationCriterion!.Value, 1);
    });

    [Fact]
    public async Task A_table_of_two_by_two_gives_the_log_odds_ratio_and_Woolfs_error()
    {
        // 40 of 100 and 10 of 60: the formulas of Woolf (1955), and p of z = 2.99437670 from the error function of C.
        double[] exposed = [.. Enumerable.Repeat(1.0, 100), .. Enumerable.Repeat(0.0, 60)];
        byte[] labels = [.. Enumerable.Range(0, 100).Select(i => (byte)(i < 40 ? 1 : 0)), .. Enumerable.Range(0, 60).Select(i => (byte)(i < 10 ? 1 : 0))];
        var fit = await new LogisticData(new Table([new NumericColumn("exposed", exposed)]), labels).FitAsync();
        var (intercept, line) = (fit.Coefficients[0], fit.Coefficients[1]);
        Assert.Equal(Math.Log(10.0 / 50), intercept.Estimate, 1e-9);
        Assert.Equal(Math.Sqrt((1 / 10.0) + (1 / 50.0)), intercept.StandardError!.Value, 1e-9);
        Assert.Equal(Math.Log(40.0 * 50 / (60.0 * 10)), line.Estimate, 1e-9);
        var error = Math.Sqrt((1 / 40.0) + (1 / 60.0) + (1 / 10.0) + (1 / 50.0));
        Assert.Equal(error, line.StandardError!.Value, 1e-9);
        Assert.Equal(line.Estimate - (1.959963984540054 * error), line.Lower!.Value, 1e-9);
        Assert.Equal(line.Estimate + (1.959963984540054 * error), line.Upper!.Value, 1e-9);
        Assert.Equal(line.Estimate / error, line.WaldZ!.Value, 1e-9);
        Assert.Equal(0.0027500618004109435, line.PValue!.Value, 1e-9);
        var deviance = -2 * ((40 * Math.Log(0.4)) + (60 * Math.Log(0.6)) + (10 * Math.Log(1 / 6.0)) + (50 * Math.Log(5 / 6.0)));
        Assert.Equal(deviance, fit.Deviance, 1e-9);
        Assert.Equal(deviance + 4, fit.AkaikeInformationCriterion!.Value, 1e-9);
        Assert.Equal(-2 * ((50 * Math.Log(50 / 160.0)) + (110 * Math.Log(110 / 160.0))), fit.NullDeviance, 1e-9);
        Assert.Equal((160, 50), (fit.Rows, fit.Positives));
        Assert.Empty(fit.Warnings);
        Assert.Equal([0.4, 1 / 6.0], fit.Model.PredictProbabilities(new Table([new NumericColumn("exposed", [1, 0])])), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public async Task Holders_of_parts_get_the_pooled_fit_and_each_the_same_bits()
    {
        var data = LogisticData.Random(5, 3000);
        var pooled = await data.FitAsync();
        var sums = new SharedSums(4);
        var parts = data.Split(4, seed: 1);
        Assert.Equal(0, parts[^1].Table.RowCount);
        var fits = await Task.WhenAll(parts.Select((part, threads) => Task.Run(() => new LogisticTrainer(new LogisticParameters()).FitAsync(
            part.Problem, data.Definitions, sums.Holder(), null, threads + 1, Token))));
        Assert.All(fits, fit => AssertSameBits(fits[0], fit));
        Assert.Equal(pooled.Coefficients.Select(line => (line.Name, line.State)), fits[0].Coefficients.Select(line => (line.Name, line.State)));
        foreach (var (whole, part) in pooled.Coefficients.Zip(fits[0].Coefficients))
        {
            Near(whole.Estimate, part.Estimate, whole.StandardError ?? 0);
            Near(whole.StandardError ?? 0, part.StandardError ?? 0, whole.StandardError ?? 0);
        }

        Near(pooled.Deviance, fits[0].Deviance, 0);
        Assert.Equal(sums.Rounds.Count, fits[0].Rounds);

        // A restart with known sums needs nobody's rows.
        var replayed = await new LogisticTrainer(new LogisticParameters()).FitAsync(parts[0].Problem, data.Definitions, new KnownSums(sums.Rounds), null, 1, Token);
        AssertSameBits(fits[0], replayed);
    }

    [Theory]
    [InlineData(LogisticSolver.Newton)]
    [InlineData(LogisticSolver.LimitedMemoryBfgs)]
    public async Task The_number_of_threads_does_not_show(LogisticSolver solver)
    {
        var data = LogisticData.Random(6, 5000);
        var parameters = new LogisticParameters { Solver = solver };
        var one = await data.FitAsync(parameters);
        foreach (var threads in new[] { 2, 3, 64 })
            AssertSameBits(one, await data.FitAsync(parameters, threads));
    }

    [Fact]
    public async Task Constant_columns_are_left_out_and_named()
    {
        var data = LogisticData.Random(7, 400);
        var plain = await data.FitAsync();
        var fit = await data.With(
            LogisticData.Numbers("always 3", 400, () => 3),
            LogisticData.Numbers("never", 400, () => double.NaN),
            new CategoricalColumn("country", ["CN", "DE"], new int[400])).FitAsync();
        Assert.Contains("always 3, never, never [missing], country = DE", Assert.Single(fit.Warnings), StringComparison.Ordinal);
        Assert.Equal(plain.Model.Terms.Select(term => term.Feature), fit.Model.Terms.Select(term => term.Feature));
        Near(plain.Deviance, fit.Deviance, 0);
        Near(plain.AkaikeInformationCriterion!.Value, fit.AkaikeInformationCriterion!.Value, 0);
    }

    [Fact]
    public async Task Without_a_usable_column_the_intercept_is_the_base_rate()
    {
        byte[] labels = [1, 0, 0, 0, 1, 0, 0, 0];
        foreach (var table in new[] { Table.WithoutColumns(8), new Table([LogisticData.Numbers("same", 8, () => 1e300)]) })
        {
            var fit = await new LogisticData(table, labels).FitAsync();
            Assert.Equal(Math.Log(2.0 / 6), fit.Model.Intercept, 1e-12);
            Assert.Empty(fit.Model.Terms);
            Assert.Equal(fit.NullDeviance, fit.Deviance, 1e-9);
        }
    }

    [Fact]
    public async Task Quasi_complete_separation_by_two_columns_together_names_both()
    {
        var random = new DeterministicRandom(20);
        var data = LogisticData.Random(20, 3000);
        var first = Array.ConvertAll(data.Labels, _ => random.NextDouble());

        // The second tells the label by its difference from the first, where it is not the same.
        var second = first.Select((x, row) => row % 4 != 0 ? x : data.Labels[row] == 1 ? x + 0.2 : x - 0.3).ToArray();
        data = data.With(new NumericColumn("limit", first), new NumericColumn("usage", second));
        var error = await Assert.ThrowsAsync<LearningException>(() => data.FitAsync(new LogisticParameters { Winsorise = 0 }));
        Assert.Contains("limit", error.Message, StringComparison.Ordinal);
        Assert.Contains("usage", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("income", error.Message, StringComparison.Ordinal);
        Assert.Contains("label of some rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collinear_columns_are_left_out_and_named_with_what_determines_them()
    {
        var data = LogisticData.Random(8, 600);
        var age = ((NumericColumn)data.Table["age"]).Values.ToArray();
        var share = ((NumericColumn)data.Table["share"]).Values.ToArray();
        var plain = await data.FitAsync(new LogisticParameters { Winsorise = 0 });
        var fit = await data.With(
            new NumericColumn("months", Array.ConvertAll(age, years => (12 * years) + 7)),
            new NumericColumn("mix", [.. age.Zip(share, (a, s) => (1e9 * s) - (0.1 * a))])).FitAsync(new LogisticParameters { Winsorise = 0 });
        var (months, mix) = (fit.Coefficients[^2], fit.Coefficients[^1]);
        Assert.Equal((LogisticColumnState.Collinear, 0.0), (months.State, months.Estimate));
        Assert.Null(months.StandardError);
        Assert.Equal(["age"], months.CollinearWith);
        Assert.Equal(["age", "share"], mix.CollinearWith);
        Assert.Contains("months (from age)", fit.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("mix (from age, share)", fit.Warnings[1], StringComparison.Ordinal);
        foreach (var (expected, line) in plain.Coefficients.Zip(fit.Coefficients))
            Near(expected.Estimate, line.Estimate, expected.StandardError ?? 0);
        Near(plain.Deviance, fit.Deviance, 0);

        // A ridge divides the effect between them instead.
        var ridged = await data.With(new NumericColumn("months", age)).FitAsync(new LogisticParameters { Ridge = 1 });
        Assert.Equal(ridged.Coefficients[^1].Estimate, ridged.Coefficients.Single(line => line.Name == "age").Estimate, 1e-9);
    }

    [Fact]
    public async Task Nearly_collinear_columns_are_still_fitted()
    {
        var random = new DeterministicRandom(9);
        var data = LogisticData.Random(9, 2000);
        var age = ((NumericColumn)data.Table["age"]).Values.ToArray();
        data = data.With(new NumericColumn("age in weeks", Array.ConvertAll(age, years => (52 * years) + (0.5 * random.NextDouble()))));
        var fit = await data.FitAsync(new LogisticParameters { Winsorise = 0 });
        var plain = PlainNewton.Fit(data.Table, data.Labels, fit);
        Assert.Equal(LogisticColumnState.Estimated, fit.Coefficients[^1].State);
        Assert.Equal(1, fit.Coefficients[^1].Estimate / plain.Coefficients[^1], 1e-6);
        Assert.Equal(1, fit.Coefficients[^1].StandardError!.Value / plain.StandardErrors[^1], 1e-6);
    }

    [Theory]
    [InlineData(LogisticSolver.Newton)]
    [InlineData(LogisticSolver.LimitedMemoryBfgs)]
    public async Task Complete_separation_is_refused_and_its_column_named(LogisticSolver solver)
    {
        var random = new DeterministicRandom(10);
        var data = LogisticData.Random(10, 500);
        data = data.With(new NumericColumn("days overdue", Array.ConvertAll(data.Labels, label => (label * 100.0) + random.Next(90))));
        var error = await Assert.ThrowsAsync<LearningException>(() => data.FitAsync(new LogisticParameters { Solver = solver }));
        Assert.Contains("tell the two labels apart", error.Message, StringComparison.Ordinal);
        Assert.Contains("days overdue", error.Message, StringComparison.Ordinal);

        var ridged = await data.FitAsync(new LogisticParameters { Ridge = 1 });
        Assert.True(ridged.Coefficients[^1].WaldZ > 2);
    }

    [Fact]
    public async Task Quasi_complete_separation_by_a_number_is_refused_and_its_column_alone_named()
    {
        var data = LogisticData.Random(11, 2000);
        data = data.With(new NumericColumn("bankrupt", [.. data.Labels.Select((label, row) => label == 1 && row % 9 == 0 ? 1.0 : 0)]));
        List<LogisticRound> rounds = [];
        var error = await Assert.ThrowsAsync<LearningException>(() => new LogisticTrainer(new LogisticParameters()).FitAsync(
            data.Problem, data.Definitions, new OwnSums(), (round, _) => { rounds.Add(round); return ValueTask.CompletedTask; }, 1, Token));
        Assert.EndsWith("best: bankrupt. Exclude them, or set 'ridge' above 0.", error.Message, StringComparison.Ordinal);
        Assert.InRange(rounds.Count, 1, 25);
    }

    [Fact]
    public async Task One_row_of_the_other_label_is_no_separation()
    {
        var data = LogisticData.Random(12, 4000);
        var flags = data.Labels.Select((label, row) => label == 1 && row % 3 == 0 ? 1.0 : 0).ToArray();
        flags[Array.IndexOf(data.Labels, (byte)0)] = 1;
        data = data.With(new NumericColumn("bankrupt", flags));
        var fit = await data.FitAsync();
        Assert.Equal(1, fit.Coefficients[^1].Estimate / PlainNewton.Fit(data.Table, data.Labels, fit).Coefficients[^1], 1e-8);
    }

    [Fact]
    public async Task Categories_of_one_label_are_left_out_and_named_unless_there_is_a_ridge()
    {
        var data = LogisticData.Random(13, 1000);
        var codes = data.Labels.Select((label, row) => row % 10 == 0 ? -1 : label == 1 && row % 7 == 0 ? 2 : 0).ToArray();
        Array.ForEach([.. Enumerable.Range(0, 1000).Where(row => row % 10 == 0)], row => data.Labels[row] = 0);
        data = data.With(new CategoricalColumn("state", ["open", "unused", "closed"], codes));
        var fit = await data.FitAsync();
        var lines = fit.Coefficients.Where(line => line.Feature == "state").ToDictionary(line => line.Name, line => line.State, StringComparer.Ordinal);
        Assert.Equal(LogisticColumnState.Reference, lines["state = open"]);
        Assert.Equal(LogisticColumnState.Constant, lines["state = unused"]);
        Assert.Equal(LogisticColumnState.Separated, lines["state = closed"]);
        Assert.Equal(LogisticColumnState.Separated, lines["state [missing]"]);
        Assert.Contains(fit.Warnings, warning => warning.Contains("state = closed, state [missing]. Set 'ridge'", StringComparison.Ordinal));

        var ridged = await data.FitAsync(new LogisticParameters { Ridge = 0.5 });
        var closed = ridged.Coefficients.Single(line => line.Name == "state = closed");
        Assert.Equal(LogisticColumnState.Estimated, closed.State);
        Assert.True(closed.Estimate > 2);

        var everyCategory = data.With(new CategoricalColumn("outcome", ["good", "bad"], [.. data.Labels.Select(label => (int)label)]));
        var error = await Assert.ThrowsAsync<LearningException>(() => everyCategory.FitAsync());
        Assert.Contains("outcome", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_solver_of_gradients_alone_finds_the_same_coefficients()
    {
        var data = LogisticData.Random(14, 3000);
        foreach (var ridge in new[] { 0, 3.0 })
        {
            var newton = await data.FitAsync(new LogisticParameters { Ridge = ridge });
            var gradients = await data.FitAsync(new LogisticParameters { Ridge = ridge, Solver = LogisticSolver.LimitedMemoryBfgs });
            foreach (var (expected, line) in newton.Coefficients.Zip(gradients.Coefficients))
            {
                Near(expected.Estimate, line.Estimate, expected.StandardError ?? 0);
                Assert.Null(line.StandardError);
            }

            Near(newton.Deviance, gradients.Deviance, 0);
            Assert.Equal(LogisticSolver.LimitedMemoryBfgs, gradients.Solver);
            Assert.Single(gradients.Warnings);
        }
    }

    [Fact]
    public async Task Above_five_hundred_columns_gradients_alone_are_asked_for()
    {
        const int Columns = 520;
        var random = new DeterministicRandom(15);
        var table = new Table([.. Enumerable.Range(0, Columns).Select(i => LogisticData.Numbers($"c{i}", 1500, () => LogisticData.Normal(random)))]);
        var first = ((NumericColumn)table.Columns[0]).Values.ToArray();
        var data = new LogisticData(table, Array.ConvertAll(first, x => random.Chance(Logistic.Sigmoid(x)) ? (byte)1 : (byte)0));
        var trainer = new LogisticTrainer(new LogisticParameters { Ridge = 20 });
        var sums = new SharedSums(1);
        var fit = await trainer.FitAsync(data.Problem, data.Definitions, sums.Holder(), null, 2, Token);
        Assert.Equal(LogisticSolver.LimitedMemoryBfgs, fit.Solver);
        Assert.Equal(new SumCapacity(52, Columns + 2), trainer.CapacityFor(data.Definitions));
        Assert.All(sums.Rounds.Where(round => round.Round.StartsWith("lbfgs", StringComparison.Ordinal)), round => Assert.Equal(Columns + 2, round.Sum.Length));
        var newton = await data.FitAsync(new LogisticParameters { Ridge = 20, Solver = LogisticSolver.Newton });
        foreach (var (expected, line) in newton.Coefficients.Zip(fit.Coefficients))
            Near(expected.Estimate, line.Estimate, expected.StandardError ?? 0);
        Assert.Equal(new SumCapacity(52, 1 + 26 + (26 * 27 / 2)), trainer.CapacityFor([.. Enumerable.Range(0, 25).Select(i => new FeatureDefinition($"f{i}"))]));
    }

    [Fact]
    public async Task Extreme_values_neither_overflow_nor_lose_the_signal()
    {
        var random = new DeterministicRandom(16);
        const int Rows = 1200;
        var signal = Enumerable.Range(0, Rows).Select(_ => LogisticData.Normal(random)).ToArray();
        var labels = Array.ConvertAll(signal, x => random.Chance(Logistic.Sigmoid(x)) ? (byte)1 : (byte)0);
        var reference = await Fit(x => x);
        Assert.True(reference.WaldZ > 10);
        foreach (var (name, map) in new (string, Func<double, double>)[]
        {
            ("huge", x => x * 1e307), ("tiny", x => x * 1e-300), ("negative", x => -x), ("far from zero", x => 1e9 + x), ("far below", x => -3e6 - (0.01 * x)),
        })
        {
            var line = await Fit(map);
            Assert.True(Math.Abs(Math.Abs(line.WaldZ!.Value / reference.WaldZ!.Value) - 1) < 1e-6, name);
        }

        async Task<LogisticCoefficient> Fit(Func<double, double> map) =>
            (await new LogisticData(new Table([new NumericColumn("x", Array.ConvertAll(signal, x => map(x)))]), labels).FitAsync(new LogisticParameters { Winsorise = 0 })).Coefficients[1];
    }

    [Fact]
    public async Task What_cannot_be_trained_on_is_refused_with_the_reason()
    {
        var data = LogisticData.Random(17, 50);
        Assert.Contains("label", (await Assert.ThrowsAsync<LearningException>(() => (data with { Labels = new byte[50] }).FitAsync())).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LearningException>(() => data.Take([]).FitAsync());
        var one = data.Labels[3];
        data.Labels[3] = 2;
        Assert.Contains("row 3", (await Assert.ThrowsAsync<LearningException>(() => data.FitAsync())).Message, StringComparison.Ordinal);
        data.Labels[3] = one;
        await Assert.ThrowsAsync<ArgumentException>(() => (data with { Labels = new byte[49] }).FitAsync());
        var trainer = new LogisticTrainer(new LogisticParameters());
        await Assert.ThrowsAsync<ArgumentException>(() => trainer.FitAsync(data.Problem, data.Definitions[1..], new OwnSums(), null, 1, Token));
        Assert.Throws<LearningException>(() => new LogisticTrainer(new LogisticParameters { Ridge = double.NaN }));
        var error = await Assert.ThrowsAsync<LearningException>(() => data.FitAsync(new LogisticParameters { MaximumIterations = 2 }));
        Assert.Contains("after 2 iterations", error.Message, StringComparison.Ordinal);
        var name = new CategoricalColumn("company", [.. Enumerable.Range(0, 2001).Select(i => $"c{i}")], new int[50]);
        error = await Assert.ThrowsAsync<LearningException>(() => data.With(name).FitAsync());
        Assert.Contains("'company'", error.Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.FitAsync(
            LogisticData.Random(18, 300).Problem, data.Definitions, new OwnSums(), null, 1, cancelled.Token));
    }

    private static void AssertSameBits(LogisticFit expected, LogisticFit actual)
    {
        Assert.Equal(expected.Model.Intercept, actual.Model.Intercept);
        Assert.Equal(expected.Coefficients.Select(line => (line.Name, line.State, line.Estimate, line.StandardError)), actual.Coefficients.Select(line => (line.Name, line.State, line.Estimate, line.StandardError)));
        Assert.Equal(expected.Deviance, actual.Deviance);
    }

    /// <summary>Within a millionth of the value or of its scale, whichever is larger.</summary>
    private static void Near(double expected, double actual, double scale) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-6 * Math.Max(Math.Abs(expected), scale), $"Expected {expected:R}, got {actual:R}.");
}
