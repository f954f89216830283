using System.Net;
using System.Xml.Linq;
using FedLab.Notebook.Data;
using FedLab.Notebook.Display;

namespace FedLab.Notebook.Tests.Data;

public sealed class TableDisplayTests
{
    private static DataFrame Sample => DataFrame.LoadCsvFromString("id,income,rate,sector\n" + string.Concat(Enumerable.Range(0, 45).Select(i => $"k{i},{1000 + i},{(i == 3 ? "" : $"0.{i:00}5")},{(i % 2 == 0 ? "零售" : "retail")}\n")));

    [Fact]
    public void A_page_shows_its_rows_and_says_which_of_how_many()
    {
        using var english = new Language("en");
        var root = Parse(Sample.Page(3));
        var rows = root.Descendants("tbody").Single().Elements("tr").ToArray();
        Assert.Equal(5, rows.Length);
        Assert.Equal(["k40", "1040", "0.405", "零售"], rows[0].Elements().Select(cell => cell.Value));
        Assert.Equal("rows 41–45 of 45 × 4 columns · page 3 of 3, another with Page(1)", root.Descendants("p").Single().Value);
        Assert.EndsWith("page 2 of 5, another with Page(3, 10)", Parse(Sample.Page(2, 10)).Descendants("p").Single().Value, StringComparison.Ordinal);
        Assert.Equal(20, Parse(Sample).Descendants("tbody").Single().Elements("tr").Count());
        Assert.Equal("text-align:right", Parse(Sample).Descendants("td").ElementAt(1).Attribute("style")!.Value);
        var missing = Parse(Sample).Descendants("tbody").Single().Elements("tr").ElementAt(3).Elements("td").ElementAt(2);
        Assert.Equal("–", missing.Value);
        Assert.Equal("missing", missing.Elements().Single().Attribute("title")!.Value);
        using var chinese = new Language("zh-CN");
        Assert.StartsWith("第 1–20 行，共 45 行 × 4 列", Parse(Sample).Descendants("p").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_a_cell_or_a_name_holds_is_text()
    {
        const string Hostile = "<img src=x onerror=alert(1)>\"'&</td><script>alert(2)</script>";
        var html = Html(new DataFrame(DataFrameColumn.Create(Hostile, [Hostile, new string('x', 9_000) + Hostile, "\0\u0007"])));
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Contains(WebUtility.HtmlEncode("<img src=x onerror=alert(1)>"), html, StringComparison.Ordinal);
        Assert.True(html.Length < 4_000, "A long cell is cut.");
        Assert.Equal(0, html.Count(char.IsControl) - html.Count(c => c == '\n'));
    }

    [Fact]
    public void Numbers_of_a_column_have_the_same_decimals_and_large_ones_an_exponent()
    {
        var frame = new DataFrame(DataFrameColumn.Create("d", [1, 2.5, 100.125, double.NaN]), DataFrameColumn.Create("i", [1d, 20_000, -3, -0.0]), DataFrameColumn.Create("e", [1e20, 1.23456789e-9, 0, 1]), DataFrameColumn.Create("t", [1 / 3.0, 2 / 3.0, 1, 0]));
        var cells = Parse(frame).Descendants("tbody").Single().Elements("tr").Select(row => row.Elements("td").Select(cell => cell.Value).ToArray()).ToArray();
        Assert.Equal([["1.000", "1", "1E+20", "0.333333"], ["2.500", "20000", "1.23457E-09", "0.666667"], ["100.125", "-3", "0", "1.000000"], ["–", "0", "1", "0.000000"]], cells);
    }

    [Fact]
    public void The_text_form_has_columns_that_stand_below_each_other()
    {
        using var english = new Language("en");
        var frame = new DataFrame(DataFrameColumn.Create("name", ["零售", "a", null]), DataFrameColumn.Create("x", [1, 22.5, double.NaN]));
        Assert.Equal("name     x\n零售   1.0\na     22.5\n–        –\nrows 1–3 of 3 × 2 columns", frame.ToString());
        Assert.Equal("no rows × 1 column", DataFrame.LoadCsvFromString("a\n").ToString().Split('\n')[1]);
        Assert.True(frame.ToMimeBundle().TryGet(MimeBundle.Text, out var text) && text == frame.ToString());
    }

    [Fact]
    public void Columns_rows_and_groups_show_themselves_as_tables()
    {
        Assert.Equal(Html(Sample.Select("rate")), Html(Sample["rate"]));
        Assert.Equal(Html(Sample), Html(Sample.Rows));
        Assert.Equal(Html(Sample.GroupBy("sector").Size()), Html(Sample.GroupBy("sector")));
    }

    [Fact]
    public void A_wide_frame_says_how_many_columns_it_does_not_show()
    {
        using var english = new Language("en");
        var frame = new DataFrame(Enumerable.Range(0, 70).Select(i => DataFrameColumn.Create($"c{i}", [i])));
        Assert.Equal(60, Parse(frame).Descendants("thead").Descendants("th").Count());
        Assert.Contains("10 columns not shown", Html(frame), StringComparison.Ordinal);
    }

    private static string Html(IRichDisplay shown) => shown.ToMimeBundle().TryGet(MimeBundle.Html, out var html) ? html : throw new InvalidOperationException();

    private static XElement Parse(IRichDisplay shown) => XDocument.Parse(Html(shown)).Root!;
}
