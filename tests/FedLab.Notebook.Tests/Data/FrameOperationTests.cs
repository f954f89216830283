using FedLab.Learning;
using FedLab.Notebook.Data;
using FsCheck.Fluent;

namespace FedLab.Notebook.Tests.Data;

/// <summary>Operations against the same in LINQ over plain rows.</summary>
public sealed class FrameOperationTests
{
    [Fact]
    public void Filters_sorts_and_slices_are_those_of_LINQ() =>
        Prop.ForAll<ulong>(seed =>
        {
            var frame = FrameGenerator.Frame(seed);
            var rows = FrameGenerator.RowsOf(frame);
            Assert.Equal(rows.Where(row => row[0] is > 1.0 && (string?)row[1] == "retail"), FrameGenerator.RowsOf(frame.Where(row => row["k1"] > 1 && row["k2"] == "retail")));
            Assert.Equal(rows.Where(row => row[0] is > 1.0 && row[2] is not true), FrameGenerator.RowsOf(frame[(frame["k1"] > 1) & frame["flag"].ElementwiseNotEquals("true")]));
            Assert.Equal(rows.Where(row => row[3] is double v && row[0] is double k && v >= k), FrameGenerator.RowsOf(frame.Filter(frame["value"].ElementwiseGreaterThanOrEqual(frame["k1"]))));
            Assert.Equal(rows.OrderBy(row => row[3] is null).ThenBy(row => row[3]), FrameGenerator.RowsOf(frame.OrderBy("value")));
            Assert.Equal(rows.OrderBy(row => row[0] is not null).ThenByDescending(row => row[0]), FrameGenerator.RowsOf(frame.OrderByDescending("k1", putNullValuesLast: false)));
            Assert.Equal(rows.OrderBy(row => row[1] is null).ThenBy(row => (string?)row[1], StringComparer.Ordinal), FrameGenerator.RowsOf(frame.OrderBy("k2")));
            Assert.Equal(rows.Take(3), FrameGenerator.RowsOf(frame.Head(3)));
            Assert.Equal(rows.TakeLast(3), FrameGenerator.RowsOf(frame.Tail(3)));
            Assert.Equal(rows.Where(row => !row.Contains(null)), FrameGenerator.RowsOf(frame.DropNulls()));
            Assert.Equal(rows.Where(row => row.Any(value => value is not null)), FrameGenerator.RowsOf(frame.DropNulls(DropNullOptions.All)));
            Assert.Equal([.. rows, .. rows], FrameGenerator.RowsOf(frame.Append(frame.Select("value", "flag", "k2", "k1"))));
            Assert.Equal(rows.Select(row => new[] { row[0] ?? -1.0, row[1] ?? "?", row[2], row[3] ?? -1.0 }), FrameGenerator.RowsOf(frame.FillNulls(-1).FillNulls("?")));
        }).Search();

    [Fact]
    public void Groups_are_those_of_LINQ_in_the_order_in_which_they_appear() =>
        Prop.ForAll<ulong>(seed =>
        {
            var frame = FrameGenerator.Frame(seed);
            var groups = FrameGenerator.RowsOf(frame).GroupBy(row => (row[0], row[1])).ToArray();
            var by = frame.GroupBy("k1", "k2");
            Assert.Equal(groups.Length, by.GroupCount);
            Check(by.Mean("value"), values => values.Length == 0 ? null : values.Average());
            Check(by.Sum("value"), values => values.Sum());
            Check(by.Min("value"), values => values.Length == 0 ? null : values.Min());
            Check(by.Max("value"), values => values.Length == 0 ? null : values.Max());
            Check(by.Count("value"), values => values.Length);
            Check(by.First("value"), values => values.Length == 0 ? null : values[0]);
            Assert.Equal(groups.Select(group => new[] { group.Key.Item1, group.Key.Item2, (double)group.Count() }), FrameGenerator.RowsOf(by.Size()));

            void Check(DataFrame figures, Func<double[], double?> figure)
            {
                var expected = groups.Select(group => (group.Key, Value: figure([.. group.Select(row => row[3]).OfType<double>()]))).ToArray();
                Assert.Equal(expected.Select(group => group.Key), FrameGenerator.RowsOf(figures).Select(row => (row[0], row[1])));
                foreach (var (group, row) in expected.Zip(FrameGenerator.RowsOf(figures)))
                {
                    if (group.Value is { } value) Assert.Equal(value, (double)row[2]!, Math.Abs(value) * 1e-9 + 1e-9);
                    else Assert.Null(row[2]);
                }
            }
        }).Search();

    [Fact]
    public void Merges_are_those_of_two_nested_loops() =>
        Prop.ForAll<ulong>(seed =>
        {
            var left = FrameGenerator.Frame(seed, 15);
            var right = FrameGenerator.Frame(seed + 1, 15).Rename("k2", "other").Drop("flag");
            var (leftRows, rightRows) = (FrameGenerator.RowsOf(left), FrameGenerator.RowsOf(right));
            foreach (var algorithm in Enum.GetValues<JoinAlgorithm>())
            {
                List<object?[]> expected = [];
                foreach (var l in leftRows)
                {
                    var partners = rightRows.Where(r => l[0] is not null && l[1] is not null && l[0]!.Equals(r[0]) && l[1]!.Equals(r[1])).ToArray();
                    expected.AddRange(partners.Select(r => new[] { l[0], l[1], l[2], l[3], r[1], r[2] }));
                    if (partners.Length == 0 && algorithm is JoinAlgorithm.Left or JoinAlgorithm.FullOuter) expected.Add([l[0], l[1], l[2], l[3], null, null]);
                }

                foreach (var r in rightRows.Where(r => algorithm is JoinAlgorithm.Right or JoinAlgorithm.FullOuter && !leftRows.Any(l => l[0] is not null && l[1] is not null && l[0]!.Equals(r[0]) && l[1]!.Equals(r[1]))))
                    expected.Add([r[0], null, null, null, r[1], r[2]]);
                var merged = left.Merge(right, ["k1", "k2"], ["k1", "other"], joinAlgorithm: algorithm);
                Assert.Equal(["k1", "k2", "flag", "value_left", "other", "value_right"], merged.Columns.Names);
                Assert.Equal(expected, FrameGenerator.RowsOf(merged));
            }
        }).Search();

    [Fact]
    public void Tables_for_training_go_there_and_back() =>
        Prop.ForAll<ulong>(seed =>
        {
            var frame = FrameGenerator.Frame(seed);
            var table = frame.ToTable();
            var categories = Assert.IsType<CategoricalColumn>(table["k2"]).Categories;
            Assert.Equal(categories.Order(StringComparer.Ordinal), categories);
            Assert.Equal(frame["k2"].Distinct(), categories.Count);
            var back = DataFrame.From(table);
            Assert.Equal(FrameGenerator.RowsOf(frame.Drop("flag")), FrameGenerator.RowsOf(back.Drop("flag")));
            Assert.Equal(FrameGenerator.RowsOf(frame).Select(row => row[2] is bool flag ? flag ? 1.0 : 0 : (double?)null), Assert.IsType<DoubleDataFrameColumn>(back["flag"]));
        }).Search();

    [Fact]
    public void A_sample_is_some_rows_in_order_and_each_equally_likely()
    {
        var frame = new DataFrame(DataFrameColumn.Create("x", Enumerable.Range(0, 20)));
        var taken = new int[20];
        for (var draw = 0; draw < 2_000; draw++)
        {
            var sample = Assert.IsType<DoubleDataFrameColumn>(frame.Sample(5)["x"]).Select(x => (int)x!.Value).ToArray();
            Assert.Equal(5, sample.Distinct().Count());
            Assert.Equal(sample.Order(), sample);
            foreach (var row in sample) taken[row]++;
        }

        // 500 expected with a standard deviation of 19.
        Assert.All(taken, count => Assert.InRange(count, 350, 650));
        Assert.Equal(20, frame.Sample(100).Rows.Count);
    }

    [Fact]
    public void Arithmetic_goes_row_by_row_and_what_is_no_number_is_missing()
    {
        var frame = new DataFrame(DataFrameColumn.Create("debt", [10, 20, double.NaN, 5]), DataFrameColumn.Create("income", [4d, 0, 2, 10]), DataFrameColumn.Create("flag", [true, false, true, true]));
        frame["ratio"] = frame["debt"] / frame["income"];
        Assert.Equal([2.5, null, null, 0.5], Assert.IsType<DoubleDataFrameColumn>(frame["ratio"]));
        Assert.Equal([11, 20, null, 6d], (frame["debt"] + frame["flag"]));
        Assert.Equal([-9, -19, null, -4d], 1 - frame["debt"]);
        Assert.Equal([0.1, 0.05, null, 0.2], 1 / frame["debt"]);
        Assert.Equal([1, null, null, null], frame["debt"].Apply(x => x > 10 || x < 10 ? double.PositiveInfinity : Math.Log10(x)));
        Assert.Equal(["debt", "income", "flag", "ratio"], frame.Columns.Names);
        Assert.Equal([true, false, true, false], frame["income"].ElementwiseLessThan(5) & frame["income"].ElementwiseNotEquals(0));
        Assert.Equal([false, false, true, false], frame["debt"].ElementwiseIsNull());
        frame["ratio"] = frame["income"];
        Assert.Equal("ratio", frame.Columns[3].Name);
        var copy = frame.Clone();
        copy.Columns.Remove("debt");
        Assert.True(frame.Columns.Contains("debt"));
        Assert.Equal(1, copy.Columns.IndexOf("flag"));
    }

    [Fact]
    public void A_value_compares_and_calculates_as_what_it_is()
    {
        var frame = DataFrame.LoadCsvFromString("x,t,f\n3,abc,true\n,,\n");
        var (row, empty) = (frame.Rows[0], frame.Rows[1]);
        Assert.True(row["x"] > 2 && row["x"] + 1 == 4 && row["t"] == "abc" && row["t"] != "x" && row["f"] && row["x"] == row["x"] && row["t"] < frame.Rows[0]["t"] == false);
        Assert.False(empty["x"] > 2 || empty["x"] <= 2 || empty["x"] == empty["x"] || empty["f"] || empty["t"] == "abc");
        Assert.True(empty["x"].IsMissing && empty["x"] == (string?)null && double.IsNaN(empty["x"]) && empty["x"].Equals(empty["t"]));
        Assert.Equal("3 abc true ", $"{row["x"]} {row["t"]} {row["f"]} {empty["x"]}");
        Assert.Throws<FrameException>(() => row["t"] > 2);
        Assert.Equal(["3", "abc", "True"], row.Select(value => $"{value}"));
    }

    [Fact]
    public void Mistakes_are_sentences_that_say_what_was_meant()
    {
        using var english = new Language("en");
        var frame = DataFrame.LoadCsvFromString("income,sector\n1,a\n2,b\n");
        Assert.Equal("There is no column \"incone\". Did you mean \"income\"?", Refused(() => frame["incone"]));
        Assert.Equal("There is no column \"nosuch\". There are: income, sector.", Refused(() => frame["nosuch"]));
        Assert.Equal("Column \"sector\" holds text; this needs numbers, or true and false.", Refused(() => frame["sector"].Mean()));
        Assert.Contains("\"y\" has 1 rows, but 2 are needed", Refused(() => frame["y"] = DataFrameColumn.Create("y", [1.0])), StringComparison.Ordinal);
        Assert.Contains("\"income\" holds number, but column \"sector\" holds text", Refused(() => frame.Merge(frame, ["income"], ["sector"])), StringComparison.Ordinal);
        Assert.Contains("There is no row 2", Refused(() => frame[2, 0]), StringComparison.Ordinal);
        Assert.Contains("pages go from 1 to 1", Refused(() => frame.Page(2)), StringComparison.Ordinal);
        Assert.Contains("already", Refused(() => frame.Select("income", "income")), StringComparison.Ordinal);
        foreach (var wrong in (Func<object?>[])[() => frame.Head(-1), () => frame.Tail(-1), () => frame.Tail(int.MinValue), () => frame.Sample(-1)]) Assert.Contains("rows to take", Refused(wrong), StringComparison.Ordinal);
        Assert.Contains("-2 rows", Refused(() => DataFrame.LoadCsvFromString("a\n1\n", numRows: -2)), StringComparison.Ordinal);
        Assert.Contains("quantile 1.5", Refused(() => frame["income"].Quantile(1.5)), StringComparison.Ordinal);
        Assert.Contains("at least 1", Refused(() => Notebook.Plots.Plot.FeatureImportance([("a", 1.0)], most: 0)), StringComparison.Ordinal);
        using var chinese = new Language("zh-CN");
        Assert.Equal("没有名为“incone”的列。您是指“income”吗？", Refused(() => frame["incone"]));

        static string Refused(Func<object?> act) => Assert.Throws<FrameException>(() => { act(); }).Message;
    }

    [Fact]
    public void Records_become_rows()
    {
        var frame = DataFrame.FromRecords([new Loan(1, "a", 2.5m, true, new DateOnly(2024, 1, 31), DayOfWeek.Friday, 9_007_199_254_740_993), new Loan(2, null, null, false, default, default, 1)]);
        Assert.Equal([typeof(double), typeof(string), typeof(double), typeof(bool), typeof(string), typeof(string), typeof(string)], frame.Columns.Select(column => column.DataType));
        Assert.Equal([1.0, "a", 2.5, true, "2024-01-31", "Friday", "9007199254740993"], FrameGenerator.RowsOf(frame)[0]);
        Assert.Equal([2.0, null, null, false], FrameGenerator.RowsOf(frame)[1][..4]);
    }

    private sealed record Loan(int Id, string? Name, decimal? Rate, bool Open, DateOnly Day, DayOfWeek Weekday, long Key);
}
