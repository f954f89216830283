using System.Net;
using System.Text;

namespace FedLab.Notebook.Data;

/// <summary>
/// A page of a table as HTML: no script, colours taken from the page around it, so that it reads in light and dark themes. What matters
/// stands at the elements themselves, because notebooks that are not trusted lose their style sheets.
/// </summary>
internal static class TableHtml
{
    private const int MostColumns = 60;
    private const int LongestCell = 80;
    private const int LongestHint = 500;

    private const string Style = """
        <style>
        .fedlab-frame{overflow-x:auto;max-width:100%;color:inherit}
        .fedlab-frame table{border-collapse:collapse;border:0;font-size:.9em;font-variant-numeric:tabular-nums;margin:.3em 0;color:inherit}
        .fedlab-frame th,.fedlab-frame td{padding:.25em .7em;border:0;border-bottom:1px solid rgba(128,128,128,.3);white-space:nowrap;background:none;color:inherit;vertical-align:top}
        .fedlab-frame thead th{font-weight:600;border-bottom:2px solid rgba(128,128,128,.6)}
        .fedlab-frame tbody tr:nth-child(even){background:rgba(128,128,128,.08)}
        .fedlab-frame .missing{opacity:.6}
        .fedlab-frame p{font-size:.85em;opacity:.8;margin:.3em 0}
        </style>
        """;

    public static string Write(DataFramePage page)
    {
        var columns = page.Frame.Columns.Take(MostColumns).ToArray();
        var formats = Array.ConvertAll(columns, column => CellFormat.Of(column, page.FirstRow, page.EndRow));
        var html = new StringBuilder("<div class=\"fedlab-frame\">").Append(Style).Append("<table><thead><tr>");
        foreach (var column in columns)
        {
            html.Append("<th scope=\"col\"").Append(Alignment(column));
            if (column.Heading != column.Name) AppendHint(html, column.Name);
            html.Append('>');
            AppendText(html, TableFooter.Shorten(column.Heading, LongestCell)).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        for (var row = page.FirstRow; row < page.EndRow; row++)
        {
            html.Append("<tr>");
            for (var i = 0; i < columns.Length; i++) AppendCell(html, columns[i], formats[i], row);
            html.Append("</tr>\n");
        }

        html.Append("</tbody></table><p>");
        return AppendText(html, TableFooter.Write(page, page.Frame.Columns.Count - columns.Length)).Append("</p></div>").ToString();
    }

    private static void AppendCell(StringBuilder html, DataFrameColumn column, CellFormat format, int row)
    {
        var value = column.ValueAt(row);
        html.Append("<td").Append(Alignment(column));
        if (value.IsMissing)
        {
            html.Append("><span class=\"missing\" title=\"");
            AppendText(html, FrameMessages.Missing).Append("\">–</span></td>");
            return;
        }

        var text = format.Write(value);
        if (text.Length > LongestCell) AppendHint(html, TableFooter.Shorten(text, LongestHint));
        html.Append('>');
        AppendText(html, TableFooter.Shorten(text, LongestCell)).Append("</td>");
    }

    private static string Alignment(DataFrameColumn column) => column is DoubleDataFrameColumn ? " style=\"text-align:right\"" : " style=\"text-align:left\"";

    private static void AppendHint(StringBuilder html, string hint)
    {
        html.Append(" title=\"");
        AppendText(html, hint).Append('"');
    }

    private static StringBuilder AppendText(StringBuilder html, string text) => html.Append(WebUtility.HtmlEncode(text));
}
