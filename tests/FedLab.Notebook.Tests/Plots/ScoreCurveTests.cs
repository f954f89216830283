using FedLab.Learning;
using FedLab.Learning.Tests;
using FedLab.Notebook.Data;
using FedLab.Notebook.Plots;
using FsCheck.Fluent;

namespace FedLab.Notebook.Tests.Plots;

/// <summary>What is drawn is what FedLab.Learning measures, and what a plain count gives.</summary>
public sealed class ScoreCurveTests
{
    [Fact]
    public void Area_and_distance_of_the_curves_are_AUC_and_KS_of_the_metrics() =>
        Prop.ForAll<ulong>(seed =>
        {
            var rows = Rows(seed);
            var roc = rows.Steps.Roc().ToArray();
            var area = roc.Zip(roc.Skip(1), (a, b) => (b.FalsePositives - a.FalsePositives) * (a.TruePositives + b.TruePositives) / 2).Sum();
            var (positives, negatives) = rows.Steps.SharesAt(rows.Steps.FarthestStep());
            Assert.Equal(BinaryMetrics.Evaluate(rows.Labels, rows.Scores).AreaUnderRocCurve, area, 1e-12);
            Assert.Equal(rows.Metrics.KolmogorovSmirnov, Math.Abs(positives - negatives), 1e-12);
        }).Search();

    [Fact]
    public void Curves_are_those_of_a_plain_count_at_every_threshold() =>
        Prop.ForAll<ulong>(seed =>
        {
            var rows = Rows(seed);
            var thresholds = rows.Scores.Distinct().OrderDescending().ToArray();
            var (roc, gains) = (rows.Steps.Roc().Skip(1).ToArray(), rows.Steps.Gains().Skip(1).ToArray());
            Assert.Equal(thresholds.Length, roc.Length);
            for (var i = 0; i < thresholds.Length; i++)
            {
                var found = Enumerable.Range(0, rows.RowCount).Where(row => rows.Scores[row] >= thresholds[i]).Select(row => rows.Labels[row]).ToArray();
                var (ones, all) = (found.Count(label => label == 1), found.Length);
                Assert.Equal(((all - ones) / (double)rows.Labels.Count(label => label == 0), ones / (double)rows.Labels.Count(label => label == 1)), roc[i]);
                Assert.Equal((all / (double)rows.RowCount, roc[i].TruePositives), gains[i]);
            }
        }).Search();

    [Fact]
    public void Calibration_groups_hold_every_row_once_and_rows_of_one_score_together() =>
        Prop.ForAll<ulong>(seed =>
        {
            var rows = Rows(seed);
            var bins = CalibrationBin.Of(rows.Steps, 10);
            Assert.InRange(bins.Count, 1, 10);
            Assert.Equal(rows.RowCount, bins.Sum(bin => bin.Rows));
            Assert.Equal(rows.Labels.Count(label => label == 1), bins.Sum(bin => bin.Observed * bin.Rows), 1e-9);
            Assert.Equal(rows.Scores.Sum(), bins.Sum(bin => bin.Predicted * bin.Rows), 1e-9);
            Assert.All(bins, bin => Assert.True(bin.Low <= bin.Observed + 1e-12 && bin.Observed <= bin.High + 1e-12 && bin.Low >= 0 && bin.High <= 1));
            Assert.Equal(bins.OrderBy(bin => bin.Predicted), bins);
        }).Search();

    /// <summary>Wilson's interval of 1 in 10, with 95 %: (0.0179, 0.4042), as statsmodels' proportion_confint(1, 10, method="wilson") gives it.</summary>
    [Fact]
    public void Intervals_are_those_of_Wilson()
    {
        var rows = new ScoredRows("", Enumerable.Repeat(0.1, 10), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        var bin = Assert.Single(CalibrationBin.Of(rows.Steps, 10));
        Assert.Equal((0.0179, 0.4042), (Math.Round(bin.Low, 4), Math.Round(bin.High, 4)));
    }

    [Fact]
    public void Summaries_carry_the_figures_of_the_metrics()
    {
        using var english = new Language("en");
        var metrics = PlotGallery.Joint.Metrics;
        Assert.Contains(FormattableString.Invariant($"AUC {metrics.AreaUnderRocCurve:0.000}"), PlotGallery.All["roc"].Summary, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"KS {metrics.KolmogorovSmirnov:0.000}"), PlotGallery.All["ks"].Summary, StringComparison.Ordinal);
        Assert.Contains("bank only", PlotGallery.All["roc"].Summary, StringComparison.Ordinal);
        using var chinese = new Language("zh-CN");
        Assert.StartsWith("ROC 曲线", PlotGallery.All["roc"].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Gains_of_a_perfect_order_find_all_defaults_first()
    {
        using var english = new Language("en");
        var scores = Enumerable.Range(0, 100).Select(i => i / 100.0).ToArray();
        var labels = scores.Select(score => (byte)(score >= 0.8 ? 1 : 0)).ToArray();
        Assert.Contains("50 % of defaults in the top 10 %", Plot.Gains(scores, labels).Summary, StringComparison.Ordinal);
        Assert.Contains("5.00 in the top 10 %", Plot.Lift(scores, labels).Summary, StringComparison.Ordinal);
        Assert.Contains("KS 1.000", Plot.KolmogorovSmirnov(scores, labels).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_of_a_frame_are_drawn_like_arrays()
    {
        var frame = new DataFrame(DataFrameColumn.Create("score", PlotGallery.Own.Scores), DataFrameColumn.Create("default", PlotGallery.Own.Labels.Select(label => label == 1)));
        Assert.Equal(Plot.RocCurve(PlotGallery.Own.Scores, PlotGallery.Own.Labels).ToSvg(), Plot.RocCurve(frame["score"], frame["default"]).ToSvg());
    }

    [Theory]
    [InlineData(new[] { 0.1 }, new byte[] { 1, 0 }, "1 scores and 2 labels")]
    [InlineData(new[] { 0.1, double.NaN }, new byte[] { 1, 0 }, "row 1 is NaN")]
    [InlineData(new[] { 0.1, 1.5 }, new byte[] { 1, 0 }, "row 1 is 1.5")]
    [InlineData(new[] { 0.1, 0.5 }, new byte[] { 1, 2 }, "row 1 is 2")]
    [InlineData(new[] { 0.1, 0.5 }, new byte[] { 1, 1 }, "both classes")]
    [InlineData(new double[0], new byte[0], "both classes")]
    public void What_cannot_be_drawn_is_refused_in_one_sentence(double[] scores, byte[] labels, string expected)
    {
        using var english = new Language("en");
        Assert.Contains(expected, Assert.Throws<FrameException>(() => Plot.RocCurve(scores, labels)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_cannot_be_drawn_are_refused_too()
    {
        Assert.Throws<FrameException>(() => Plot.FeatureImportance([("a", -1.0)]));
        Assert.Throws<FrameException>(() => Plot.FeatureImportance([("a", 0.0)]));
        Assert.Throws<FrameException>(() => Plot.FeatureImportance(Array.Empty<(string, double)>()));
        Assert.Throws<FrameException>(() => Plot.LossByRound([double.NaN]));
        Assert.Throws<FrameException>(() => Plot.BytesByPhase([("a", -1L)]));
        Assert.Throws<FrameException>(() => Plot.RocCurve([.. Enumerable.Repeat(PlotGallery.Own, 7)]));
    }

    private static ScoredRows Rows(ulong seed)
    {
        var random = new DeterministicRandom(seed);
        var count = 2 + random.Next(60);
        var levels = 1 + random.Next(30);
        var labels = Enumerable.Range(0, count).Select(_ => (byte)random.Next(2)).ToArray();
        (labels[0], labels[1]) = (0, 1);
        return new ScoredRows("", Enumerable.Range(0, count).Select(_ => random.Next(levels + 1) / (double)levels), labels);
    }
}
