using FedLab.Client.Wording;
using FedLab.Notebook.Data;
using FedLab.Notebook.Plots.Charts;

namespace FedLab.Notebook.Plots;

public sealed partial class Plot
{
    private const int MostRoundsWithMarks = 30;

    /// <summary>How much each feature contributes to a model, the greatest first, as shares of the whole.</summary>
    /// <param name="importances">Features and their contributions, for example the gain of their splits or the absolute value of standardised coefficients; none negative.</param>
    /// <param name="most">How many features to show; the others are summed up.</param>
    /// <exception cref="FrameException">There are none, one is negative or not a number, or none is to be shown.</exception>
    public static Plot FeatureImportance(IEnumerable<(string Feature, double Importance)> importances, int most = 20)
    {
        ArgumentNullException.ThrowIfNull(importances);
        return FeatureImportance(importances.Select(item => (item.Feature, item.Importance, "")), most);
    }

    /// <summary>How much each feature of several parties contributes to a joint model, the greatest first, as shares of the whole.</summary>
    /// <param name="importances">Features, their contributions and the parties that hold them; what is known of a party's features only together may be one item.</param>
    /// <param name="most">How many features to show; the others are summed up.</param>
    /// <exception cref="FrameException">There are none, one is negative or not a number, there are too many parties, or none is to be shown.</exception>
    public static Plot FeatureImportance(IEnumerable<(string Feature, double Importance, string Party)> importances, int most = 20)
    {
        ArgumentNullException.ThrowIfNull(importances);
        if (most < 1) throw PlotMessages.CountOutside(most);
        var all = importances.OrderByDescending(item => item.Importance).ToArray();
        foreach (var (feature, importance, _) in all)
        {
            if (!(importance >= 0) || double.IsInfinity(importance)) throw PlotMessages.ValueInvalid(feature, importance);
        }

        var total = all.Sum(item => item.Importance);
        if (total == 0) throw PlotMessages.NothingToDraw();
        var parties = all.Select(item => item.Party).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        CheckCount(parties);
        return new Plot(() => DrawImportance(all, parties, most, total));
    }

    /// <summary>The loss after each round (tree, iteration).</summary>
    /// <param name="losses">One for each round, from the first on; NaN where it is not known.</param>
    /// <exception cref="FrameException">There are none.</exception>
    public static Plot LossByRound(IEnumerable<double> losses) => LossByRound(("", losses));

    /// <summary>The losses after each round of several runs, or of training and test rows.</summary>
    /// <param name="series">Names and losses.</param>
    /// <exception cref="FrameException">There are none, or too many series to be told apart.</exception>
    public static Plot LossByRound(params IReadOnlyList<(string Name, IEnumerable<double> Losses)> series)
    {
        CheckCount(series);
        var known = series.Select(item => (item.Name, Losses: item.Losses.ToArray())).ToArray();
        if (Array.Exists(known, item => !item.Losses.Any(double.IsFinite))) throw PlotMessages.NothingToDraw();
        return new Plot(() => DrawLosses(known));
    }

    /// <summary>Bytes sent in each phase of a run.</summary>
    /// <param name="phases">Phases in their order and their bytes. The protocol's own phases are shown by their names in the notebook's language.</param>
    /// <exception cref="FrameException">There are none, or one is negative.</exception>
    public static Plot BytesByPhase(IEnumerable<(string Phase, long Bytes)> phases)
    {
        ArgumentNullException.ThrowIfNull(phases);
        return BytesByPhase(phases.Select(item => (item.Phase, "", item.Bytes)));
    }

    /// <summary>Bytes that each party sent in each phase of a run.</summary>
    /// <param name="phases">Phases in their order, as above, parties and bytes; of what stands several times the sum counts.</param>
    /// <exception cref="FrameException">There are none, one is negative, or there are too many parties.</exception>
    public static Plot BytesByPhase(IEnumerable<(string Phase, string Party, long Bytes)> phases)
    {
        ArgumentNullException.ThrowIfNull(phases);
        var all = phases.ToArray();
        foreach (var (phase, _, bytes) in all)
        {
            if (bytes < 0) throw PlotMessages.ValueInvalid(phase, bytes);
        }

        var parties = all.Select(item => item.Party).Distinct(StringComparer.Ordinal).ToArray();
        CheckCount(parties);
        return new Plot(() => DrawBytes(all, parties));
    }

    private static BarChart DrawImportance((string Feature, double Importance, string Party)[] all, string[] parties, int most, double total)
    {
        // One bar for all others is only worth it if there are two of them.
        var shown = all.Length <= most + 1 ? all.Length : most;
        // Colour alone would not tell everybody whose feature it is.
        var bars = all.Take(shown).Select(item => CreateBar(parties.Length > 1 ? Join(item.Feature, item.Party) : item.Feature, [item])).ToList();
        if (shown < all.Length) bars.Add(CreateBar(PlotMessages.Others(all.Length - shown), all[shown..]));
        var greatest = bars.Max(bar => bar.Parts.Sum());
        return new BarChart(
            PlotMessages.ImportanceTitle,
            // Of several parties an item may be all that one of them holds: then it is not one feature.
            parties.Length > 1 ? "" : PlotMessages.Features(all.Length),
            PlotMessages.ListSummary(PlotMessages.ImportanceTitle, bars.Select(bar => (bar.Name, bar.Label))),
            PlotAxis.OfShares(PlotMessages.ShareOfImportance, greatest),
            parties,
            bars);

        Bar CreateBar(string name, (string Feature, double Importance, string Party)[] items) => new(
            name,
            [.. parties.Select(party => items.Where(item => item.Party == party).Sum(item => item.Importance) / total)],
            PlotMessages.Percent(items.Sum(item => item.Importance) / total));
    }

    private static CurveChart DrawLosses((string Name, double[] Losses)[] series)
    {
        var curves = series.Select((item, i) => new Curve(
            Join(item.Name, PlotMessages.LastLoss(item.Losses.Last(double.IsFinite))),
            [.. item.Losses.Select((loss, round) => (X: round + 1.0, Y: loss)).Where(point => double.IsFinite(point.Y))],
            Palette.Of(i))
        {
            MarksPoints = item.Losses.Length <= MostRoundsWithMarks,
        }).ToList();
        var rounds = series.Max(item => item.Losses.Length);
        var losses = series.SelectMany(item => item.Losses).Where(double.IsFinite).ToArray();
        return new CurveChart(
            PlotMessages.LossTitle,
            PlotMessages.Rounds(rounds),
            PlotMessages.ListSummary(PlotMessages.LossTitle, series.Select(item => (item.Name, PlotMessages.LastLoss(item.Losses.Last(double.IsFinite))))),
            PlotAxis.OfCounts(PlotMessages.Round, rounds),
            PlotAxis.OfNumbers(PlotMessages.LossAxis, losses.Min(), losses.Max()),
            curves);
    }

    private static BarChart DrawBytes((string Phase, string Party, long Bytes)[] all, string[] parties)
    {
        var bars = all.GroupBy(item => item.Phase, StringComparer.Ordinal).Select(phase => new Bar(
            PhaseText.Name(phase.Key),
            [.. parties.Select(party => (double)phase.Where(item => item.Party == party).Sum(item => item.Bytes))],
            ByteUnit.Write(phase.Sum(item => item.Bytes)))).ToList();
        return new BarChart(
            PlotMessages.BytesTitle,
            PlotMessages.BytesTotal(ByteUnit.Write(all.Sum(item => (double)item.Bytes))),
            PlotMessages.ListSummary(PlotMessages.BytesTitle, bars.Select(bar => (bar.Name, bar.Label))),
            PlotAxis.OfBytes(PlotMessages.BytesAxis, bars.Max(bar => bar.Parts.Sum())),
            parties,
            bars);
    }
}
