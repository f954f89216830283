namespace FedLab.Notebook.Plots.Charts;

/// <summary>What stands above every drawing: title, subtitle and legend.</summary>
internal static class ChartHead
{
    public const double Width = 660;
    public const double Margin = 18;

    private const double TitleSize = 17;
    private const double SubtitleSize = 12.5;
    private const double LegendSize = 12.5;
    private const double LineWidth = 30;
    private const double BoxWidth = 14;
    private const double Gap = 6;

    /// <summary>Height of the head.</summary>
    public static double Height(string subtitle, IReadOnlyList<LegendEntry> legend) =>
        40 + (Subtitles(subtitle).Count * 18) + (Rows(legend).Count * 21) + (legend.Count > 0 ? 6 : 0);

    public static void Draw(SvgWriter svg, string title, string subtitle, IReadOnlyList<LegendEntry> legend)
    {
        svg.Text(Margin, 31, TextWidth.Fit(title, TitleSize, Width - (2 * Margin)), TitleSize, Palette.Text, bold: true);
        var y = 52.0;
        foreach (var line in Subtitles(subtitle))
        {
            svg.Text(Margin, y, line, SubtitleSize, Palette.QuietText);
            y += 18;
        }

        y += 4;
        foreach (var row in Rows(legend))
        {
            var x = Margin;
            foreach (var entry in row)
            {
                DrawSample(svg, entry, x, y - 4);
                svg.Text(x + SampleWidth(entry) + Gap, y, Label(entry), LegendSize, Palette.Text);
                x += EntryWidth(entry);
            }

            y += 21;
        }
    }

    private static void DrawSample(SvgWriter svg, LegendEntry entry, double x, double y)
    {
        if (entry.IsBar)
        {
            svg.Bar(x, y - 6, BoxWidth, 12, entry.Style);
            return;
        }

        if (entry.IsFilled) svg.Area([(x, y), (x + LineWidth, y)], y + 6, entry.Style);
        svg.Path([(x, y), (x + LineWidth, y)], entry.Style);
        if (entry.HasMarkers) svg.Mark(x + (LineWidth / 2), y, entry.Style);
    }

    private static List<string> Subtitles(string subtitle) => TextWidth.Wrap(subtitle, SubtitleSize, Width - (2 * Margin));

    private static List<List<LegendEntry>> Rows(IReadOnlyList<LegendEntry> legend)
    {
        List<List<LegendEntry>> rows = [];
        var used = double.PositiveInfinity;
        foreach (var entry in legend)
        {
            if (used + EntryWidth(entry) > Width - (2 * Margin) + 18)
            {
                rows.Add([]);
                used = 0;
            }

            rows[^1].Add(entry);
            used += EntryWidth(entry);
        }

        return rows;
    }

    private static double SampleWidth(LegendEntry entry) => entry.IsBar ? BoxWidth : LineWidth;

    private static double EntryWidth(LegendEntry entry) => SampleWidth(entry) + Gap + TextWidth.Of(Label(entry), LegendSize) + 18;

    private static string Label(LegendEntry entry) => TextWidth.Fit(entry.Name, LegendSize, Width - (2 * Margin) - LineWidth - Gap);
}

/// <summary>A series in the legend.</summary>
/// <param name="Name">Its name, with its figures.</param>
/// <param name="Style">How it is drawn.</param>
/// <param name="HasMarkers">Whether its line has markers.</param>
/// <param name="IsFilled">Whether the area below its line is filled.</param>
/// <param name="IsBar">Whether it is bars and not a line.</param>
internal sealed record LegendEntry(string Name, SeriesStyle Style, bool HasMarkers = true, bool IsFilled = false, bool IsBar = false);
