using System.Globalization;
using FedLab.Kernel.Session;
using FedLab.Notebook.Display;

namespace FedLab.Kernel.Tests.Session;

/// <summary>Completion and inspection.</summary>
public sealed class LookupTests
{
    public LookupTests() => CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");

    [Theory]
    [InlineData("Console.WriteL", "WriteLine", true)]
    [InlineData("new List<int>().Wher", "Where", true)]
    [InlineData("rows.Cou", "Count", true)]
    [InlineData("rows?.Cou", "Count", true)]
    [InlineData("rows.Select(row => row.Na", "Name", true)]
    [InlineData("foreach (var r in rows) { r.Na", "Name", true)]
    [InlineData("var total = 1;\ntot", "total", true)]
    [InlineData("Twi", "Twice", true)]
    [InlineData("new System.Text.StringB", "StringBuilder", true)]
    [InlineData("disp", "display", true)]
    [InlineData("whil", "while", true)]
    [InlineData("Math.Max(va", "val1:", true)]
    [InlineData("new Row(Na", "Name:", true)]
    [InlineData("new Row(\"a\") { Ra", "Rate", true)]
    [InlineData("rows[0] with { Ra", "Rate", true)]
    [InlineData("$\"{rows.Cou", "Count", true)]
    [InlineData("var s = \"Console.WriteL", "WriteLine", false)]
    [InlineData("// Console.WriteL", "WriteLine", false)]
    [InlineData("rows.Equals2", "Equals", false)]
    [InlineData("Console.Cou", "Count", false)]
    public void Names_are_proposed_where_they_fit(string code, string name, bool fits)
    {
        var cells = Declared();
        if (fits) Assert.Contains(name, cells.Proposals(code));
        else Assert.DoesNotContain(name, cells.Proposals(code));
    }

    [Fact]
    public void Nothing_typed_proposes_the_notebooks_own_names_first_of_all()
    {
        var proposals = Declared().Proposals("");
        Assert.Contains("rows", proposals);
        Assert.Contains("Row", proposals);
        Assert.DoesNotContain("AppDomain", proposals);
    }

    [Fact]
    public void Any_place_of_any_half_of_a_cell_is_survived()
    {
        const string Code = "#!csharp\nvar x = rows?.Select(r => new Row(r.Name) { Rate = 1 }).ToList()!;\n$\"{x[0].Name,5:N2}\" + @\"a\" + '\\n' // ?\n";
        var cells = Declared();
        for (var cut = 0; cut <= Code.Length; cut++)
        {
            Completion.Complete(cells.Session, Code[..cut], cut);
            Completion.Complete(cells.Session, Code, cut);
            Inspection.Inspect(cells.Session, Code, cut, detailed: true);
            Inspection.Inspect(cells.Session, Code[..cut], cut, detailed: false);
        }
    }

    [Theory]
    [InlineData("Console.WriteLine(\"x\")", 12, "void Console.WriteLine(string? value)")]
    [InlineData("Console.WriteLine(\"x\")", 12, "Writes the specified string value")]
    [InlineData("Console.WriteLine(\"x\")", 18, "Further overloads:")]
    [InlineData("new List<int>()", 6, "class List<int>")]
    [InlineData("List<int>", 9, "strongly typed list")]
    [InlineData("rows.Select(r => r.Name)", 7, "Projects each element")]
    [InlineData("rows", 4, "List<Row> rows")]
    [InlineData("Twice(3)", 6, "int Twice(int x)")]
    [InlineData("NotebookHost.Interrupted", 20, "Cancelled when the person")]
    [InlineData("display(1)", 3, "Shows a value below the cell")]
    [InlineData("new MemoryStream().Read", 23, "Reads a sequence of bytes|Reads a block of bytes")]
    public void Meanings_are_explained(string code, int cursor, string said)
    {
        var found = Inspection.Inspect(Declared().Session, code, cursor, detailed: false);
        Assert.NotNull(found);
        Assert.True(found.TryGet(MimeBundle.Text, out var text));
        Assert.Contains(said.Split('|'), part => text.Contains(part, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nobody", 3)]
    [InlineData("", 0)]
    [InlineData("1 + 1", 2)]
    public void Nothing_is_said_about_nothing(string code, int cursor) => Assert.Null(Inspection.Inspect(Declared().Session, code, cursor, detailed: false));

    private static Cells Declared()
    {
        var cells = new Cells();
        cells.Value("record Row(string Name) { public double Rate { get; set; } }\nint Twice(int x) => 2 * x;\nvar rows = new List<Row> { new(\"a\") };");
        return cells;
    }
}
