using System.Net;
using System.Text;
using FedLab.Notebook.Data;
using FedLab.Notebook.Display;
using FedLab.Notebook.Plots.Charts;

namespace FedLab.Notebook.Plots;

/// <summary>
/// A picture of results, drawn as SVG without script: it reads in light and dark themes, says in words what it shows, and its bytes depend
/// on nothing but its data and the language. Shown where it is the value of a cell.
/// <code>
/// Plot.RocCurve(new ScoredRows("joint", joint, labels), new ScoredRows("bank only", own, labels)).SaveSvg("roc.svg");
/// </code>
/// </summary>
public sealed partial class Plot : IRichDisplay
{
    private readonly Func<Chart> _draw;

    /// <summary>A plot that is drawn when it is shown, in the language of that moment.</summary>
    private Plot(Func<Chart> draw) => _draw = draw;

    /// <summary>What the plot shows, in words, with its figures.</summary>
    public string Summary => _draw().Summary;

    /// <summary>The picture.</summary>
    public string ToSvg() => _draw().ToSvg();

    /// <summary>Writes the picture into a file; it appears whole or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <exception cref="FrameException">Writing failed; the message says what to do.</exception>
    public void SaveSvg(string path)
    {
        var svg = Encoding.UTF8.GetBytes(ToSvg());
        NotebookFile.Write(path, async (stream, token) => await stream.WriteAsync(svg, token).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle()
    {
        var chart = _draw();
        var svg = chart.ToSvg();
        return new MimeBundle { { MimeBundle.Text, chart.Summary }, { MimeBundle.Html, ImageOf(svg, chart.Summary) }, { MimeBundle.Svg, svg } };
    }

    /// <summary>What the plot shows, in words.</summary>
    public override string ToString() => Summary;

    /// <summary>
    /// The picture as an image element. nbconvert 6.5 takes every element out of an SVG output, and notebooks that are not trusted show none;
    /// an image they show, or at least the words that stand for it.
    /// </summary>
    private static string ImageOf(string svg, string summary) =>
        $"<img src=\"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(svg))}\" alt=\"{WebUtility.HtmlEncode(summary)}\" style=\"max-width:100%\">";
}
