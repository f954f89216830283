using FedLab.Learning.Tests;
using FedLab.Notebook.Data;
using FsCheck.Fluent;

namespace FedLab.Notebook.Tests.Data;

public sealed class DescriptionTests
{
    /// <summary>Figures of pandas 1.5.3: Series([1, 2, 4, 8, 16.5, None]).describe(), .std(), .quantile(0.9).</summary>
    [Fact]
    public void Figures_are_those_of_pandas()
    {
        var column = DataFrameColumn.Create("x", [1, 2, 4, 8, 16.5, double.NaN]);
        Assert.Equal((31.5, 6.3, 1.0, 16.5, 4.0, 5, 1), (column.Sum(), column.Mean(), column.Min(), column.Max(), column.Median(), column.Distinct(), column.NullCount));
        Assert.Equal(6.300794, column.StandardDeviation(), 1e-6);
        Assert.Equal((2.0, 8.0, 13.1), (column.Quantile(0.25), column.Quantile(0.75), Math.Round(column.Quantile(0.9), 10)));
        var none = DataFrameColumn.Create("x", [double.NaN]);
        Assert.All([none.Mean(), none.Median(), none.StandardDeviation()], figure => Assert.True(double.IsNaN(figure)));
        Assert.Equal((0.0, 0), (none.Sum(), none.Distinct()));
    }

    [Fact]
    public void Sorting_by_bits_is_sorting_by_value() =>
        Prop.ForAll<ulong>(seed =>
        {
            var random = new DeterministicRandom(seed);
            var decimals = random.Next(8);
            var values = Enumerable.Range(0, 2_000 + random.Next(1_000)).Select(_ => Math.Round((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(6)), decimals)).ToArray();
            (values[0], values[1], values[2]) = (double.MaxValue, -double.Epsilon, -double.MaxValue);
            var expected = values.Order().ToArray();
            RadixSort.Sort(values);
            Assert.Equal(expected, values);
        }).Search();

    [Fact]
    public void A_sum_keeps_what_plain_addition_loses() => Assert.Equal(2.0, DataFrameColumn.Create("x", [1, 1e100, 1, -1e100]).Sum());

    [Fact]
    public void Describe_says_of_every_column_what_suits_its_type()
    {
        using var english = new Language("en");
        var described = DataFrame.LoadCsvFromString("n,t,f\n1,b,true\n2,a,false\n2,b,\n,,true\n").Describe();
        Assert.Equal(["n", "number", 4.0, 1.0, 2.0], FrameGenerator.RowsOf(described)[0][..5]);
        Assert.Equal(5 / 3.0, (double)described[0, "Mean"]!, 1e-12);
        Assert.Equal([1.0, 1.5, 2.0, 2.0, 2.0, null, null], FrameGenerator.RowsOf(described)[0][7..]);
        Assert.Equal(["t", "text", 4.0, 1.0, 2.0, null, null, null, null, null, null, null, "b", 2.0], FrameGenerator.RowsOf(described)[1]);
        Assert.Equal(["f", "true/false", 4.0, 1.0, 2.0], FrameGenerator.RowsOf(described)[2][..5]);
        using var chinese = new Language("zh-CN");
        var html = DataFrame.LoadCsvFromString("n\n1\n").Describe().Page(1).ToMimeBundle().Single(form => form.Key == "text/html").Value;
        Assert.Contains("标准差", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Info_and_description_have_the_shape_of_Microsoft_Data_Analysis()
    {
        var frame = DataFrame.LoadCsvFromString("n,t\n1,b\n3,\n");
        Assert.Equal(["Length (excluding null values)", "Max", "Min", "Mean"], Assert.IsType<StringDataFrameColumn>(frame.Description()["Description"]));
        Assert.Equal([2.0, 3, 1, 2], Assert.IsType<DoubleDataFrameColumn>(frame.Description()["n"]));
        Assert.Equal(["System.String", "1"], Assert.IsType<StringDataFrameColumn>(frame.Info()["t"]));
    }

    [Fact]
    public void Values_are_counted_most_frequent_first()
    {
        var counts = DataFrameColumn.Create("t", ["b", "a", "b", null, "c", "a", null, null]).ValueCounts();
        Assert.Equal([["a", 2.0], ["b", 2.0], ["c", 1.0], [null, 3.0]], FrameGenerator.RowsOf(counts));
    }
}
