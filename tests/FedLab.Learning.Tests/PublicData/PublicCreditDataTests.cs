using System.Diagnostics;

namespace FedLab.Learning.Tests.PublicData;

/// <summary>Against tests/benchmarks/xgboost/compare.py on the same rows with the same settings. Skipped without the data.</summary>
public sealed class PublicCreditDataTests(ITestOutputHelper output)
{
    /// <summary>What the library promises to lose at most against XGBoost.</summary>
    private const double Margin = 0.005;

    private static readonly TreeParameters Parameters = new() { Trees = 50, MaxDepth = 4, LearningRate = 0.1, MaxBin = 32, Lambda = 1 };

    [Theory]
    [InlineData("default_credit", 0.7887)]
    [InlineData("give_me_some_credit", 0.8597)]
    [InlineData("sba_small_business", 0.9621)]
    public async Task Public_credit_data_are_ranked_as_well_as_by_XGBoost(string set, double areaOfXgboost)
    {
        var data = Read(set);
        var pooled = await FitAsync(set, data, withSource: true);
        var bankOnly = await FitAsync(set, data, withSource: false);

        Assert.InRange(pooled.AreaUnderRocCurve, areaOfXgboost - Margin, 1);
        Assert.True(pooled.AreaUnderRocCurve > bankOnly.AreaUnderRocCurve, "The source's features do not help.");
    }

    [Fact]
    public async Task Public_credit_data_with_text_codes_are_learned()
    {
        var metrics = await FitAsync("german_credit", Read("german_credit"), withSource: true);
        Assert.InRange(metrics.AreaUnderRocCurve, 0.7, 1);
    }

    private static CreditSet Read(string set)
    {
        var folder = CreditSet.Folder();
        Assert.SkipWhen(folder is null, "Set FEDLAB_DATA to the folder of the public credit sets.");
        return CreditSet.Read(Path.Combine(folder, set));
    }

    private async Task<BinaryMetrics> FitAsync(string set, CreditSet data, bool withSource)
    {
        PooledParty[] parties = [new("bank", data.Bank, 10), .. withSource ? [new PooledParty("source", data.Source, 10)] : Array.Empty<PooledParty>()];
        var (started, processorBefore) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var result = await PooledTrainer.FitAsync(
            parties, data.Labels, data.RowIdentities, data.TrainingRows, data.TestRows, Parameters, 1, TestContext.Current.CancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var processor = (Environment.CpuUsage.TotalTime - processorBefore).TotalSeconds;
        var metrics = result.Metrics!;
        output.WriteLine(
            $"{set} {(withSource ? "all" : "bank only")}: AUC {metrics.AreaUnderRocCurve:F4} KS {metrics.KolmogorovSmirnov:F4} log loss {metrics.LogLoss:F4}, {seconds:F2} s, processor {processor:F2} s");
        return metrics;
    }
}
