using FedLab.Notebook.Data;
using FedLab.Notebook.Plots.Charts;

namespace FedLab.Notebook.Plots;

public sealed partial class Plot
{
    private const int CalibrationBins = 10;
    private const int DistributionBins = 40;
    private const int LiftSteps = 100;

    /// <summary>The ROC curve: how many defaults (class 1) are found for how many false alarms, with the AUC.</summary>
    /// <param name="scores">For every row the probability of class 1, 0 to 1.</param>
    /// <param name="labels">For every row 1 or 0.</param>
    /// <exception cref="FrameException">Scores and labels cannot be used; the message says which row.</exception>
    public static Plot RocCurve(IEnumerable<double> scores, IEnumerable<byte> labels) => RocCurve(new ScoredRows("", scores, labels));

    /// <inheritdoc cref="RocCurve(IEnumerable{double}, IEnumerable{byte})"/>
    public static Plot RocCurve(DataFrameColumn scores, DataFrameColumn labels) => RocCurve(new ScoredRows("", scores, labels));

    /// <summary>ROC curves of several models, with their AUC.</summary>
    /// <param name="series">One for each model.</param>
    /// <exception cref="FrameException">There are none, or too many to be told apart.</exception>
    public static Plot RocCurve(params IReadOnlyList<ScoredRows> series)
    {
        CheckCount(series);
        return new Plot(() => new CurveChart(
            PlotMessages.RocTitle,
            PlotMessages.RowsOf(series),
            PlotMessages.Summary(PlotMessages.RocTitle, series, rows => PlotMessages.Auc(rows.Metrics.AreaUnderRocCurve)),
            PlotAxis.OfShares(PlotMessages.FalsePositiveRate),
            PlotAxis.OfShares(PlotMessages.TruePositiveRate),
            Curves(series, rows => PlotMessages.Auc(rows.Metrics.AreaUnderRocCurve), rows => [.. rows.Steps.Roc()]))
        {
            Reference = (0, 0, 1, 1, PlotMessages.ByChance),
        });
    }

    /// <summary>The two classes' distribution functions of the score and their greatest distance (Kolmogorov and Smirnov).</summary>
    /// <param name="scores">For every row the probability of class 1, 0 to 1.</param>
    /// <param name="labels">For every row 1 or 0.</param>
    /// <exception cref="FrameException">Scores and labels cannot be used; the message says which row.</exception>
    public static Plot KolmogorovSmirnov(IEnumerable<double> scores, IEnumerable<byte> labels) => KolmogorovSmirnov(new ScoredRows("", scores, labels));

    /// <inheritdoc cref="KolmogorovSmirnov(IEnumerable{double}, IEnumerable{byte})"/>
    public static Plot KolmogorovSmirnov(DataFrameColumn scores, DataFrameColumn labels) => KolmogorovSmirnov(new ScoredRows("", scores, labels));

    /// <summary>Of one model both classes' distribution functions, of several their distance over the score; with the greatest distance.</summary>
    /// <param name="series">One for each model.</param>
    /// <exception cref="FrameException">There are none, or too many to be told apart.</exception>
    public static Plot KolmogorovSmirnov(params IReadOnlyList<ScoredRows> series)
    {
        CheckCount(series);
        return new Plot(() => series.Count == 1 ? DrawDistributions(series[0]) : DrawDistances(series));
    }

    /// <summary>Cumulative gains: which share of the defaults is among which share of the rows with the highest scores.</summary>
    /// <param name="scores">For every row the probability of class 1, 0 to 1.</param>
    /// <param name="labels">For every row 1 or 0.</param>
    /// <exception cref="FrameException">Scores and labels cannot be used; the message says which row.</exception>
    public static Plot Gains(IEnumerable<double> scores, IEnumerable<byte> labels) => Gains(new ScoredRows("", scores, labels));

    /// <inheritdoc cref="Gains(IEnumerable{double}, IEnumerable{byte})"/>
    public static Plot Gains(DataFrameColumn scores, DataFrameColumn labels) => Gains(new ScoredRows("", scores, labels));

    /// <summary>Cumulative gains of several models.</summary>
    /// <param name="series">One for each model.</param>
    /// <exception cref="FrameException">There are none, or too many to be told apart.</exception>
    public static Plot Gains(params IReadOnlyList<ScoredRows> series)
    {
        CheckCount(series);
        return new Plot(() => new CurveChart(
            PlotMessages.GainsTitle,
            PlotMessages.RowsOf(series),
            PlotMessages.Summary(PlotMessages.GainsTitle, series, rows => PlotMessages.Captured(GainAt(rows.Steps, 0.1))),
            PlotAxis.OfShares(PlotMessages.ShareOfRows),
            PlotAxis.OfShares(PlotMessages.ShareOfDefaults),
            Curves(series, rows => PlotMessages.Captured(GainAt(rows.Steps, 0.1)), rows => [.. rows.Steps.Gains()]))
        {
            Reference = (0, 0, 1, 1, PlotMessages.ByChance),
        });
    }

    /// <summary>Lift: how many times as many defaults are among the rows with the highest scores as among as many rows by chance.</summary>
    /// <param name="scores">For every row the probability of class 1, 0 to 1.</param>
    /// <param name="labels">For every row 1 or 0.</param>
    /// <exception cref="FrameException">Scores and labels cannot be used; the message says which row.</exception>
    public static Plot Lift(IEnumerable<double> scores, IEnumerable<byte> labels) => Lift(new ScoredRows("", scores, labels));

    /// <inheritdoc cref="Lift(IEnumerable{double}, IEnumerable{byte})"/>
    public static Plot Lift(DataFrameColumn scores, DataFrameColumn labels) => Lift(new ScoredRows("", scores, labels));

    /// <summary>Lift of several models.</summary>
    /// <param name="series">One for each model.</param>
    /// <exception cref="FrameException">There are none, or too many to be told apart.</exception>
    public static Plot Lift(params IReadOnlyList<ScoredRows> series)
    {
        CheckCount(series);
        return new Plot(() =>
        {
            var curves = Curves(series, rows => PlotMessages.LiftAtTenth(GainAt(rows.Steps, 0.1) / 0.1), rows => LiftOf(rows.Steps));
            return new CurveChart(
                PlotMessages.LiftTitle,
                PlotMessages.RowsOf(series),
                PlotMessages.Summary(PlotMessages.LiftTitle, series, rows => PlotMessages.LiftAtTenth(GainAt(rows.Steps, 0.1) / 0.1)),
                PlotAxis.OfShares(PlotMessages.ShareOfRows),
                PlotAxis.OfNumbers(PlotMessages.LiftAxis, 0, Greatest(curves)),
                curves)
            {
                Reference = (0, 1, 1, 1, PlotMessages.ByChance),
            };
        });
    }

    /// <summary>Calibration: in ten groups of rows with neighbouring scores the predicted and the observed share of defaults, with 95 % intervals.</summary>
    /// <param name="scores">For every row the probability of class 1, 0 to 1.</param>
    /// <param name="labels">For every row 1 or 0.</param>
    /// <exception cref="FrameException">Scores and labels cannot be used; the message says which row.</exception>
    public static Plot Calibration(IEnumerable<double> scores, IEnumerable<byte> labels) => Calibration(new ScoredRows("", scores, labels));

    /// <inheritdoc cref="Calibration(IEnumerable{double}, IEnumerable{byte})"/>
    public static Plot Calibration(DataFrameColumn scores, DataFrameColumn labels) => Calibration(new ScoredRows("", scores, labels));

    /// <summary>Calibration of several models.</summary>
    /// <param name="series">One for each model.</param>
    /// <exception cref="FrameException">There are none, or too many to be told apart.</exception>
    public static Plot Calibration(params IReadOnlyList<ScoredRows> series)
    {
        CheckCount(series);
        return new Plot(() =>
        {
            var curves = series.Select((rows, i) => CalibrationOf(rows, Palette.Of(i))).ToList();
            var greatest = curves.Max(curve => Math.Max(curve.Points.Max(point => point.X), curve.Intervals!.Max(interval => interval.High)));
            var axis = PlotAxis.OfShares(PlotMessages.Predicted, greatest);
            return new CurveChart(
                PlotMessages.CalibrationTitle,
                PlotMessages.CalibrationRows(PlotMessages.RowsOf(series)),
                PlotMessages.Summary(PlotMessages.CalibrationTitle, series, rows => PlotMessages.Loss(rows.Metrics.LogLoss)),
                axis,
                PlotAxis.OfShares(PlotMessages.Observed, greatest),
                curves)
            {
                Reference = (0, 0, axis.Maximum, axis.Maximum, PlotMessages.WellCalibrated),
            };
        });
    }

    /// <summary>How the scores of the two classes are distributed.</summary>
    /// <param name="scores">For every row the probability of class 1, 0 to 1.</param>
    /// <param name="labels">For every row 1 or 0.</param>
    /// <exception cref="FrameException">Scores and labels cannot be used; the message says which row.</exception>
    public static Plot ScoreDistribution(IEnumerable<double> scores, IEnumerable<byte> labels) => ScoreDistribution(new ScoredRows("", scores, labels));

    /// <inheritdoc cref="ScoreDistribution(IEnumerable{double}, IEnumerable{byte})"/>
    public static Plot ScoreDistribution(DataFrameColumn scores, DataFrameColumn labels) => ScoreDistribution(new ScoredRows("", scores, labels));

    /// <summary>How the scores of the two classes are distributed.</summary>
    /// <param name="rows">The scores of one model.</param>
    public static Plot ScoreDistribution(ScoredRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new Plot(() =>
        {
            var axis = PlotAxis.OfShares(PlotMessages.Predicted, rows.Steps.Scores[^1]);
            var (repaid, defaulted) = (Histogram(rows, 0, axis.Maximum), Histogram(rows, 1, axis.Maximum));
            return new CurveChart(
                PlotMessages.DistributionTitle,
                Join(rows.Name, PlotMessages.RowsOf([rows])),
                PlotMessages.Summary(PlotMessages.DistributionTitle, [rows], model => PlotMessages.MeanScores(MeanScore(model, 1), MeanScore(model, 0))),
                axis,
                PlotAxis.OfShares(PlotMessages.ShareOfClass, Math.Max(repaid.Max(point => point.Y), defaulted.Max(point => point.Y))),
                [
                    new Curve(PlotMessages.ClassZero(rows.Steps.NegativeCount), repaid, Palette.Of(0)) { IsFilled = true },
                    new Curve(PlotMessages.ClassOne(rows.Steps.PositiveCount), defaulted, Palette.Of(1)) { IsFilled = true },
                ]);
        });
    }

    private static CurveChart DrawDistributions(ScoredRows rows)
    {
        var steps = rows.Steps;
        var farthest = steps.FarthestStep();
        var (positives, negatives) = steps.SharesAt(farthest);
        return new CurveChart(
            PlotMessages.KsTitle,
            Join(rows.Name, PlotMessages.RowsOf([rows])),
            PlotMessages.Summary(PlotMessages.KsTitle, [rows], _ => PlotMessages.KsAt(rows.Metrics.KolmogorovSmirnov, steps.Scores[farthest])),
            PlotAxis.OfShares(PlotMessages.Predicted, steps.Scores[^1]),
            PlotAxis.OfShares(PlotMessages.ShareUpTo),
            [
                new Curve(PlotMessages.ClassZero(steps.NegativeCount), StepsOf(steps, step => steps.SharesAt(step).Negatives), Palette.Of(0)),
                new Curve(PlotMessages.ClassOne(steps.PositiveCount), StepsOf(steps, step => steps.SharesAt(step).Positives), Palette.Of(1)),
            ])
        {
            Callouts = [new Callout(steps.Scores[farthest], Math.Min(positives, negatives), Math.Max(positives, negatives), PlotMessages.Ks(rows.Metrics.KolmogorovSmirnov))],
        };
    }

    private static CurveChart DrawDistances(IReadOnlyList<ScoredRows> series)
    {
        var curves = Curves(series, rows => PlotMessages.Ks(rows.Metrics.KolmogorovSmirnov), rows => StepsOf(rows.Steps, step =>
        {
            var (positives, negatives) = rows.Steps.SharesAt(step);
            return Math.Abs(positives - negatives);
        }));
        return new CurveChart(
            PlotMessages.KsTitle,
            PlotMessages.RowsOf(series),
            PlotMessages.Summary(PlotMessages.KsTitle, series, rows => PlotMessages.KsAt(rows.Metrics.KolmogorovSmirnov, rows.Steps.Scores[rows.Steps.FarthestStep()])),
            PlotAxis.OfShares(PlotMessages.Predicted, series.Max(rows => rows.Steps.Scores[^1])),
            PlotAxis.OfShares(PlotMessages.Distance, Greatest(curves)),
            curves);
    }

    private static (double X, double Y)[] StepsOf(ScoreSteps steps, Func<int, double> value)
    {
        var points = new List<(double, double)> { (0, 0) };
        var before = 0.0;
        for (var step = 0; step < steps.Scores.Length; step++)
        {
            points.Add((steps.Scores[step], before));
            points.Add((steps.Scores[step], before = value(step)));
        }

        return [.. points];
    }

    private static Curve CalibrationOf(ScoredRows rows, SeriesStyle style)
    {
        var bins = CalibrationBin.Of(rows.Steps, CalibrationBins);
        return new Curve(Join(rows.Name, PlotMessages.Loss(rows.Metrics.LogLoss)), [.. bins.Select(bin => (bin.Predicted, bin.Observed))], style)
        {
            MarksPoints = true,
            Intervals = [.. bins.Select(bin => (bin.Low, bin.High))],
        };
    }

    private static (double X, double Y)[] Histogram(ScoredRows rows, byte label, double maximum)
    {
        var counts = new int[DistributionBins];
        for (var row = 0; row < rows.Scores.Length; row++)
        {
            if (rows.Labels[row] == label) counts[Math.Min(DistributionBins - 1, (int)(rows.Scores[row] / maximum * DistributionBins))]++;
        }

        var total = (double)counts.Sum();
        var points = new List<(double, double)>();
        for (var bin = 0; bin < counts.Length; bin++)
        {
            points.Add((bin * maximum / DistributionBins, counts[bin] / total));
            points.Add(((bin + 1) * maximum / DistributionBins, counts[bin] / total));
        }

        return [.. points];
    }

    private static double MeanScore(ScoredRows rows, byte label) => rows.Scores.Where((_, row) => rows.Labels[row] == label).Average();

    /// <summary>Share of class 1 among a share of the rows with the highest scores; within rows of one score in proportion.</summary>
    private static double GainAt(ScoreSteps steps, double share)
    {
        var before = (Rows: 0.0, Positives: 0.0);
        foreach (var point in steps.Gains())
        {
            if (point.Rows >= share && point.Rows > before.Rows)
                return before.Positives + ((point.Positives - before.Positives) * (share - before.Rows) / (point.Rows - before.Rows));
            before = point;
        }

        return 1;
    }

    private static (double X, double Y)[] LiftOf(ScoreSteps steps)
    {
        var gains = steps.Gains().ToArray();
        var points = new (double, double)[LiftSteps];
        var next = 1;
        for (var i = 0; i < points.Length; i++)
        {
            var share = (i + 1.0) / LiftSteps;
            while (next + 1 < gains.Length && gains[next].Rows < share) next++;
            var (from, to) = (gains[next - 1], gains[next]);
            points[i] = (share, (from.Positives + ((to.Positives - from.Positives) * (share - from.Rows) / (to.Rows - from.Rows))) / share);
        }

        return points;
    }

    private static List<Curve> Curves(IReadOnlyList<ScoredRows> series, Func<ScoredRows, string> figure, Func<ScoredRows, (double X, double Y)[]> points) =>
        [.. series.Select((rows, i) => new Curve(Join(rows.Name, figure(rows)), points(rows), Palette.Of(i)))];

    private static double Greatest(IEnumerable<Curve> curves) => curves.Max(curve => curve.Points.Max(point => point.Y));

    private static string Join(string name, string figure) => name.Length == 0 ? figure : name + PlotMessages.Separator + figure;

    private static void CheckCount<T>(IReadOnlyList<T> series)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Count == 0) throw PlotMessages.NothingToDraw();
        if (series.Count > Palette.Count) throw PlotMessages.TooManySeries(series.Count, Palette.Count);
    }
}
