using System.Diagnostics;
using System.Text.Json;
using FedLab.Learning.Tests.PublicData;

namespace FedLab.Learning.Tests.LogisticRegression;

/// <summary>
/// Three banks' fit of real credit data against a plain pooled one. Skipped without the data. With FEDLAB_FITS set to a folder the fits are
/// written there for tests/benchmarks/scikit-learn/compare.py.
/// </summary>
public sealed class LogisticPublicDataTests(ITestOutputHelper output)
{
    private const double Accuracy = 1e-6;
    private const int Banks = 3;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Theory]
    [InlineData("default_credit", 0, 0)]
    [InlineData("default_credit", 0.005, 0)]
    [InlineData("default_credit", 0.005, 10)]
    [InlineData("give_me_some_credit", 0, 0)]
    [InlineData("give_me_some_credit", 0.005, 0)]
    [InlineData("give_me_some_credit", 0.005, 10)]
    [InlineData("german_credit", 0, 0)]
    [InlineData("german_credit", 0.005, 0)]
    [InlineData("german_credit", 0.005, 10)]
    [InlineData("sba_small_business", 0, 0)]
    [InlineData("sba_small_business", 0.005, 0)]
    [InlineData("sba_small_business", 0.005, 10)]
    public async Task Coefficients_errors_and_deviance_are_those_of_the_pooled_fit(string set, double winsorise, double ridge)
    {
        var (pooled, banks) = Read(set);
        var parameters = new LogisticParameters { Winsorise = winsorise, Ridge = ridge };
        var sums = new SharedSums(Banks);
        var started = Stopwatch.GetTimestamp();
        var fits = await Task.WhenAll(banks.Select(bank => Task.Run(() => new LogisticTrainer(parameters).FitAsync(
            bank.Problem, pooled.Definitions, sums.Holder(), null, 1, TestContext.Current.CancellationToken))));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var fit = fits[0];
        var plain = PlainNewton.Fit(pooled.Table, pooled.Labels, fit, ridge);

        LogisticCoefficient[] estimated = [.. fit.Coefficients.Where(line => line.State == LogisticColumnState.Estimated)];
        var worst = estimated.Select((line, j) => Math.Abs(line.Estimate - plain.Coefficients[j]) / Math.Abs(plain.Coefficients[j])).Max();
        var worstError = estimated.Select((line, j) => Math.Abs(line.StandardError!.Value - plain.StandardErrors[j]) / plain.StandardErrors[j]).Max();
        var deviance = Math.Abs(fit.Deviance - plain.Deviance) / plain.Deviance;
        output.WriteLine(
            $"{set} winsorise {winsorise} ridge {ridge}: {fit.Rows} rows, {estimated.Length} coefficients, relative difference coefficients {worst:E1} errors {worstError:E1} deviance {deviance:E1}; {fit.Rounds} rounds, {fit.Iterations} of Newton, {seconds:F2} s; {string.Join(' ', fit.Warnings)}");
        Write(set, fit, parameters);
        Assert.InRange(worst, 0, Accuracy);
        Assert.InRange(worstError, 0, Accuracy);
        Assert.InRange(deviance, 0, Accuracy);
    }

    [Fact]
    public async Task Caps_lift_the_ranking_of_real_data_with_outliers()
    {
        var (pooled, _) = Read("give_me_some_credit");
        var capped = await pooled.FitAsync();
        var raw = await pooled.FitAsync(new LogisticParameters { Winsorise = 0 });
        var cappedArea = BinaryMetrics.Evaluate(pooled.Labels, capped.Model.PredictProbabilities(pooled.Table)).AreaUnderRocCurve;
        var rawArea = BinaryMetrics.Evaluate(pooled.Labels, raw.Model.PredictProbabilities(pooled.Table)).AreaUnderRocCurve;
        output.WriteLine($"AUC on the training rows {cappedArea:F4} with caps, {rawArea:F4} without");
        Assert.InRange(cappedArea, 0.84, 1);
        Assert.True(cappedArea > rawArea + 0.1);
    }

    /// <summary>The training rows, and the same dealt to three banks, of which the first has about half.</summary>
    private static (LogisticData Pooled, LogisticData[] Banks) Read(string set)
    {
        var folder = CreditSet.Folder();
        Assert.SkipWhen(folder is null, "Set FEDLAB_DATA to the folder of the public credit sets.");
        var data = CreditSet.Read(Path.Combine(folder, set));
        var all = new LogisticData(new Table([.. data.Bank.Columns, .. data.Source.Columns]), data.Labels);
        var banks = Enumerable.Range(0, Banks).Select(bank => all.Take([.. data.TrainingRows.Where(row => Math.Max((int)(data.RowIdentities[row] % 4) - 1, 0) == bank)]));
        return (all.Take(data.TrainingRows), [.. banks]);
    }

    private static void Write(string set, LogisticFit fit, LogisticParameters parameters)
    {
        if (Environment.GetEnvironmentVariable("FEDLAB_FITS") is not { Length: > 0 } folder)
            return;
        Directory.CreateDirectory(folder);
        var content = new
        {
            set,
            winsorise = parameters.Winsorise,
            ridge = parameters.Ridge,
            deviance = fit.Deviance,
            caps = fit.Model.Terms.OfType<NumericTerm>().ToDictionary(term => term.Feature, term => new[] { term.Lower, term.Upper }, StringComparer.Ordinal),
            coefficients = fit.Coefficients.Where(line => line.State == LogisticColumnState.Estimated)
                .Select(line => new { feature = line.Feature, kind = line.Kind.ToString(), category = line.Category, estimate = line.Estimate, standardError = line.StandardError }),
        };
        File.WriteAllText(Path.Combine(folder, FormattableString.Invariant($"{set}-{parameters.Winsorise}-{parameters.Ridge}.json")), JsonSerializer.Serialize(content, Indented));
    }
}
