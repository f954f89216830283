using System.Globalization;
using System.Text;
using System.Xml;

namespace FedLab.Notebook.Plots.Charts;

/// <summary>
/// Writes one SVG picture. It holds no script, no style sheet and no identifiers, which would meet those of other pictures on the same
/// page; every text is escaped; coordinates have two decimals, so that the same picture is the same bytes everywhere.
/// </summary>
internal sealed class SvgWriter
{
    /// <summary>Fonts of the systems that notebooks run on, with a Chinese one for each.</summary>
    private const string Fonts = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif";

    private readonly StringBuilder _svg = new();

    /// <summary>Starts a picture: its size, what it is to those who do not see it, and the panel that it stands on.</summary>
    public SvgWriter(double width, double height, string title, string description)
    {
        Append($"""<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" style="max-width:100%;height:auto" font-family="{Fonts}" aria-label="{Escape(title)}">""");
        Append($"<title>{Escape(title)}</title>");
        Append($"<desc>{Escape(description)}</desc>");
        Append($"""<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6" fill="{Palette.Panel}" stroke="{Palette.PanelEdge}"/>""");
    }

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string colour, double width = 1, string dashes = "") =>
        Append($"""<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}"{Dashes(dashes)}/>""");

    /// <summary>A line through points.</summary>
    public void Path(IReadOnlyList<(double X, double Y)> points, SeriesStyle style)
    {
        if (points.Count == 0) return;
        Append($"""<path d="{PathData(points)}" fill="none" stroke="{style.Colour}" stroke-width="2" stroke-linejoin="round"{Dashes(style.Dashes)}/>""");
    }

    /// <summary>The area between a line and a base.</summary>
    public void Area(IReadOnlyList<(double X, double Y)> points, double bottom, SeriesStyle style)
    {
        if (points.Count == 0) return;
        Append($"""<path d="{PathData(points)}V{bottom}H{points[0].X}Z" fill="{style.Colour}" fill-opacity="0.15" stroke="none"/>""");
    }

    /// <summary>A filled rectangle with its series' stripes, which are the dashes of a line as thick as it is high.</summary>
    public void Bar(double x, double y, double width, double height, SeriesStyle style)
    {
        Append($"""<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{style.Colour}"/>""");
        if (style.Stripes.Length > 0 && width > 4) Line(x + 3, y + (height / 2), x + width, y + (height / 2), Palette.Panel, height, style.Stripes);
    }

    /// <summary>A series' marker.</summary>
    public void Mark(double x, double y, SeriesStyle style)
    {
        const double Size = 3.8;
        var path = style.Marker switch
        {
            Marker.Circle => string.Create(Coordinates.Format, $"M{x - Size} {y}a{Size} {Size} 0 1 0 {2 * Size} 0a{Size} {Size} 0 1 0 {-2 * Size} 0Z"),
            Marker.Square => string.Create(Coordinates.Format, $"M{x - Size} {y - Size}h{2 * Size}v{2 * Size}h{-2 * Size}Z"),
            Marker.Triangle => string.Create(Coordinates.Format, $"M{x} {y - (1.3 * Size)}L{x + (1.25 * Size)} {y + Size}h{-2.5 * Size}Z"),
            _ => string.Create(Coordinates.Format, $"M{x} {y - (1.4 * Size)}l{1.4 * Size} {1.4 * Size}l{-1.4 * Size} {1.4 * Size}l{-1.4 * Size} {-1.4 * Size}Z"),
        };
        Append($"""<path d="{path}" fill="{style.Colour}" stroke="{Palette.Panel}"/>""");
    }

    /// <summary>A text.</summary>
    /// <param name="x">Where it begins, has its middle, or ends.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">The text.</param>
    /// <param name="size">Height of the letters.</param>
    /// <param name="colour">Colour.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="bold">Whether it is bold.</param>
    public void Text(double x, double y, string text, double size, string colour, string anchor = "start", bool bold = false) =>
        Append($"""<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{(bold ? " font-weight=\"600\"" : "")}>{Escape(text)}</text>""");

    /// <summary>A text that runs from bottom to top, with its middle at a point.</summary>
    public void UprightText(double x, double y, string text, double size, string colour) =>
        Append($"""<text transform="translate({x} {y}) rotate(-90)" font-size="{size}" fill="{colour}" text-anchor="middle">{Escape(text)}</text>""");

    /// <summary>Ends the picture.</summary>
    public override string ToString() => _svg + "</svg>\n";

    private void Append(FormattableString element) => _svg.AppendFormat(Coordinates.Format, element.Format, element.GetArguments()).Append('\n');

    private static string Dashes(string dashes) => dashes.Length == 0 ? "" : $" stroke-dasharray=\"{dashes}\"";

    private static string PathData(IReadOnlyList<(double X, double Y)> points)
    {
        var data = new StringBuilder();
        for (var i = 0; i < points.Count; i++) data.Append(Coordinates.Format, $"{(i == 0 ? 'M' : 'L')}{points[i].X} {points[i].Y}");
        return data.ToString();
    }

    /// <summary>A text as XML holds it; characters that XML does not allow become U+FFFD.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var character = text[i];
            if (i + 1 < text.Length && char.IsSurrogatePair(character, text[i + 1]))
            {
                escaped.Append(character).Append(text[++i]);
                continue;
            }

            _ = character switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                '"' => escaped.Append("&quot;"),
                _ => escaped.Append(XmlConvert.IsXmlChar(character) ? character : '\uFFFD'),
            };
        }

        return escaped.ToString();
    }

    /// <summary>Writes numbers with at most two decimals, everything else as it is.</summary>
    private sealed class Coordinates : IFormatProvider, ICustomFormatter
    {
        public static readonly Coordinates Format = new();

        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : CultureInfo.InvariantCulture.GetFormat(formatType!);

        string ICustomFormatter.Format(string? format, object? arg, IFormatProvider? formatProvider)
        {
            if (arg is not double number) return Convert.ToString(arg, CultureInfo.InvariantCulture) ?? "";
            var rounded = Math.Round(number, 2, MidpointRounding.AwayFromZero);
            return (rounded == 0 ? 0 : rounded).ToString("0.##", CultureInfo.InvariantCulture);
        }
    }
}
