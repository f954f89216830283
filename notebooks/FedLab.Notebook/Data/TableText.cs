using System.Text;

namespace FedLab.Notebook.Data;

/// <summary>A page of a table as text with aligned columns, for terminals and search.</summary>
internal static class TableText
{
    private const int MostColumns = 12;
    private const int LongestCell = 24;
    private const string Missing = "–";

    public static string Write(DataFramePage page)
    {
        var columns = page.Frame.Columns.Take(MostColumns).ToArray();
        var cells = Array.ConvertAll(columns, column => Cells(column, page));
        var text = new StringBuilder();
        for (var line = 0; line <= page.EndRow - page.FirstRow; line++)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                var width = cells[i].Max(Width);
                var padding = new string(' ', width - Width(cells[i][line]));
                text.Append(i == 0 ? "" : "  ").Append(columns[i] is DoubleDataFrameColumn ? padding + cells[i][line] : cells[i][line] + padding);
            }

            while (text.Length > 0 && text[^1] == ' ') text.Length--;
            text.Append('\n');
        }

        return text.Append(TableFooter.Write(page, page.Frame.Columns.Count - columns.Length)).ToString();
    }

    /// <summary>Columns of a terminal that a text takes: East Asian wide characters take two (Unicode Standard Annex 11, roughly).</summary>
    private static int Width(string text)
    {
        var width = 0;
        foreach (var character in text) width += character is >= '\u1100' and <= '\u115F' or >= '\u2E80' and <= '\uA4CF' or >= '\uAC00' and <= '\uD7A3' or >= '\uF900' and <= '\uFAFF' or >= '\uFE30' and <= '\uFE6F' or >= '\uFF00' and <= '\uFF60' ? 2 : 1;
        return width;
    }

    private static string[] Cells(DataFrameColumn column, DataFramePage page)
    {
        var format = CellFormat.Of(column, page.FirstRow, page.EndRow);
        var cells = new string[1 + page.EndRow - page.FirstRow];
        cells[0] = Short(column.Heading);
        for (var row = page.FirstRow; row < page.EndRow; row++)
        {
            var value = column.ValueAt(row);
            cells[1 + row - page.FirstRow] = value.IsMissing ? Missing : Short(format.Write(value));
        }

        return cells;
    }

    private static string Short(string text) => TableFooter.Shorten(text, LongestCell);
}
