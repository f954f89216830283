using System.Globalization;
using System.Text;

namespace FedLab.Notebook.Data;

/// <summary>What stands below a page: which rows of how many, what is not shown, how to see more.</summary>
internal static class TableFooter
{
    public static string Write(DataFramePage page, int hiddenColumns)
    {
        var text = new StringBuilder(page.Frame.RowCount == 0
            ? FrameMessages.NoRows
            : FrameMessages.RowsShown(page.FirstRow + 1, page.EndRow, page.Frame.RowCount));
        text.Append(" × ").Append(FrameMessages.ColumnCount(page.Frame.Columns.Count));
        if (hiddenColumns > 0) text.Append(FrameMessages.Separator).Append(FrameMessages.ColumnsHidden(hiddenColumns));
        if (page.Count > 1) text.Append(FrameMessages.Separator).Append(FrameMessages.MorePages(page.Number, page.Count, Call(page)));
        return text.ToString();
    }

    /// <summary>What shows the next page, or behind the last the first.</summary>
    private static string Call(DataFramePage page)
    {
        var other = page.Number < page.Count ? page.Number + 1 : 1;
        return page.Rows == DataFramePage.UsualRows
            ? string.Create(CultureInfo.InvariantCulture, $"Page({other})")
            : string.Create(CultureInfo.InvariantCulture, $"Page({other}, {page.Rows})");
    }

    /// <summary>A text on one line, its end cut off where it is long.</summary>
    public static string Shorten(string text, int longest)
    {
        var shown = new StringBuilder(Math.Min(text.Length, longest));
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= longest) return shown.Append('…').ToString();
            shown.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return shown.ToString();
    }
}
