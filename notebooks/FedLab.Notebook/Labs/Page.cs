using System.Globalization;
using System.Net;
using System.Text;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>How sure a sentence makes the reader.</summary>
internal enum Tone
{
    /// <summary>It only tells.</summary>
    Plain,

    /// <summary>Something holds.</summary>
    Good,

    /// <summary>Something deserves a look.</summary>
    Caution,

    /// <summary>Something does not hold.</summary>
    Bad,
}

/// <summary>
/// What a value shows, put together once for both forms: HTML for a notebook, text for terminals and search. The HTML takes its colours from the page around it, so
/// that it can be read in light and dark themes, and escapes everything that it is given.
/// </summary>
internal sealed class Page
{
    /// <summary>Rows of a table that are shown; the text says how many more there are.</summary>
    public const int MaximumRows = 100;

    /// <summary>Letters of a cell that is not broken into lines, as names are.</summary>
    private const int WholeCell = 20;

    private const string LineStyle = "border-bottom:1px solid rgba(128,128,128,.35)";

    private readonly StringBuilder _html = new("<div style=\"font-size:90%;line-height:1.45\">");
    private readonly StringBuilder _text = new();

    /// <summary>A heading.</summary>
    public Page Title(string title)
    {
        _html.Append("<div style=\"font-weight:bold;font-size:110%;margin:.4em 0 .2em\">").Append(Encode(title)).Append("</div>");
        if (_text.Length > 0) _text.Append('\n');
        _text.Append(title).Append('\n');
        return this;
    }

    /// <summary>A sentence.</summary>
    public Page Sentence(string sentence, Tone tone = Tone.Plain)
    {
        _html.Append("<div style=\"margin:.3em 0").Append(StyleOf(tone)).Append("\">").Append(Encode(sentence)).Append("</div>");
        _text.Append(sentence).Append('\n');
        return this;
    }

    /// <summary>Names and values, one pair a line.</summary>
    public Page Facts(IEnumerable<(string Name, string? Value)> facts)
    {
        (string Name, string Value)[] known = [.. facts.Where(fact => !string.IsNullOrEmpty(fact.Value)).Select(fact => (fact.Name, fact.Value!))];
        if (known.Length == 0) return this;
        _html.Append("<table style=\"border-collapse:collapse;margin:.2em 0\">");
        var width = known.Max(fact => WidthOf(fact.Name));
        foreach (var (name, value) in known)
        {
            _html.Append("<tr style=\"background:none\"><td style=\"text-align:left;padding:1px 1.2em 1px 0;opacity:.75\">").Append(Encode(name))
                .Append("</td><td style=\"text-align:left;padding:1px 0;overflow-wrap:anywhere\">").Append(Encode(value)).Append("</td></tr>");
            _text.Append("  ").Append(name).Append(' ', width - WidthOf(name) + 2).Append(value).Append('\n');
        }
        _html.Append("</table>");
        return this;
    }

    /// <summary>A table; of more than <see cref="MaximumRows"/> rows the first.</summary>
    /// <param name="headers">The columns' names.</param>
    /// <param name="rows">The rows; an empty cell is a dash, an empty header nothing.</param>
    /// <param name="leftColumns">How many columns from the left hold text; those after them hold numbers and stand at the right.</param>
    public Page Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string?>> rows, int leftColumns = 1)
    {
        List<IReadOnlyList<string?>> all = [.. rows];
        IReadOnlyList<string?>[] shown = [.. all.Take(MaximumRows)];
        _html.Append("<table style=\"border-collapse:collapse;margin:.3em 0\"><thead><tr style=\"").Append(LineStyle).Append("\">");
        for (var column = 0; column < headers.Count; column++) Cell("th", headers[column], column);
        _html.Append("</tr></thead><tbody>");
        foreach (var row in shown)
        {
            _html.Append("<tr style=\"background:none\">");
            for (var column = 0; column < headers.Count; column++) Cell("td", row[column], column);
            _html.Append("</tr>");
        }
        _html.Append("</tbody></table>");

        int[] widths = [.. headers.Select((header, column) => Math.Max(WidthOf(header), shown.Select(row => WidthOf(Or(row[column]))).DefaultIfEmpty().Max()))];
        foreach (var row in shown.Prepend(headers))
        {
            for (var column = 0; column < headers.Count; column++)
            {
                var cell = ReferenceEquals(row, headers) ? headers[column] : Or(row[column]);
                var space = widths[column] - WidthOf(cell);
                _text.Append("  ").Append(' ', column < leftColumns ? 0 : space).Append(cell);
                if (column < leftColumns && column < headers.Count - 1) _text.Append(' ', space);
            }
            _text.Append('\n');
        }
        if (all.Count == 0) Sentence(LabMessages.NothingHere);
        if (all.Count > shown.Length) Sentence(LabMessages.MoreRows((all.Count - shown.Length).ToString("N0", CultureInfo.InvariantCulture)));
        return this;

        void Cell(string element, string? value, int column) => _html.Append('<').Append(element).Append(" style=\"text-align:").Append(column < leftColumns ? "left" : "right")
            .Append(";padding:2px 1em 2px 0;vertical-align:top").Append(column >= leftColumns || value is { Length: <= WholeCell } ? ";white-space:nowrap" : "").Append("\">").Append(value is null || (value.Length == 0 && element != "th") ? "<span style=\"opacity:.5\">–</span>" : Encode(value)).Append("</").Append(element).Append('>');
    }

    /// <summary>Something that is folded away at first, which needs no script; in the text it stands in full.</summary>
    /// <param name="summary">What stands there instead.</param>
    /// <param name="content">Writes it.</param>
    public Page Fold(string summary, Action<Page> content)
    {
        _html.Append("<details style=\"margin:.3em 0\"><summary>").Append(Encode(summary)).Append("</summary>");
        _text.Append(summary).Append('\n');
        content(this);
        _html.Append("</details>");
        return this;
    }

    /// <summary>A bar.</summary>
    /// <param name="share">How much of it is full, 0 to 1; null where nobody knows.</param>
    public Page Bar(double? share)
    {
        var percent = (100 * Math.Clamp(share ?? 0, 0, 1)).ToString("F1", CultureInfo.InvariantCulture);
        _html.Append("<div role=\"progressbar\" aria-valuemin=\"0\" aria-valuemax=\"100\"").Append(share is null ? "" : $" aria-valuenow=\"{percent}\"")
            .Append(" style=\"height:.6em;max-width:32em;margin:.3em 0;border-radius:.3em;background:rgba(128,128,128,.25)\"><div style=\"height:100%;border-radius:.3em;background:#3b82c4;width:")
            .Append(percent).Append("%\"></div></div>");
        return this;
    }

    /// <summary>Both forms.</summary>
    public MimeBundle ToBundle() => new()
    {
        { MimeBundle.Html, _html + "</div>" },
        { MimeBundle.Text, _text.ToString().TrimEnd('\n') },
    };

    private static string Or(string? cell) => string.IsNullOrEmpty(cell) ? "–" : cell.ReplaceLineEndings(" ");

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    // Mid tones, which can be read on white and on black.
    private static string StyleOf(Tone tone) => tone switch
    {
        Tone.Good => ";color:#2e8b57;font-weight:600",
        Tone.Caution => ";color:#a9690a;font-weight:600",
        Tone.Bad => ";color:#d94a3d;font-weight:600",
        _ => "",
    };

    /// <summary>Columns that a text takes on a terminal: Chinese letters and full-width marks take two.</summary>
    private static int WidthOf(string text) => text.EnumerateRunes().Sum(rune => rune.Value is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x20000 and <= 0x3FFFD ? 2 : 1);
}
