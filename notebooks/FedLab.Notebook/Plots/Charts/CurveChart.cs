namespace FedLab.Notebook.Plots.Charts;

/// <summary>A line in a <see cref="CurveChart"/>.</summary>
/// <param name="Name">Its name in the legend, with its figures.</param>
/// <param name="Points">Its points, from left to right.</param>
/// <param name="Style">How it is drawn.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points, SeriesStyle Style)
{
    /// <summary>Whether every point has a marker; otherwise a few, to tell lines apart.</summary>
    public bool MarksPoints { get; init; }

    /// <summary>Whether the area below is filled; such a line has no markers.</summary>
    public bool IsFilled { get; init; }

    /// <summary>Where the value may really be, for every point; null where that is not known.</summary>
    public IReadOnlyList<(double Low, double High)>? Intervals { get; init; }
}

/// <summary>A distance between two values that is pointed at.</summary>
/// <param name="X">Where.</param>
/// <param name="Low">From here.</param>
/// <param name="High">To here.</param>
/// <param name="Text">What it says.</param>
internal sealed record Callout(double X, double Low, double High, string Text);

/// <summary>Lines over two axes.</summary>
internal sealed record CurveChart(string Title, string Subtitle, string Summary, PlotAxis X, PlotAxis Y, IReadOnlyList<Curve> Curves) : Chart(Title, Subtitle, Summary)
{
    private const double Left = 70;
    private const double PlotHeight = 330;
    private const double Bottom = 52;
    private const double TickSize = 12;
    private const double AxisSize = 12.5;

    /// <summary>A straight line to compare with, from one point to another, and what it is; null for none.</summary>
    public (double X1, double Y1, double X2, double Y2, string Name)? Reference { get; init; }

    /// <summary>Distances that are pointed at.</summary>
    public IReadOnlyList<Callout> Callouts { get; init; } = [];

    private static SeriesStyle ReferenceStyle => new(Palette.Axis, "5 5", Marker.Circle);

    public override string ToSvg()
    {
        List<LegendEntry> legend = [.. Curves.Select(curve => new LegendEntry(curve.Name, curve.Style, !curve.IsFilled, curve.IsFilled))];
        if (Reference is { } reference) legend.Add(new LegendEntry(reference.Name, ReferenceStyle, HasMarkers: false));
        var top = ChartHead.Height(Subtitle, legend) + 14;
        var area = new Area(Left, top, ChartHead.Width - 26, top + PlotHeight, X, Y);
        var svg = new SvgWriter(ChartHead.Width, area.Bottom + Bottom, Title, Summary);
        ChartHead.Draw(svg, Title, Subtitle, legend);
        DrawAxes(svg, area);
        if (Reference is { } line)
            svg.Path([area.Place((line.X1, line.Y1)), area.Place((line.X2, line.Y2))], ReferenceStyle);
        var order = 0;
        foreach (var curve in Curves) DrawCurve(svg, area, curve, order++);
        foreach (var callout in Callouts) DrawCallout(svg, area, callout);
        return svg.ToString();
    }

    private void DrawAxes(SvgWriter svg, Area area)
    {
        foreach (var tick in Y.TickValues)
        {
            var y = area.Place((X.Minimum, tick)).Y;
            svg.Line(area.Left, y, area.Right, y, Palette.Grid);
            svg.Text(area.Left - 8, y + 4, Y.Write(tick), TickSize, Palette.QuietText, "end");
        }

        foreach (var tick in X.TickValues)
        {
            var x = area.Place((tick, Y.Minimum)).X;
            svg.Line(x, area.Bottom, x, area.Bottom + 5, Palette.Axis);
            svg.Text(x, area.Bottom + 20, X.Write(tick), TickSize, Palette.QuietText, "middle");
        }

        svg.Line(area.Left, area.Bottom, area.Right, area.Bottom, Palette.Axis);
        svg.Text((area.Left + area.Right) / 2, area.Bottom + 42, X.Title, AxisSize, Palette.Text, "middle");
        svg.UprightText(22, (area.Top + area.Bottom) / 2, Y.Title, AxisSize, Palette.Text);
    }

    private static void DrawCurve(SvgWriter svg, Area area, Curve curve, int order)
    {
        var placed = curve.Points.Select(area.Place).ToList();
        for (var i = 0; curve.Intervals is not null && i < placed.Count; i++)
        {
            // Intervals of several series at one place stand beside each other.
            var x = placed[i].X + (1.5 * order);
            svg.Line(x, area.Place((0, curve.Intervals[i].Low)).Y, x, area.Place((0, curve.Intervals[i].High)).Y, curve.Style.Colour);
        }

        var line = Thinning.Thin(placed);
        if (curve.IsFilled) svg.Area(line, area.Bottom, curve.Style);
        svg.Path(line, curve.Style);
        if (curve.IsFilled) return;
        foreach (var (x, y) in curve.MarksPoints ? placed : FewOf(line, area, order)) svg.Mark(x, y, curve.Style);
    }

    /// <summary>Places on a line for a few markers, at other widths than those of the next line.</summary>
    private static IEnumerable<(double X, double Y)> FewOf(List<(double X, double Y)> line, Area area, int order)
    {
        const int Marks = 5;
        for (var mark = 0; mark < Marks; mark++)
        {
            var x = area.Left + ((area.Right - area.Left) * (mark + 0.35 + (0.13 * order % 0.6)) / Marks);
            var next = line.FindIndex(point => point.X >= x);
            if (next <= 0) continue;
            var (from, to) = (line[next - 1], line[next]);
            yield return (x, to.X == from.X ? to.Y : from.Y + ((to.Y - from.Y) * (x - from.X) / (to.X - from.X)));
        }
    }

    private static void DrawCallout(SvgWriter svg, Area area, Callout callout)
    {
        const double Size = 12.5;
        var (x, low) = area.Place((callout.X, callout.Low));
        var high = area.Place((callout.X, callout.High)).Y;
        svg.Line(x, low, x, high, Palette.Text, 1.5);
        svg.Line(x - 4, low, x + 4, low, Palette.Text, 1.5);
        svg.Line(x - 4, high, x + 4, high, Palette.Text, 1.5);
        var fits = x + 10 + TextWidth.Of(callout.Text, Size) < area.Right;
        svg.Text(fits ? x + 10 : x - 10, ((low + high) / 2) + 4, callout.Text, Size, Palette.Text, fits ? "start" : "end", bold: true);
    }

    /// <summary>Where values are drawn.</summary>
    private sealed record Area(double Left, double Top, double Right, double Bottom, PlotAxis X, PlotAxis Y)
    {
        public (double X, double Y) Place((double X, double Y) value) =>
            (Left + ((Right - Left) * Math.Clamp(X.Position(value.X), 0, 1)), Bottom - ((Bottom - Top) * Math.Clamp(Y.Position(value.Y), 0, 1)));
    }
}
