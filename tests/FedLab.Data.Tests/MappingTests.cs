namespace FedLab.Data.Tests;

public sealed class MappingTests : TestFolder
{
    [Fact]
    public void Special_codes_are_missing_in_numbers_and_in_texts()
    {
        var data = Read("id,a,b,c\nk1,-99,unknown,x\nk2,5,7,-99.0\nk3,-99.0,99999,y\nk4,,8,\n", o => o with
        {
            Mappings = new Dictionary<string, ColumnMapping>
            {
                ["a"] = new() { Missing = ["-99"] },
                ["b"] = new() { Missing = ["unknown", "99999"] },
                ["c"] = new() { Type = ColumnType.Category, Missing = ["y"] },
            },
        });
        Assert.Equal([double.NaN, 5, double.NaN, double.NaN], Numbers(data, "a"));
        Assert.Equal([double.NaN, 7, double.NaN, 8], Numbers(data, "b"));
        Assert.Equal(["x", "-99.0", null, null], Texts(data, "c"));
        Assert.Equal([.75, .5, .5], data.Report.Missing.Select(m => m.Share));
    }

    [Fact]
    public void Booleans_are_one_and_zero_in_every_usual_spelling()
    {
        var data = Read("id,b\na,true\nb,F\nc,是\nd,no\ne,1\nf,0\ng,NA\nh,Y\n", o => o with { Mappings = Map("b", new ColumnMapping { Type = ColumnType.Boolean }) });
        Assert.Equal([1, 0, 1, 0, 1, 0, double.NaN, 1], Numbers(data, "b"));
        Refuses(() => Read("id,b\na,true\nb,perhaps\n", o => o with { Mappings = Map("b", new ColumnMapping { Type = ColumnType.Boolean }) }), "line 3", "\"b\"", "\"perhaps\"");
        Refuses(() => Read("id,b\na,true\nb,2\n", o => o with { Mappings = Map("b", new ColumnMapping { Type = ColumnType.Boolean }) }), "line 3", "\"2\"");
        var labels = Read("id,y\na,yes\nb,no\n", o => o with { LabelColumn = "y", Mappings = Map("y", new ColumnMapping { Type = ColumnType.Boolean }) });
        Assert.Equal([1, 0], labels.Labels!);
    }

    [Fact]
    public void Dates_are_days_since_1970()
    {
        var data = Read("id,d,e\na,1970-01-01,19700102\nb,2024-01-31T06:00:00Z,20240131\nc,2024-01-31 08:00:00+02,\nd,1969-12-31 12:00:00.000,18991231\ne,,99991231\n", o => o with
        {
            Mappings = new Dictionary<string, ColumnMapping> { ["d"] = new() { Type = ColumnType.Date }, ["e"] = new() { Type = ColumnType.Date, Format = "yyyyMMdd", Missing = ["99991231"] } },
        });
        Assert.Equal([0, 19753.25, 19753.25, -.5, double.NaN], Numbers(data, "d"));
        Assert.Equal([1, 19753, double.NaN, -25568, double.NaN], Numbers(data, "e"));
        Refuses(() => Read("id,d\na,2024-01-31\nb,31.1.2024\n", o => o with { Mappings = Map("d", new ColumnMapping { Type = ColumnType.Date }) }), "line 3", "\"31.1.2024\"", "yyyy-MM-dd");
        Refuses(() => Read("id,d\na,20240131\nb,20240230\n", o => o with { Mappings = Map("d", new ColumnMapping { Type = ColumnType.Date, Format = "yyyyMMdd" }) }), "line 3", "\"20240230\"", "yyyyMMdd");
    }

    [Fact]
    public void A_column_mapped_to_numbers_refuses_the_first_word_and_one_mapped_to_categories_keeps_its_spelling()
    {
        Refuses(() => Read("id,x\na,word\nb,other\n", o => o with { Mappings = Map("x", new ColumnMapping { Type = ColumnType.Number }) }), "line 2", "\"word\"", "missing");
        Refuses(() => Read("id,x\na,1\nb,Infinity\n", o => o with { Mappings = Map("x", new ColumnMapping { Type = ColumnType.Number }) }), "line 3", "infinite");
        Refuses(() => Read("id,x\na,1\nb,inf\n", o => o with { Mappings = Map("x", new ColumnMapping { Type = ColumnType.Number }) }), "line 3", "infinite");
        Assert.Equal(["01", "1"], Texts(Read("id,x\na,01\nb,1\n", o => o with { Mappings = Map("x", new ColumnMapping { Type = ColumnType.Category }) }), "x"));
    }

    [Fact]
    public void A_mapping_of_a_column_that_is_no_feature_is_refused()
    {
        var number = new ColumnMapping { Type = ColumnType.Number };
        Refuses(() => Read("id,x\na,1\n", o => o with { Mappings = Map("y", number) }), "\"y\"", "mapping", "There are: id, x");
        Refuses(() => Read("id,x\na,1\n", o => o with { Mappings = Map("id", number) }), "\"id\"", "key column", "mapping");
        Refuses(() => Read("id,x\na,1\n", o => o with { LabelColumn = "x", Mappings = Map("x", number) }), "\"x\"", "label column");
        Refuses(() => Read("id,x\na,1\n", o => o with { CategoricalColumns = ["x"], Mappings = Map("x", number) }), "\"x\"", "categorical");
    }

    [Fact]
    public void Of_several_errors_the_first_row_is_reported()
    {
        Refuses(() => Read("id,a,y\nk1,1,0\nk2,2,5\nk3,inf,1\nk4,1\n", o => o with { LabelColumn = "y" }), "line 3", "\"y\"");
        Refuses(() => Read("id,a,y\nk1,inf,0\nk2,2,5\n", o => o with { LabelColumn = "y" }), "line 2", "\"a\"");
        Refuses(() => Read("id,a,y\nk1,1,0\nk2,2\nk3,2,5\n", o => o with { LabelColumn = "y" }), "line 3", "2 fields");
    }

    [Fact]
    public void The_report_says_what_every_column_was_read_as()
    {
        var data = Read("id,y,q,n,t,u\n91310000A1,0,a,1,x,\nb,1,b,,x,\n", o => o with { LabelColumn = "y", FoldColumn = "q", ExcludedColumns = ["u"] });
        Assert.Equal([ColumnUse.Key, ColumnUse.Label, ColumnUse.Fold, ColumnUse.Number, ColumnUse.Category, ColumnUse.Excluded], data.Report.Columns.Select(c => c.Use));
        Assert.Equal([null, null, null, .5, 0, null], data.Report.Columns.Select(c => c.Missing));
        Assert.Equal(1, data.Report.Columns[4].Categories);
        Assert.Equal(new KeyValidity(0, 0, 2), data.Report.Keys);
    }

    private static Dictionary<string, ColumnMapping> Map(string name, ColumnMapping mapping) => new() { [name] = mapping };

    private static void Refuses(Action read, params string[] parts)
    {
        var error = Assert.Throws<DataFormatException>(read);
        foreach (var part in parts) Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
