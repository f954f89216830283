namespace FedLab.Notebook.Plots.Charts;

/// <summary>A row of a <see cref="BarChart"/>.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Parts">Lengths of its parts, one for each series, none negative.</param>
/// <param name="Label">What stands behind the bar.</param>
internal sealed record Bar(string Name, IReadOnlyList<double> Parts, string Label);

/// <summary>Horizontal bars, which leave room for long names; each may have parts of several series.</summary>
internal sealed record BarChart(string Title, string Subtitle, string Summary, PlotAxis Axis, IReadOnlyList<string> Series, IReadOnlyList<Bar> Bars) : Chart(Title, Subtitle, Summary)
{
    private const double RowHeight = 26;
    private const double BarHeight = 17;
    private const double LabelSize = 12.5;
    private const double WidestName = 230;
    private const double Bottom = 50;

    public override string ToSvg()
    {
        var legend = Series.Count < 2 ? [] : Series.Select((name, i) => new LegendEntry(name, Palette.Of(i), IsBar: true)).ToArray();
        var top = ChartHead.Height(Subtitle, legend) + 6;
        var bottom = top + (Bars.Count * RowHeight) + 4;
        var left = ChartHead.Margin + Math.Min(WidestName, Bars.Max(bar => TextWidth.Of(bar.Name, LabelSize))) + 10;
        var right = ChartHead.Width - 20 - Bars.Max(bar => TextWidth.Of(bar.Label, LabelSize));
        var svg = new SvgWriter(ChartHead.Width, bottom + Bottom, Title, Summary);
        ChartHead.Draw(svg, Title, Subtitle, legend);
        foreach (var tick in Axis.TickValues)
        {
            var x = left + ((right - left) * Axis.Position(tick));
            svg.Line(x, top, x, bottom, Palette.Grid);
            svg.Text(x, bottom + 18, Axis.Write(tick), 12, Palette.QuietText, "middle");
        }

        for (var row = 0; row < Bars.Count; row++) DrawBar(svg, Bars[row], left, right, top + (row * RowHeight) + (RowHeight / 2));
        svg.Line(left, top, left, bottom, Palette.Axis);
        svg.Text((left + right) / 2, bottom + 39, Axis.Title, 12.5, Palette.Text, "middle");
        return svg.ToString();
    }

    private void DrawBar(SvgWriter svg, Bar bar, double left, double right, double middle)
    {
        svg.Text(left - 8, middle + 4, TextWidth.Fit(bar.Name, LabelSize, WidestName), LabelSize, Palette.Text, "end");
        var x = left;
        for (var part = 0; part < bar.Parts.Count; part++)
        {
            var width = (right - left) * Axis.Position(bar.Parts[part]);
            if (width <= 0) continue;
            svg.Bar(x, middle - (BarHeight / 2), width, BarHeight, Palette.Of(part));
            // Parts are told apart by the gap between them, too.
            if (x > left) svg.Line(x, middle - (BarHeight / 2), x, middle + (BarHeight / 2), Palette.Panel, 1.5);
            x += width;
        }

        svg.Text(x + 6, middle + 4, bar.Label, LabelSize, Palette.QuietText);
    }
}
