using System.Globalization;
using System.Resources;
using FedLab.Notebook.Data;
using FedLab.Notebook.Plots.Charts;

namespace FedLab.Notebook.Plots;

/// <summary>What a person reads of plots, in the language of the current UI culture.</summary>
internal static class PlotMessages
{
    private static readonly ResourceManager Resources = new("FedLab.Notebook.Resources.FrameMessages", typeof(PlotMessages).Assembly);

    public static string Separator => FrameMessages.Separator;

    public static string RocTitle => Text(nameof(RocTitle));

    public static string KsTitle => Text(nameof(KsTitle));

    public static string GainsTitle => Text(nameof(GainsTitle));

    public static string LiftTitle => Text(nameof(LiftTitle));

    public static string CalibrationTitle => Text(nameof(CalibrationTitle));

    public static string DistributionTitle => Text(nameof(DistributionTitle));

    public static string ImportanceTitle => Text(nameof(ImportanceTitle));

    public static string LossTitle => Text(nameof(LossTitle));

    public static string BytesTitle => Text(nameof(BytesTitle));

    public static string FalsePositiveRate => Text(nameof(FalsePositiveRate));

    public static string TruePositiveRate => Text(nameof(TruePositiveRate));

    public static string ByChance => Text(nameof(ByChance));

    public static string ShareOfRows => Text(nameof(ShareOfRows));

    public static string ShareOfDefaults => Text(nameof(ShareOfDefaults));

    public static string LiftAxis => Text(nameof(LiftAxis));

    public static string Predicted => Text(nameof(Predicted));

    public static string Observed => Text(nameof(Observed));

    public static string WellCalibrated => Text(nameof(WellCalibrated));

    public static string ShareOfClass => Text(nameof(ShareOfClass));

    public static string ShareUpTo => Text(nameof(ShareUpTo));

    public static string Distance => Text(nameof(Distance));

    public static string ShareOfImportance => Text(nameof(ShareOfImportance));

    public static string Round => Text(nameof(Round));

    public static string LossAxis => Text(nameof(LossAxis));

    public static string BytesAxis => Text(nameof(BytesAxis));

    public static string Auc(double value) => Format(nameof(Auc), value);

    public static string Ks(double value) => Format(nameof(Ks), value);

    public static string KsAt(double value, double score) => Format(nameof(KsAt), value, 100 * score);

    public static string Loss(double value) => Format(nameof(Loss), value);

    public static string LastLoss(double value) => Format(nameof(LastLoss), value);

    public static string Captured(double share) => Format(nameof(Captured), 100 * share);

    public static string LiftAtTenth(double lift) => Format(nameof(LiftAtTenth), lift);

    public static string MeanScores(double ofOne, double ofZero) => Format(nameof(MeanScores), 100 * ofOne, 100 * ofZero);

    public static string ClassZero(int rows) => Format(nameof(ClassZero), rows);

    public static string ClassOne(int rows) => Format(nameof(ClassOne), rows);

    public static string Percent(double share) => (100 * share).ToString(share < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    public static string Others(int count) => Format(nameof(Others), count);

    public static string Features(int count) => Format(nameof(Features), count);

    public static string Rounds(int count) => Format(nameof(Rounds), count);

    public static string BytesTotal(string bytes) => Format(nameof(BytesTotal), bytes);

    public static string CalibrationRows(string rows) => Format(nameof(CalibrationRows), rows);

    /// <summary>How many rows the series have; of several with different numbers the least and the greatest.</summary>
    public static string RowsOf(IReadOnlyList<ScoredRows> series)
    {
        var counts = series.Select(rows => (rows.RowCount, rows.Steps.PositiveCount)).Distinct().ToArray();
        return counts.Length == 1
            ? Format("RowsOf", counts[0].RowCount, counts[0].PositiveCount)
            : Format("RowsBetween", Range(counts.Select(count => count.RowCount)), Range(counts.Select(count => count.PositiveCount)));
    }

    /// <summary>A plot of scores in words.</summary>
    public static string Summary(string title, IReadOnlyList<ScoredRows> series, Func<ScoredRows, string> figure) =>
        ListSummary(title, series.Select(rows => (rows.Name, figure(rows)))) + Format("SummaryRows", RowsOf(series));

    /// <summary>A plot in words: its title, names and figures.</summary>
    public static string ListSummary(string title, IEnumerable<(string Name, string Figure)> figures) =>
        title + Text("Colon") + string.Join(Text("ListSeparator"), figures.Select(item => item.Name.Length == 0 ? item.Figure : $"{item.Name} {item.Figure}"));

    public static FrameException LengthsDiffer(int scores, int labels) => Error("PlotLengthsDiffer", scores, labels);

    public static FrameException ScoreInvalid(int row, double score) => Error(nameof(ScoreInvalid), row, score);

    public static FrameException LabelInvalid(int row, double label) => Error(nameof(LabelInvalid), row, label);

    public static FrameException OneClass(int rows) => Error(nameof(OneClass), rows);

    public static FrameException ValueInvalid(string name, double value) => Error(nameof(ValueInvalid), name, value);

    public static FrameException CountOutside(int count) => Error("PlotCountOutside", count);

    public static FrameException NothingToDraw() => Error(nameof(NothingToDraw));

    public static FrameException TooManySeries(int count, int maximum) => Error(nameof(TooManySeries), count, maximum);

    private static string Range(IEnumerable<int> counts)
    {
        var (least, most) = (counts.Min(), counts.Max());
        return least == most ? Ticks.Write(least, 0) : $"{Ticks.Write(least, 0)}–{Ticks.Write(most, 0)}";
    }

    private static FrameException Error(string name, params object[] arguments) => new(Format(name, arguments));

    private static string Format(string name, params object[] arguments) => string.Format(CultureInfo.InvariantCulture, Text(name), arguments);

    private static string Text(string name) => Resources.GetString(name, CultureInfo.CurrentUICulture) ?? throw new MissingManifestResourceException(name);
}
